import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { sentWorkflowEvent, workflowEventTypes } from '@tramontane/testkit/sample-workflow-events'
import { StreamReader } from '@tramontane/testkit/stream-reader'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'

const EVENTS = '/v1/workflows/events'
const BATCH = '/v1/workflows/events/batch'
const LIST = '/v1/workflows/events/list'

describe('events that workers send', () => {
  let server: TestServer
  let worker: string

  before(async () => {
    server = await startTestServer()
    worker = await server.makeKey('worker')
  })
  after(() => server.close())

  const send = (event: unknown) => server.call('POST', EVENTS, { body: { event }, key: worker })
  const sendAll = (events: unknown) => server.call('POST', BATCH, { body: { events }, key: worker })
  const list = async (query: string) => {
    const { status, body } = await server.call('GET', `${LIST}?${query}`)
    assert.equal(status, 200, JSON.stringify(body))
    return body as { events: Record<string, unknown>[]; next_cursor: string | null }
  }
  const ofExecution = async (id: string) => (await list(`workflow_exec_id=${id}`)).events

  it('are stored and listed with every member, whatever their type', async () => {
    const events = workflowEventTypes.map((type) =>
      sentWorkflowEvent(type, { workflow_exec_id: 'every-type' }),
    )
    const { status, body } = await sendAll(events)
    assert.deepEqual([status, body], [200, { status: 'success', events_received: events.length }])
    assert.deepEqual(await ofExecution('every-type'), events)
  })

  it('are acknowledged one by one too', async () => {
    const event = sentWorkflowEvent('CUSTOM_TASK_STARTED', { workflow_exec_id: 'single' })
    const { status, body } = await send(event)
    assert.deepEqual([status, body], [200, { status: 'success' }])
    assert.deepEqual(await ofExecution('single'), [event])
  })

  it('keep every digit and every character, and the members that nobody here knows', async () => {
    const { event_timestamp: _, ...event } = sentWorkflowEvent('CUSTOM_TASK_COMPLETED', {
      workflow_exec_id: 'spelling',
      chain_run_id: 'chain',
      metadata: { tenant: 'a' },
    })
    const payload =
      '{"type":"json","value":{"big":123456789012345678901,"exact":1.0,"nul":"\\u0000","half":"\\ud800","__proto__":1}}'
    const attributes = `{"custom_task_id":"t","custom_task_type":"token","payload":${payload},"more":[]}`
    const text = JSON.stringify({ ...event, attributes: 0 }).replace(
      '"attributes":0',
      `"attributes":${attributes}`,
    )
    const body = `{"event":${text.slice(0, -1)}\n,"event_timestamp" : 1756000000123456789}}`
    const { status } = await server.call('POST', EVENTS, {
      body,
      key: worker,
      headers: { 'content-type': 'application/json' },
    })
    assert.equal(status, 200)
    const answer = await fetch(`${server.url}${LIST}?workflow_exec_id=spelling`, {
      headers: { authorization: `Bearer ${server.key}` },
    })
    const answered = await answer.text()
    assert.ok(answered.includes(`"attributes":${attributes}`), answered)
    assert.ok(answered.includes('"event_timestamp":1756000000123456789'), answered)
    assert.ok(answered.includes('"chain_run_id":"chain"'), answered)
    const stream = await StreamReader.open(`${server.url}${EVENTS}/stream?workflow_exec_id=spelling`, server)
    const [frame] = await stream.has(1)
    stream.close()
    assert.deepEqual(frame!.data.metadata, { tenant: 'a' })
    assert.equal(frame!.data.data.attributes.payload.value.half, '\ud800')
  })

  it('may be encrypted, whole or in part, and are given back so', async () => {
    const patch = (value: unknown, encoding: string) => ({
      payload: { type: 'json_patch', value, encoding_options: [encoding] },
    })
    const part = { op: 'append', path: '/text', value: { type: '__encrypted__', value: 'AAEC' } }
    const events = [patch('AAEC', 'encrypted'), patch([part], 'encrypted-partial')].map((attributes) =>
      sentWorkflowEvent('CUSTOM_TASK_IN_PROGRESS', { workflow_exec_id: 'secret', attributes }),
    )
    assert.equal((await sendAll(events)).body.events_received, 2)
    assert.deepEqual(await ofExecution('secret'), events)
  })

  it('may say their time in other ways than as an integer', async () => {
    const times = ['1756000000123456789', '2025-08-24T01:46:40.123456789Z', 1756000000123456800]
    const events = times.map((event_timestamp) =>
      sentWorkflowEvent('CUSTOM_TASK_CANCELED', { workflow_exec_id: 'times', event_timestamp }),
    )
    assert.equal((await sendAll(events)).body.status, 'success')
    for (const { event_timestamp } of await ofExecution('times'))
      assert.equal(event_timestamp, 1756000000123456800)
  })

  it('get what clients insist on where the worker left it out', async () => {
    const sent = sentWorkflowEvent('CUSTOM_TASK_FAILED', { workflow_exec_id: 'sparse' })
    const {
      continued_run_id: _1,
      first_execution_run_id: _2,
      schedule_id: _3,
      parent_workflow_exec_id: _4,
      ...sparse
    } = sent
    assert.equal((await send(sparse)).status, 200)
    assert.deepEqual(await ofExecution('sparse'), [sent])
  })

  it('count once, whether they are sent again as they are or as another report of the same', async () => {
    const common = { workflow_exec_id: 'twice', workflow_run_id: 'run' }
    const started = sentWorkflowEvent('WORKFLOW_EXECUTION_STARTED', common)
    const retrying = sentWorkflowEvent('ACTIVITY_TASK_RETRYING', { ...common, attributes: { task_id: '7' } })
    const token = sentWorkflowEvent('CUSTOM_TASK_IN_PROGRESS', common)
    const first = [started, retrying, token, started]
    const again = [
      token,
      { ...started, event_id: 'other-1' },
      { ...retrying, event_id: 'other-2' },
      { ...token, event_id: 'another token' },
      { ...retrying, event_id: 'other-3', attributes: { ...retrying.attributes, attempt: 2 } },
      { ...started, event_id: 'other-4', workflow_run_id: 'another run' },
    ]
    for (const events of [first, again, again]) {
      const { body } = await sendAll(events)
      assert.deepEqual(body, { status: 'success', events_received: events.length })
    }
    assert.deepEqual(
      (await ofExecution('twice')).map(({ event_id }) => event_id),
      [started.event_id, retrying.event_id, token.event_id, 'another token', 'other-3', 'other-4'],
    )
  })

  it('are left out alone when they are malformed', async () => {
    const [one, two] = [1, 2].map(() =>
      sentWorkflowEvent('ACTIVITY_TASK_STARTED', { workflow_exec_id: 'mixed' }),
    )
    const { status, body } = await sendAll([
      one,
      null,
      { ...one, event_id: 'a', event_type: 'WORKFLOW_EXECUTION_EXPLODED' },
      { ...one, event_id: 'b', attributes: { activity_name: 'say', input: { type: 'json', value: 1 } } },
      { ...one, event_id: 'c', workflow_name: 'NUL \0' },
      two,
    ])
    assert.equal(status, 200)
    assert.equal(body.status, 'error')
    assert.equal(body.events_received, 2)
    assert.match(
      body.message,
      /^events\.1: is no object; events\.2: event_type: .*; events\.3: attributes\.task_id: .*; events\.4: workflow_name: /,
    )
    assert.deepEqual(await ofExecution('mixed'), [one, two])
  })

  it('are refused when none of them is an event', async () => {
    const bad = { ...sentWorkflowEvent('ACTIVITY_TASK_STARTED'), attributes: {} }
    for (const { status, body } of [
      await send(bad),
      await send(3),
      await sendAll([bad]),
      await sendAll('x'),
    ]) {
      assert.equal(status, 422)
      assert.ok(Array.isArray(body.detail), JSON.stringify(body))
    }
    const many = Array.from({ length: 1_001 }, () => bad)
    assert.equal((await sendAll(many)).status, 422)
  })

  it('may be none', async () => {
    assert.deepEqual((await sendAll([])).body, { status: 'success', events_received: 0 })
  })

  it('are stored by whoever may work, and read by whoever may read', async () => {
    const event = sentWorkflowEvent('CUSTOM_TASK_STARTED')
    for (const [role, sends, reads] of [
      ['admin', 200, 200],
      ['member', 200, 200],
      ['read', 403, 200],
      ['ingest', 403, 403],
      ['worker', 200, 403],
    ] as const) {
      const key = await server.makeKey(role)
      assert.equal((await server.call('POST', EVENTS, { body: { event }, key })).status, sends, role)
      assert.equal((await server.call('GET', LIST, { key })).status, reads, role)
    }
    assert.equal((await server.call('GET', LIST, { key: null })).status, 401)
  })

  it('belong to the workspace of the key', async () => {
    const theirs = await server.makeKey('admin', 'elsewhere')
    const event = sentWorkflowEvent('CUSTOM_TASK_STARTED', { workflow_exec_id: 'shared name' })
    for (const key of [worker, theirs])
      assert.equal((await server.call('POST', EVENTS, { body: { event }, key })).status, 200)
    const { body } = await server.call('GET', LIST, { key: theirs })
    assert.deepEqual(body.events, [event])
  })

  it('are listed page by page, in the order of the stream', async () => {
    const root = 'root of pages'
    const sent = Array.from({ length: 25 }, (_, number) =>
      sentWorkflowEvent('CUSTOM_TASK_IN_PROGRESS', {
        workflow_exec_id: number % 2 === 0 ? root : 'a child',
        root_workflow_exec_id: root,
        workflow_run_id: number % 3 === 0 ? 'the third' : 'another',
      }),
    )
    await sendAll(sent)
    const seen: unknown[] = []
    let cursor: string | null = null
    do {
      const page = await list(
        `root_workflow_exec_id=${encodeURIComponent(root)}&limit=10${cursor ? `&cursor=${cursor}` : ''}`,
      )
      seen.push(...page.events)
      cursor = page.next_cursor
    } while (cursor)
    assert.deepEqual(seen, sent)
    const { events } = await list(
      `root_workflow_exec_id=${encodeURIComponent(root)}&workflow_run_id=the%20third`,
    )
    assert.deepEqual(
      events,
      sent.filter(({ workflow_run_id }) => workflow_run_id === 'the third'),
    )
  })

  it('are listed in pages that stay small when events are large', async () => {
    const text = 'x'.repeat(1_900_000)
    for (let number = 0; number < 10; number++)
      await send(
        sentWorkflowEvent('CUSTOM_TASK_COMPLETED', {
          workflow_exec_id: 'large',
          attributes: { payload: { type: 'json', value: text } },
        }),
      )
    const first = await list('workflow_exec_id=large&limit=1000')
    assert.ok(first.events.length >= 8 && first.events.length < 10, String(first.events.length))
    const second = await list(`workflow_exec_id=large&limit=1000&cursor=${first.next_cursor}`)
    assert.equal(first.events.length + second.events.length, 10)
    assert.equal(second.next_cursor, null)
  })

  it('are not listed for questions that make no sense', async () => {
    for (const query of ['limit=0', 'limit=1001', 'limit=x', 'cursor=nonsense', 'workflow_exec_id=%00']) {
      const { status, body } = await server.call('GET', `${LIST}?${query}`)
      assert.equal(status, 422, query)
      assert.ok(Array.isArray(body.detail))
    }
    assert.deepEqual(await list('workflow_exec_id=nobody'), { events: [], next_cursor: null })
  })

  it('have no second way in: newer workers are told so, and take the first', async () => {
    for (const path of [
      '/v2/workflows/workers/event-route-token',
      '/v2/workflows/events',
      '/v2/workflows/events/batch',
    ]) {
      const { status, body } = await server.call('POST', path, { body: {}, key: worker })
      assert.equal(status, 404)
      assert.ok(!('code' in body), 'a 404 without a code means that the route is not there')
    }
  })
})
