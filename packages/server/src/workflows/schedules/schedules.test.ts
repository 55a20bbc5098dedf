import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { registerWorkflows, workflowSpec } from '@tramontane/testkit/registered-workflows'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { testTemporal } from '@tramontane/testkit/test-temporal'

const PATH = '/v1/workflows/schedules'
const HOURLY = { intervals: [{ every: 'PT1H' }] }
const input = { city: 'Paris' }

describe('schedules', () => {
  let server: TestServer
  let registrationId: string

  before(async () => {
    server = await startTestServer({ temporalAddress: testTemporal() })
    const registered = await registerWorkflows(server, [workflowSpec('forecast'), workflowSpec('report')], {
      deployment: 'weather',
    })
    registrationId = registered.workflow_registration_refs[0]!.workflow_registration_id
  })
  after(() => server.close())

  const post = (body: unknown, key?: string) => server.call('POST', PATH, { body, ...(key ? { key } : {}) })
  const make = async (schedule: object = HOURLY, more: object = {}): Promise<string> => {
    const answer = await post({
      schedule: { input, ...schedule },
      workflow_identifier: 'forecast',
      ...more,
    })
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
    return answer.body.schedule_id
  }
  const get = async (id: string) => {
    const answer = await server.call('GET', `${PATH}/${encodeURIComponent(id)}`)
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return answer.body
  }

  it('are kept as they were given, with what they will do', async () => {
    const definition = {
      input,
      calendars: [
        {
          hour: [{ start: 9, end: 17, step: 2 }],
          day_of_week: [{ start: 1, end: 5 }],
          minute: [{ start: 30, end: 5 }],
          year: [{ start: 2040 }],
          comment: 'office hours',
        },
      ],
      intervals: [{ every: 'P1DT12H', offset: 'PT30M' }],
      cron_expressions: ['0 12 * * MON-FRI', '@weekly'],
      skip: [{ day_of_month: [{ start: 1, end: 1 }] }],
      start_at: '2035-01-01T00:00:00+01:00',
      end_at: '2045-01-01T00:00:00Z',
      jitter: 'PT10S',
      time_zone_name: 'Europe/Paris',
      policy: { overlap: 3, catchup_window_seconds: 3_600, pause_on_failure: true },
      max_executions: 5,
      schedule_id: 'office',
    }
    assert.equal(await make(definition, { deployment_name: 'weather' }), 'office')
    const { future_executions, ...stored } = await get('office')
    const whole = { start: 0, end: 0, step: 0 }
    assert.deepEqual(stored, {
      schedule_id: 'office',
      input,
      calendars: [
        {
          second: [whole],
          minute: [{ start: 30, end: 5, step: 0 }],
          hour: [{ start: 9, end: 17, step: 2 }],
          day_of_month: [{ start: 1, end: 31, step: 0 }],
          month: [{ start: 1, end: 12, step: 0 }],
          year: [{ start: 2040, end: 0, step: 0 }],
          day_of_week: [{ start: 1, end: 5, step: 0 }],
          comment: 'office hours',
        },
      ],
      intervals: definition.intervals,
      cron_expressions: definition.cron_expressions,
      skip: [
        {
          second: [whole],
          minute: [whole],
          hour: [whole],
          day_of_month: [{ start: 1, end: 1, step: 0 }],
          month: [{ start: 1, end: 12, step: 0 }],
          year: [],
          day_of_week: [{ start: 0, end: 6, step: 0 }],
        },
      ],
      start_at: definition.start_at,
      end_at: definition.end_at,
      jitter: 'PT10S',
      time_zone_name: 'Europe/Paris',
      policy: definition.policy,
      remaining_executions: 5,
      workflow_name: 'forecast',
      deployment_name: 'weather',
      paused: false,
      note: null,
      recent_executions: [],
    })
    assert.equal(future_executions.length, 5)
    for (const { scheduled_at } of future_executions) assert.match(scheduled_at, /^2035-01-/)
  })

  it('have what was left out, and an id of their own', async () => {
    const stored = await get(await make({ cron_expressions: ['*/5 * * * *'] }))
    assert.match(stored.schedule_id, /^[0-9a-f-]{36}$/)
    assert.deepEqual(stored.policy, {
      catchup_window_seconds: 31_536_000,
      overlap: 1,
      pause_on_failure: false,
    })
    assert.deepEqual([stored.calendars, stored.intervals, stored.skip], [[], [], []])
    assert.equal(stored.remaining_executions, null)
    assert.equal(stored.future_executions.length, 10)
  })

  it('start executions, now and in time, with their input', async () => {
    const id = await make({ ...HOURLY, max_executions: 3 })
    assert.equal((await server.call('POST', `${PATH}/${id}/trigger`)).status, 204)
    const [recent] = await eventually(async () => {
      const { recent_executions } = await get(id)
      return recent_executions.length > 0 && recent_executions
    })
    assert.ok(recent.execution_id.startsWith(`${id}-2`), recent.execution_id)
    assert.ok(Math.abs(Date.parse(recent.started_at) - Date.now()) < 60_000)
    const often = await make({ intervals: [{ every: 'PT1S' }], policy: { overlap: 6 }, max_executions: 2 })
    const done = await eventually(async () => {
      const schedule = await get(often)
      return schedule.remaining_executions === 0 && schedule.recent_executions.length === 2 && schedule
    })
    assert.deepEqual(done.future_executions, [])
    assert.ok(done.recent_executions[0].scheduled_at < done.recent_executions[1].scheduled_at)
    await server.call('DELETE', `${PATH}/${often}`)
  })

  it('are of a workflow by name, by id, or of a registration, under either name of it', async () => {
    const found = await server.call('GET', '/v1/workflows/forecast')
    for (const target of [
      { workflow_identifier: found.body.workflow.id },
      { workflow_identifier: undefined, workflow_registration_id: registrationId },
      { workflow_identifier: undefined, workflow_version_id: registrationId },
      { workflow_identifier: null, workflow_registration_id: registrationId, workflow_task_queue: 'weather' },
    ]) {
      const stored = await get(await make(HOURLY, target))
      assert.deepEqual([stored.workflow_name, stored.deployment_name], ['forecast', 'weather'])
    }
  })

  it('are refused when they are not clear', async () => {
    const nobody = '01920000-0000-7000-8000-000000000000'
    const wrong: [object, number, string?][] = [
      [{ schedule: { input } }, 422],
      [
        { schedule: { input }, workflow_identifier: 'forecast', workflow_registration_id: registrationId },
        422,
      ],
      [{ schedule: {}, workflow_identifier: 'forecast' }, 422],
      [{ schedule: { input }, workflow_identifier: 'nobody' }, 404, 'WORKFLOW_NOT_FOUND'],
      [{ schedule: { input }, workflow_registration_id: nobody }, 404, 'WORKFLOW_REGISTRATION_NOT_FOUND'],
      [
        { schedule: { input }, workflow_identifier: 'forecast', deployment_name: 'nowhere' },
        404,
        'DEPLOYMENT_NOT_FOUND',
      ],
      [{ schedule: { input, schedule_id: 'a' }, schedule_id: 'b', workflow_identifier: 'forecast' }, 422],
      [{ schedule: { input }, schedule_id: '..', workflow_identifier: 'forecast' }, 422],
      [{ schedule: { input }, schedule_id: 'x'.repeat(201), workflow_identifier: 'forecast' }, 422],
      [{ schedule: { input }, schedule_id: 'é'.repeat(101), workflow_identifier: 'forecast' }, 422],
    ]
    for (const [body, status, code] of wrong) {
      const answer = await post(body)
      assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify(body))
    }
  })

  it('are refused with the words of Temporal, or of the schema, when their times make no sense', async () => {
    const ofTemporal: [object, RegExp][] = [
      [{ cron_expressions: ['nonsense'] }, /CronString does not have 5-7 fields/],
      [{ cron_expressions: ['99 * * * *'] }, /Minute is not in range/],
      [{ cron_expressions: ['0 0 * * *'], time_zone_name: 'Mars/Base' }, /unknown time zone Mars\/Base/],
      [{ calendars: [{ year: [{ start: 1999 }] }] }, /Year .*not in range/],
      [{ intervals: [{ every: 'PT0.2S' }] }, /interval is too small/],
    ]
    for (const [schedule, sentence] of ofTemporal) {
      const answer = await post({ schedule: { input, ...schedule }, workflow_identifier: 'forecast' })
      assert.deepEqual([answer.status, answer.body.code], [422, 'WF_1200'], JSON.stringify(answer.body))
      assert.match(answer.body.detail, sentence)
    }
    const ofSchema: [object, string][] = [
      [{ intervals: [{ every: 'an hour' }] }, 'every'],
      [{ intervals: [{ every: '-PT1H' }] }, 'every'],
      [{ jitter: 'P' }, 'jitter'],
      [{ policy: { overlap: 7 } }, 'overlap'],
      [{ policy: { overlap: 0 } }, 'overlap'],
      [{ policy: { catchup_window_seconds: -1 } }, 'catchup_window_seconds'],
      [{ max_executions: -1 }, 'max_executions'],
      [{ max_executions: 1.5 }, 'max_executions'],
      [{ start_at: 'tomorrow' }, 'start_at'],
      [{ calendars: [{ hour: 9 }] }, 'hour'],
      [{ calendars: [{ hour: [{ start: 24 }] }] }, 'start'],
      [{ skip: [{ hour: [{ start: -5 }] }] }, 'start'],
      [{ cron_expressions: Array(101).fill('* * * * *') }, 'cron_expressions'],
      [{ cron_expressions: ['\0'] }, '0'],
    ]
    for (const [schedule, place] of ofSchema) {
      const answer = await post({ schedule: { input, ...schedule }, workflow_identifier: 'forecast' })
      assert.equal(answer.status, 422, JSON.stringify(schedule))
      assert.equal(answer.body.detail[0].loc.at(-1).toString(), place, JSON.stringify(answer.body))
    }
  })

  it('take the input that their workflow takes', async () => {
    const bad = await post({ schedule: { ...HOURLY, input: { town: 1 } }, workflow_identifier: 'forecast' })
    assert.deepEqual([bad.status, bad.body.code], [422, 'WORKFLOW_INPUT_INVALID'])
    const encoded = {
      b64payload: Buffer.from('secret').toString('base64'),
      encoding_options: ['encrypted'],
      empty: false,
    }
    const id = await make({ ...HOURLY, input: encoded })
    assert.deepEqual((await get(id)).input, {
      b64payload: encoded.b64payload,
      encoding_options: ['encrypted'],
    })
    const change = (changed: unknown) =>
      server.call('PATCH', `${PATH}/${id}`, { body: { schedule: { input: changed } } })
    assert.equal((await change({ city: 5 })).body.code, 'WORKFLOW_INPUT_INVALID')
    assert.equal((await change({ city: 'Rome' })).status, 200)
    assert.deepEqual((await get(id)).input, { city: 'Rome' })
  })

  it('keep an input byte for byte that a change does not name', async () => {
    const b64payload = Buffer.from('{"city":"Paris","order":9007199254740993}').toString('base64')
    const id = await make({ ...HOURLY, input: { b64payload, encoding_options: [] } })
    await server.call('PATCH', `${PATH}/${id}`, { body: { schedule: { jitter: 'PT5S' } } })
    for (const target of [`${PATH}/${id}`, PATH]) {
      const headers = { authorization: `Bearer ${server.key}` }
      const text = await (await fetch(new URL(target, server.url), { headers })).text()
      assert.match(text, /"order":9007199254740993\}/)
    }
  })

  it('have ids that are given once', async () => {
    const id = await make(HOURLY, { schedule_id: 'twice' })
    const again = await post({
      schedule: { input, ...HOURLY },
      workflow_identifier: 'forecast',
      schedule_id: id,
    })
    assert.deepEqual([again.status, again.body.code], [409, 'WF_1202'])
    assert.equal((await server.call('DELETE', `${PATH}/${id}`)).status, 204)
    assert.equal(await make(HOURLY, { schedule_id: 'twice' }), id)
    const odd = 'every day / à midi, 100 %'
    assert.equal(await make(HOURLY, { schedule_id: odd }), odd)
    assert.equal((await get(odd)).schedule_id, odd)
  })

  it('are changed in part', async () => {
    const id = await make({
      ...HOURLY,
      cron_expressions: ['0 12 * * *'],
      time_zone_name: 'Europe/Paris',
      jitter: 'PT5S',
      max_executions: 3,
      policy: { overlap: 2, pause_on_failure: true },
    })
    const before = await get(id)
    const patch = async (schedule: object) => {
      const answer = await server.call('PATCH', `${PATH}/${id}`, { body: { schedule } })
      assert.deepEqual([answer.status, answer.body], [200, { schedule_id: id }])
      return get(id)
    }
    assert.deepEqual({ ...(await patch({})), future_executions: 0 }, { ...before, future_executions: 0 })
    const changed = await patch({
      intervals: [],
      jitter: null,
      max_executions: null,
      policy: { overlap: 6 },
    })
    assert.deepEqual(
      { ...changed, future_executions: 0 },
      {
        ...before,
        intervals: [],
        jitter: null,
        remaining_executions: null,
        policy: { ...before.policy, overlap: 6 },
        future_executions: 0,
      },
    )
    for (const { scheduled_at } of changed.future_executions) assert.match(scheduled_at, /T1[01]:00:00/)
    const bad = await server.call('PATCH', `${PATH}/${id}`, {
      body: { schedule: { cron_expressions: ['x'], jitter: 'PT1S' } },
    })
    assert.deepEqual([bad.status, bad.body.code], [422, 'WF_1200'])
    assert.deepEqual(await get(id), changed)
  })

  it('lose no change when many are made at once', async () => {
    const id = await make()
    const changes = [
      { jitter: 'PT7S' },
      { time_zone_name: 'Europe/Rome' },
      { cron_expressions: ['1 1 1 1 *'] },
      { policy: { overlap: 4 } },
    ]
    const answers = await Promise.all(
      changes.map((schedule) => server.call('PATCH', `${PATH}/${id}`, { body: { schedule } })),
    )
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200],
    )
    const stored = await get(id)
    assert.equal(stored.jitter, 'PT7S')
    assert.equal(stored.time_zone_name, 'Europe/Rome')
    assert.deepEqual(stored.cron_expressions, ['1 1 1 1 *'])
    assert.equal(stored.policy.overlap, 4)
    assert.deepEqual(stored.intervals, HOURLY.intervals)
  })

  it('can be paused and resumed, with a note or without', async () => {
    const id = await make()
    const act = async (what: string, body?: unknown) => {
      const answer = await server.call('POST', `${PATH}/${id}/${what}`, body === undefined ? {} : { body })
      assert.equal(answer.status, 204, JSON.stringify(answer.body))
      const { paused, note } = await get(id)
      return [paused, note]
    }
    assert.deepEqual(await act('pause', { note: 'too hot' }), [true, 'too hot'])
    assert.deepEqual(await act('pause'), [true, 'Paused.'])
    await server.call('PATCH', `${PATH}/${id}`, { body: { schedule: { jitter: 'PT1S' } } })
    assert.equal((await get(id)).paused, true)
    assert.deepEqual(await act('resume', null), [false, 'Resumed.'])
    assert.deepEqual(await act('resume', { note: null }), [false, 'Resumed.'])
    assert.deepEqual(await act('resume', { note: 'cooler' }), [false, 'cooler'])
  })

  it('are listed newest first, page by page, by workflow, user and state', async () => {
    const key = await server.makeKey('member', 'lists')
    await registerWorkflows(server, [workflowSpec('alpha'), workflowSpec('alphabet'), workflowSpec('beta')], {
      key,
    })
    const ids: string[] = []
    for (const name of ['alpha', 'alphabet', 'beta', 'alpha', 'beta']) {
      const answer = await post({ schedule: { input, ...HOURLY }, workflow_identifier: name }, key)
      ids.unshift(answer.body.schedule_id)
    }
    await server.call('POST', `${PATH}/${ids[1]}/pause`, { key })
    const list = async (query: string) => {
      const answer = await server.call('GET', `${PATH}?${query}`, { key })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      return answer.body as {
        schedules: { schedule_id: string; workflow_name: string }[]
        next_page_token: string | null
      }
    }
    const idsOf = async (query: string) => (await list(query)).schedules.map(({ schedule_id }) => schedule_id)
    assert.deepEqual(await idsOf(''), ids)
    assert.deepEqual(await idsOf('workflow_name=alpha'), [ids[1], ids[4]])
    assert.deepEqual(await idsOf('search=Alpha'), [ids[1], ids[3], ids[4]])
    assert.deepEqual(await idsOf('search=%25'), [])
    assert.deepEqual(await idsOf('status=paused'), [ids[1]])
    assert.deepEqual(await idsOf('status=active&workflow_name=alpha'), [ids[4]])
    assert.deepEqual(await idsOf('user_id=current'), ids)
    assert.deepEqual(await idsOf('user_id=somebody'), [])
    const first = await list('page_size=2')
    const second = await list(`page_size=2&next_page_token=${first.next_page_token}`)
    const third = await list(`page_size=2&next_page_token=${second.next_page_token}`)
    assert.deepEqual(
      [first, second, third].flatMap(({ schedules }) => schedules.map(({ schedule_id }) => schedule_id)),
      ids,
    )
    assert.equal(third.next_page_token, null)
    assert.equal((await list('page_size=5')).next_page_token, null)
    for (const query of ['page_size=0', 'page_size=1001', 'status=x', 'next_page_token=x'])
      assert.equal((await server.call('GET', `${PATH}?${query}`, { key })).status, 422, query)
  })

  it('are not found by what can be no id', async () => {
    for (const id of ['nobody', '%00', 'x'.repeat(400), '%F0%9F%92%A9', '%2F'])
      for (const [method, what] of [
        ['GET', ''],
        ['DELETE', ''],
        ['POST', '/pause'],
      ] as const) {
        const answer = await server.call(method, `${PATH}/${id}${what}`)
        assert.deepEqual([answer.status, answer.body.code], [404, 'WF_1201'], `${method} ${id}${what}`)
      }
  })

  it('are the workspace’s own, and each role may do its part', async () => {
    const id = await make()
    const foreign = await server.makeKey('admin', 'another team')
    const calls: [string, string, unknown?][] = [
      ['GET', `${PATH}/${id}`],
      ['PATCH', `${PATH}/${id}`, { schedule: { jitter: 'PT1S' } }],
      ['POST', `${PATH}/${id}/pause`],
      ['POST', `${PATH}/${id}/resume`],
      ['POST', `${PATH}/${id}/trigger`],
      ['DELETE', `${PATH}/${id}`],
    ]
    for (const [method, path, body] of calls) {
      const answer = await server.call(method, path, { key: foreign, body })
      assert.deepEqual([answer.status, answer.body.code], [404, 'WF_1201'], `${method} ${path}`)
    }
    assert.deepEqual((await server.call('GET', PATH, { key: foreign })).body.schedules, [])
    const reader = await server.makeKey('read')
    const worker = await server.makeKey('worker')
    for (const [method, path, body] of calls) {
      assert.equal((await server.call(method, path, { key: worker, body })).status, 403)
      const expected = method === 'GET' ? 200 : 403
      assert.equal((await server.call(method, path, { key: reader, body })).status, expected, method)
    }
    assert.equal((await get(id)).paused, false)
  })
})
