import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { registerWorkflows, workflowSpec } from '@tramontane/testkit/registered-workflows'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { testTemporal } from '@tramontane/testkit/test-temporal'
import pg from 'pg'
import { namespaceOfWorkspace } from '../../platform/temporal/namespaces.ts'
import { TemporalConnection } from '../../platform/temporal/temporal-connection.ts'
import { plainPayload } from '../../platform/temporal/workflow-calls.ts'

const PATH = '/v1/workflows/schedules'
const HOURLY = { intervals: [{ every: 'PT1H' }] }

describe('schedules of which Temporal and the database say different things', () => {
  let server: TestServer
  let database: pg.Client
  let temporal: TemporalConnection
  let namespace: string

  before(async () => {
    server = await startTestServer({ temporalAddress: testTemporal() })
    database = new pg.Client(server.databaseUrl)
    await database.connect()
    temporal = new TemporalConnection({ address: testTemporal(), tls: null, apiKey: null })
    const workspace = (await server.call('GET', '/v1/workspaces')).body.workspaces[0].id
    namespace = namespaceOfWorkspace(workspace)
    await registerWorkflows(server, [workflowSpec('forecast')], { deployment: 'weather' })
  })
  after(async () => {
    await temporal.close()
    await database.end()
    await server.close()
  })

  const make = async (id: string, schedule: object = HOURLY) => {
    const body = {
      schedule: { input: { city: 'Oslo' }, ...schedule },
      schedule_id: id,
      workflow_identifier: 'forecast',
    }
    assert.equal((await server.call('POST', PATH, { body })).status, 201)
  }
  const ids = async (query = ''): Promise<string[]> =>
    (await server.call('GET', `${PATH}?${query}`)).body.schedules.map(
      ({ schedule_id }: { schedule_id: string }) => schedule_id,
    )
  const rows = async (): Promise<string[]> =>
    (await database.query('select id from workflow_schedules order by id')).rows.map(({ id }) => id)

  it('are listed again when only Temporal has them, with everything that was known', async () => {
    await make('kept', { ...HOURLY, cron_expressions: ['0 12 * * *'] })
    const before = (await server.call('GET', `${PATH}/kept`)).body
    await database.query('delete from workflow_schedules')
    assert.deepEqual(await eventually(async () => (await ids('user_id=current')).length && ids()), ['kept'])
    assert.deepEqual(await rows(), ['kept'])
    const { future_executions: _, ...after } = (await server.call('GET', `${PATH}/kept`)).body
    assert.deepEqual({ ...after, future_executions: before.future_executions }, before)
    await database.query('delete from workflow_schedules')
    assert.equal((await server.call('GET', `${PATH}/kept`)).status, 200)
    assert.deepEqual(await rows(), ['kept'])
  })

  it('are gone when Temporal has them no more', async () => {
    for (const id of ['gone-1', 'gone-2', 'gone-3']) {
      await make(id)
      await temporal.workflowService.deleteSchedule({ namespace, scheduleId: id })
    }
    assert.equal((await server.call('GET', `${PATH}/gone-1`)).body.code, 'WF_1201')
    assert.equal((await server.call('POST', `${PATH}/gone-2/pause`)).body.code, 'WF_1201')
    assert.deepEqual(await rows(), ['gone-3', 'kept'])
    assert.deepEqual(await ids(), ['kept'])
    assert.deepEqual(await rows(), ['kept'])
    await make('gone-1')
    assert.equal((await server.call('DELETE', `${PATH}/gone-1`)).status, 204)
  })

  it('that were made elsewhere can be read, changed and deleted, and keep what cannot be said here', async () => {
    await temporal.workflowService.createSchedule({
      namespace,
      scheduleId: 'foreign',
      requestId: 'one',
      schedule: {
        spec: { cronString: ['30 6 * * 1'], timezoneName: 'Europe/Oslo' },
        action: {
          startWorkflow: {
            workflowId: 'made-elsewhere',
            workflowType: { name: 'forecast' },
            taskQueue: { name: 'weather' },
            input: { payloads: [plainPayload({ city: 'Bergen' })] },
            memo: { fields: { mine: plainPayload('kept') } },
          },
        },
      },
    })
    const read = async () => (await server.call('GET', `${PATH}/foreign`)).body
    const found = await read()
    assert.deepEqual(found.input, { city: 'Bergen' })
    assert.deepEqual(found.calendars[0].hour, [{ start: 6, end: 6, step: 1 }])
    assert.equal(found.time_zone_name, 'Europe/Oslo')
    const changed = await server.call('PATCH', `${PATH}/foreign`, { body: { schedule: { jitter: 'PT1M' } } })
    assert.equal(changed.status, 200)
    assert.deepEqual(
      { ...(await read()), future_executions: 0 },
      { ...found, jitter: 'PT1M', future_executions: 0 },
    )
    const { schedule } = await temporal.workflowService.describeSchedule({ namespace, scheduleId: 'foreign' })
    assert.ok(schedule?.action?.startWorkflow?.memo?.fields?.mine)
    assert.equal(schedule.action.startWorkflow.workflowId, 'made-elsewhere')
    assert.equal((await server.call('DELETE', `${PATH}/foreign`)).status, 204)
  })
})

