import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { sentWorkflowEvent } from '@tramontane/testkit/sample-workflow-events'
import { newSpanId, type SentSpan, spanExport } from '@tramontane/testkit/span-export'
import { startWorkflowScenario, type WorkflowScenario } from '@tramontane/testkit/workflow-scenario'

const START = 1_767_225_600_000_000_123n

interface Node {
  span_id: string
  name: string
  start_time_unix_nano: number
  end_time_unix_nano: number | null
  attributes: Record<string, unknown>
  events: { name: string; id: string; internal: boolean }[]
  children: Node[]
}

/** A tree as its names. */
function names({ name, children }: Node): unknown {
  return children.length === 0 ? name : [name, ...children.map(names)]
}

describe('the trace of an execution', () => {
  let scenario: WorkflowScenario

  before(async () => {
    scenario = await startWorkflowScenario()
  })
  after(() => scenario.close())

  const call: WorkflowScenario['call'] = (...options) => scenario.call(...options)
  const on = (id: string, what: string) => `/v1/workflows/executions/${id}/trace/${what}`
  const get = async (id: string, what: string) => {
    const answer = await call('GET', on(id, what))
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return answer.body
  }
  /** An execution that nobody works on, and its trace. */
  const begin = async (workflow = 'echo') => {
    const { body } = await scenario.execute(workflow, { input: {} })
    const { otel_trace_id: traceId } = await get(body.execution_id, 'info')
    assert.match(traceId, /^[0-9a-f]{32}$/)
    return { id: body.execution_id as string, run: body.run_id as string, traceId: traceId as string }
  }
  const send = async (spans: readonly SentSpan[], scope?: string, key?: string) => {
    const answer = await call('POST', '/telemetry/v1/traces', {
      body: spanExport(spans, scope),
      ...(key === undefined ? {} : { key }),
    })
    assert.deepEqual([answer.status, answer.body], [200, {}])
  }
  const report = async (events: readonly unknown[]) => {
    const answer = await call('POST', '/v1/workflows/events/batch', { body: { events } })
    assert.equal(answer.body.status, 'success', JSON.stringify(answer.body))
  }

  it('is not there before spans have come in, and is then', async () => {
    const { id, traceId } = await begin()
    assert.deepEqual(await get(id, 'info'), { otel_trace_id: traceId, has_trace_data: false })
    const empty = await get(id, 'otel')
    assert.equal(empty.data_source, 'none')
    assert.equal(empty.otel_trace_id, traceId)
    assert.ok(!('otel_trace_data' in empty))
    assert.equal(empty.execution_id, id)
    assert.equal(empty.status, 'RUNNING')
    await send([{ traceId, start: START }])
    assert.deepEqual(await get(id, 'info'), { otel_trace_id: traceId, has_trace_data: true })
    assert.equal((await get(id, 'otel')).data_source, 'telemetry')
  })

  it('is answered as Tempo answers it, with all digits', async () => {
    const { id, traceId } = await begin()
    const [root, child] = [newSpanId(), newSpanId()]
    await send([
      {
        traceId,
        spanId: root,
        name: 'StartWorkflow:echo',
        kind: 2,
        start: START,
        end: START + 7n,
        attributes: {
          text: 'a',
          whole: { intValue: '5' },
          half: { doubleValue: 0.5 },
          yes: { boolValue: true },
          list: {
            arrayValue: {
              values: [{ stringValue: 'x' }, { intValue: '2' }, { kvlistValue: { values: [] } }],
            },
          },
          map: { kvlistValue: { values: [{ key: 'k', value: { stringValue: 'v' } }] } },
        },
        events: [{ name: 'halfway', at: START + 3n, attributes: { note: 'here' } }],
        status: { code: 2, message: 'it broke' },
      },
    ])
    await send([{ traceId, spanId: child, parentSpanId: root, kind: 5, start: START + 1n }], 'another scope')
    const { otel_trace_data, truncated } = await get(id, 'otel')
    assert.equal(truncated, false)
    assert.equal(otel_trace_data.batches.length, 1)
    const [first, second] = otel_trace_data.batches[0].scopeSpans
    assert.deepEqual(otel_trace_data.batches[0].resource.attributes, [
      { key: 'service.name', value: { stringValue: 'mistral-workflows-worker' } },
    ])
    assert.deepEqual([first.scope.name, second.scope.name], ['a scope', 'another scope'])
    const { attributes, ...span } = first.spans[0]
    assert.deepEqual(span, {
      traceId,
      spanId: root,
      parentSpanId: null,
      name: 'StartWorkflow:echo',
      kind: 'SPAN_KIND_SERVER',
      startTimeUnixNano: '1767225600000000123',
      endTimeUnixNano: '1767225600000000130',
      events: [
        {
          name: 'halfway',
          timeUnixNano: '1767225600000000126',
          attributes: [{ key: 'note', value: { stringValue: 'here' } }],
        },
      ],
      status: { code: 'STATUS_CODE_ERROR', message: 'it broke' },
    })
    const values = Object.fromEntries(
      attributes.map(({ key, value }: { key: string; value: object }) => [key, value]),
    )
    assert.deepEqual(values, {
      text: { stringValue: 'a' },
      whole: { intValue: '5' },
      half: { doubleValue: 0.5 },
      yes: { boolValue: true },
      list: { arrayValue: { values: [{ stringValue: 'x' }, { intValue: '2' }, { stringValue: '{}' }] } },
      map: { stringValue: '{"k":"v"}' },
    })
    assert.deepEqual([second.spans[0].parentSpanId, second.spans[0].kind], [root, 'SPAN_KIND_SERVER'])
  })

  it('is a tree of its spans', async () => {
    const { id, traceId } = await begin()
    const [root, one, two] = [newSpanId(), newSpanId(), newSpanId()]
    await send([
      { traceId, spanId: two, parentSpanId: root, name: 'two', start: START + 20n },
      { traceId, parentSpanId: one, name: 'one.b', start: START + 12n },
      { traceId, parentSpanId: one, name: 'one.a', start: START + 11n },
      { traceId, spanId: one, parentSpanId: root, name: 'one', start: START + 10n },
      {
        traceId,
        spanId: root,
        name: 'root',
        start: START,
        events: [
          {
            name: 'noted',
            at: START + 1n,
            attributes: { 'wf.id': 'e1', 'wf.internal': { boolValue: true } },
          },
        ],
      },
    ])
    const text = await (
      await fetch(new URL(on(id, 'summary'), scenario.server.url), {
        headers: { authorization: `Bearer ${scenario.server.key}` },
      })
    ).text()
    assert.match(text, /"start_time_unix_nano":1767225600000000123,/)
    const { span_tree } = JSON.parse(text)
    assert.deepEqual(names(span_tree), ['root', ['one', 'one.a', 'one.b'], 'two'])
    assert.deepEqual(
      span_tree.events.map(({ name, id: event, internal }: Node['events'][number]) => [
        name,
        event,
        internal,
      ]),
      [['noted', 'e1', true]],
    )
    const typescript = await call('GET', on(id, 'summary'), {
      headers: { 'user-agent': 'mistral-client-typescript/2.7.0' },
    })
    assert.equal(typescript.body.span_tree.start_time_unix_nano, 1_767_225_600_000_000)
  })

  it('is one tree whatever the spans say', async () => {
    const { id, traceId } = await begin()
    const [lost, a, b, self] = [newSpanId(), newSpanId(), newSpanId(), newSpanId()]
    await send([
      { traceId, parentSpanId: lost, name: 'orphan', start: START },
      { traceId, parentSpanId: lost, name: 'second orphan', start: START + 1n },
      { traceId, spanId: a, parentSpanId: b, name: 'a', start: START + 2n },
      { traceId, spanId: b, parentSpanId: a, name: 'b', start: START + 3n },
      { traceId, spanId: self, parentSpanId: self, name: 'self', start: START + 4n },
    ])
    const { span_tree } = await get(id, 'summary')
    assert.deepEqual(names(span_tree), ['echo', 'orphan', 'second orphan', ['a', 'b'], 'self'])
    assert.equal(span_tree.span_id, lost)
    assert.equal(span_tree.end_time_unix_nano, null)
    const deep = await begin()
    const chain = Array.from({ length: 3_000 }, newSpanId)
    await send(
      chain.map((spanId, index) => ({
        traceId: deep.traceId,
        spanId,
        ...(index === 0 ? {} : { parentSpanId: chain[index - 1]! }),
        start: START + BigInt(index),
      })),
    )
    let [node, depth, count] = [(await get(deep.id, 'summary')).span_tree as Node, 0, 0]
    for (; node.children[0]; node = node.children[0]) {
      depth++
      count += node.children.length
    }
    assert.deepEqual([depth, count], [100, 2_999])
  })

  it('is what events tell when there are no spans', async () => {
    const { id, run } = await begin()
    const of = {
      workflow_exec_id: id,
      workflow_run_id: run,
      root_workflow_exec_id: id,
      workflow_name: 'echo',
    }
    const at = (seconds: number) => Number(START / 1_000_000n) * 1e6 + seconds * 1e9
    const event = (type: string, seconds: number, attributes: Record<string, unknown>) =>
      sentWorkflowEvent(type, { ...of, event_timestamp: at(seconds), attributes })
    await report([
      event('ACTIVITY_TASK_STARTED', 1, { task_id: '1', activity_name: '__internal__emit' }),
      event('ACTIVITY_TASK_STARTED', 2, { task_id: '2', activity_name: 'fetch' }),
      event('ACTIVITY_TASK_RETRYING', 3, { task_id: '2', activity_name: 'fetch', attempt: 1 }),
      event('CUSTOM_TASK_STARTED', 3, { custom_task_id: 't', custom_task_type: 'token' }),
      event('ACTIVITY_TASK_COMPLETED', 4, { task_id: '2', activity_name: 'fetch' }),
      event('CUSTOM_TASK_COMPLETED', 5, { custom_task_id: 't', custom_task_type: 'token' }),
      event('ACTIVITY_TASK_STARTED', 6, { task_id: '3', activity_name: 'store' }),
      event('ACTIVITY_TASK_FAILED', 7, { task_id: '3', activity_name: 'store', attempt: 3 }),
    ])
    const { span_tree } = await get(id, 'summary')
    assert.deepEqual(names(span_tree), ['Workflow:echo', 'Activity:fetch', 'Task:token', 'Activity:store'])
    const [fetched, token, store] = span_tree.children as Node[]
    assert.equal(fetched!.end_time_unix_nano! - fetched!.start_time_unix_nano, 2e9)
    assert.equal(token!.end_time_unix_nano! - token!.start_time_unix_nano, 2e9)
    assert.deepEqual([store!.attributes.status, store!.attributes.error], ['FAILED', 'it broke'])
    assert.equal(span_tree.end_time_unix_nano, null)
    const again = await get(id, 'summary')
    assert.deepEqual(again.span_tree, span_tree, 'its ids stay')
  })

  it('tells what happened, event by event or joined', async () => {
    const { id, run, traceId } = await begin()
    const of = {
      workflow_exec_id: id,
      workflow_run_id: run,
      root_workflow_exec_id: id,
      workflow_name: 'echo',
    }
    const at = (seconds: number) => START + BigInt(seconds) * 1_000_000_000n
    const event = (type: string, seconds: number, attributes: Record<string, unknown>) =>
      sentWorkflowEvent(type, { ...of, event_timestamp: Number(at(seconds)), attributes })
    await report([
      event('ACTIVITY_TASK_STARTED', 1, { task_id: '1', activity_name: 'fetch' }),
      event('ACTIVITY_TASK_COMPLETED', 3, { task_id: '1', activity_name: 'fetch' }),
      event('ACTIVITY_TASK_STARTED', 4, { task_id: '2', activity_name: '__internal__x' }),
    ])
    const progress = (status: string, more: object = {}) => ({
      'wf.id': 'p1',
      'wf.type': 'EVENT_PROGRESS',
      'wf.progress.status': status,
      'wf.progress.start_time_unix_ms': { intValue: String(at(5) / 1_000_000n) },
      ...more,
    })
    await send([
      {
        traceId,
        start: at(5),
        events: [
          { name: 'loading', at: at(5), attributes: progress('RUNNING', { first: '1' }) },
          {
            name: 'loading',
            at: at(6),
            attributes: progress('FAILED', {
              'wf.progress.end_time_unix_ms': String(at(6) / 1_000_000n),
              'wf.progress.error': 'no disk',
            }),
          },
          { name: 'hidden', at: at(7), attributes: { 'wf.internal': { boolValue: true } } },
        ],
      },
    ])
    const brief = (events: Record<string, unknown>[]) =>
      events.map(({ type, name, id: event, status }) => [type, name, event, status])
    const { events } = await get(id, 'events')
    assert.deepEqual(brief(events), [
      ['EVENT_PROGRESS', 'fetch', '1', 'RUNNING'],
      ['EVENT_PROGRESS', 'fetch', '1', 'COMPLETED'],
      ['EVENT_PROGRESS', 'loading', 'p1', 'RUNNING'],
      ['EVENT_PROGRESS', 'loading', 'p1', 'FAILED'],
    ])
    const joined = (await get(id, 'events?merge_same_id_events=true')).events
    assert.deepEqual(brief(joined), [
      ['EVENT_PROGRESS', 'fetch', '1', 'COMPLETED'],
      ['EVENT_PROGRESS', 'loading', 'p1', 'FAILED'],
    ])
    assert.equal(joined[0].end_time_unix_ms - joined[0].start_time_unix_ms, 2_000)
    assert.equal(joined[1].error, 'no disk')
    assert.equal(joined[1].end_time_unix_ms - joined[1].start_time_unix_ms, 1_000)
    assert.equal(joined[1].attributes.first, '1')
    const all = (await get(id, 'events?include_internal_events=true')).events
    assert.ok(all.some(({ name }: Node) => name === '__internal__x'))
    assert.ok(all.some(({ name }: Node) => name === 'hidden'))
    assert.ok(all.some(({ name }: Node) => name === 'WORKFLOW_EXECUTION_STARTED'))
  })

  it('shows where an execution can be reset to, and what a plain worker did', async () => {
    const worker = await scenario.startWorker()
    try {
      const { body } = await scenario.execute('flaky', { input: { failures: 2 }, wait_for_result: true })
      const id = body.execution_id
      const { events } = await get(id, 'events?include_internal_events=true')
      const points = events.filter(({ name }: Node) => name === 'WORKFLOW_TASK_COMPLETED')
      assert.ok(points.length >= 2)
      assert.ok(points.every(({ internal }: { internal: boolean }) => internal))
      const wrong = await call('POST', `/v1/workflows/executions/${id}/reset`, { body: { event_id: 1 } })
      assert.deepEqual(
        wrong.body.valid_reset_events,
        points.map((point: { id: string }) => Number(point.id)),
      )
      const { span_tree } = await get(id, 'summary')
      assert.deepEqual(names(span_tree), ['Workflow:flaky', 'Activity:flakyActivity'])
      assert.equal(span_tree.children[0].attributes.ended, 'ACTIVITY_TASK_COMPLETED')
      const child = `child-${randomUUID()}`
      const parent = await scenario.execute('parent', {
        input: { childId: child, input: 1 },
        wait_for_result: true,
      })
      const tree = (await get(parent.body.execution_id, 'summary')).span_tree
      assert.deepEqual(names(tree), ['Workflow:parent', 'ChildWorkflow:echo'])
      assert.ok(tree.children[0].end_time_unix_nano >= tree.children[0].start_time_unix_nano)
    } finally {
      await worker.stop()
    }
  })

  it('is cut off where it is too much, and says so', async () => {
    const { id, traceId } = await begin()
    const spans = Array.from({ length: 12_500 }, (_, index) => ({ traceId, start: START + BigInt(index) }))
    for (let part = 0; part < 4; part++) await send(spans.map((span) => ({ ...span })))
    const started = performance.now()
    for (const what of ['otel', 'summary', 'events']) {
      const answer = await get(id, what)
      assert.equal(answer.truncated, true, what)
    }
    assert.ok(performance.now() - started < 20_000)
    const { otel_trace_data } = await get(id, 'otel')
    assert.equal(otel_trace_data.batches[0].scopeSpans[0].spans.length, 10_000)
    const large = await begin()
    const attributes = { text: 'x'.repeat(1_000_000) }
    for (let part = 0; part < 4; part++)
      await send(
        Array.from({ length: 9 }, (_, index) => ({
          traceId: large.traceId,
          start: START + BigInt(part * 9 + index),
          attributes,
        })),
      )
    const answer = await get(large.id, 'otel')
    assert.equal(answer.truncated, true)
    assert.equal(answer.otel_trace_data.batches[0].scopeSpans[0].spans.length, 34)
  })

  it('is the workspace’s own, for those who may read', async () => {
    const { id, traceId } = await begin()
    const foreign = await scenario.server.makeKey('admin', 'another team')
    await send([{ traceId, start: START, name: 'foreign' }], 'a scope', foreign)
    assert.equal((await get(id, 'info')).has_trace_data, false)
    const [reader, worker] = [await scenario.server.makeKey('read'), await scenario.server.makeKey('worker')]
    for (const what of ['info', 'otel', 'summary', 'events', 'events?include_internal_events=true']) {
      const other = await call('GET', on(id, what), { key: foreign })
      assert.deepEqual([other.status, other.body.code], [404, 'WF_1100'], what)
      assert.equal((await call('GET', on(id, what), { key: worker })).status, 403)
      assert.equal((await call('GET', on(id, what), { key: reader })).status, 200)
    }
    assert.equal((await call('GET', on(id, 'events?merge_same_id_events=maybe'))).status, 422)
    await eventually(async () => (await call('GET', on('nobody', 'info'))).status === 404)
  })
})