describe('schedules that code declares', () => {
  let server: TestServer

  before(async () => {
    server = await startTestServer({ temporalAddress: testTemporal() })
  })
  after(() => server.close())

  const register = (schedules: object[], changes: object = {}, deployment = 'weather', name = 'forecast') =>
    registerWorkflows(server, [workflowSpec(name, { schedules, ...changes })], { deployment })
  const list = async () => {
    const answer = await server.call('GET', PATH)
    return new Map<string, Record<string, never>>(
      answer.body.schedules.map((schedule: { schedule_id: string }) => [schedule.schedule_id, schedule]),
    )
  }
  const morning = {
    input: { city: 'Paris' },
    cron_expressions: ['0 6 * * *'],
    schedule_id: 'morning',
    policy: { catchup_window_seconds: 60, overlap: 1, pause_on_failure: false },
    calendars: [],
    intervals: [{ every: 'PT1H', offset: null }],
    skip: [],
    start_at: null,
    end_at: null,
    jitter: null,
    time_zone_name: null,
    max_executions: 4,
  }
  const nameless = { input: { city: 'Rome' }, intervals: [{ every: 'P1D' }] }

  it('are made, changed and removed with it', async () => {
    await register([morning, nameless])
    const made = await list()
    assert.deepEqual([...made.keys()].sort(), ['forecast-weather-2', 'morning'])
    assert.deepEqual(made.get('morning')!.cron_expressions, morning.cron_expressions)
    assert.equal(made.get('morning')!.deployment_name, 'weather')
    await server.call('POST', `${PATH}/morning/pause`, { body: { note: 'by hand' } })
    await server.call('PATCH', `${PATH}/morning`, { body: { schedule: { max_executions: 2 } } })
    // The same again changes nothing, another time of day does.
    await register([morning, nameless])
    await register([{ ...morning, cron_expressions: ['0 7 * * *'], max_executions: 2 }])
    const changed = await list()
    assert.deepEqual([...changed.keys()], ['morning'])
    assert.deepEqual(changed.get('morning')!.cron_expressions, ['0 7 * * *'])
    assert.deepEqual(
      [
        changed.get('morning')!.paused,
        changed.get('morning')!.note,
        changed.get('morning')!.remaining_executions,
      ],
      [true, 'by hand', 2],
    )
    await register([])
    assert.deepEqual([...(await list()).keys()], [])
  })

  it('go to the deployment that declares them last, and take nobody else’s', async () => {
    await register([morning], {}, 'blue')
    await register([morning], {}, 'green')
    assert.equal((await list()).get('morning')!.deployment_name, 'green')
    const taken = await server.call('POST', '/v1/workflows/register', {
      body: {
        definitions: [workflowSpec('other', { schedules: [morning] })],
        deployment_name: 'green',
        worker_name: 'w',
      },
    })
    assert.deepEqual([taken.status, taken.body.code], [409, 'WF_1202'])
    assert.equal((await list()).get('morning')!.workflow_name, 'forecast')
  })

  it('are refused in a sentence when they make no sense', async () => {
    const refused = async (schedule: object) => {
      const answer = await server.call('POST', '/v1/workflows/register', {
        body: {
          definitions: [workflowSpec('broken', { schedules: [schedule] })],
          deployment_name: 'red',
          worker_name: 'w',
        },
      })
      return [answer.status, answer.body.code, answer.body.detail]
    }
    const [status, code, detail] = await refused({ ...nameless, cron_expressions: ['nonsense'] })
    assert.deepEqual([status, code], [422, 'WF_1200'])
    assert.match(detail, /CronString/)
    assert.match(
      (await refused({ ...nameless, intervals: [{ every: 'x' }] }))[2],
      /schedule 1 of broken .*every/,
    )
    assert.equal((await refused({ ...nameless, input: { city: 1 } }))[1], 'WORKFLOW_INPUT_INVALID')
  })
})

describe('schedules without an engine', () => {
  it('answer 503 with what is missing', async () => {
    const server = await startTestServer()
    try {
      await registerWorkflows(server, [workflowSpec('forecast')])
      const body = { schedule: { ...HOURLY, input: { city: 'x' } }, workflow_identifier: 'forecast' }
      for (const [method, path, sent] of [
        ['GET', PATH, undefined],
        ['POST', PATH, body],
        ['GET', `${PATH}/x`, undefined],
        ['DELETE', `${PATH}/x`, undefined],
      ] as const) {
        const answer = await server.call(method, path, { body: sent })
        assert.deepEqual([answer.status, answer.body.code], [503, 'TEMPORAL_UNAVAILABLE'])
        assert.match(answer.body.detail, /TRAMONTANE_TEMPORAL_ADDRESS/)
      }
    } finally {
      await server.close()
    }
  })
})
