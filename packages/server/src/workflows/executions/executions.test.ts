import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { startWorkflowScenario, type WorkflowScenario } from '@tramontane/testkit/workflow-scenario'

describe('executions', () => {
  let scenario: WorkflowScenario
  const call: WorkflowScenario['call'] = (...options) => scenario.call(...options)
  const on = (id: string, what = '') => `/v1/workflows/executions/${id}${what}`
  before(async () => {
    scenario = await startWorkflowScenario()
    await scenario.startWorker()
  })
  after(() => scenario.close())

  const start = async (workflow: string, input: unknown = {}, more: Record<string, unknown> = {}) => {
    const { status, body } = await scenario.execute(workflow, { input, ...more })
    assert.equal(status, 200, JSON.stringify(body))
    return body
  }
  /** The lifecycle events of an execution, once there is one of this type. */
  const events = (id: string, type: string) =>
    eventually(async () => {
      const { body } = await call('GET', `/v1/workflows/events/list?workflow_exec_id=${id}`)
      return body.events.some((event: { event_type: string }) => event.event_type === type) && body.events
    })
  const types = (list: { event_type: string }[]) => list.map(({ event_type }) => event_type)

  it('start, run and complete', async () => {
    const started = await start('echo', { a: [1, { b: null }] })
    assert.equal(started.status, 'RUNNING')
    assert.equal(started.result, null)
    assert.equal(started.end_time, null)
    assert.equal(started.root_execution_id, started.execution_id)
    assert.equal(started.deployment_name, 'test-deployment')
    assert.ok(Math.abs(Date.parse(started.start_time) - Date.now()) < 10_000)
    const done = await scenario.until(started.execution_id, 'COMPLETED')
    assert.deepEqual(done.result, { a: [1, { b: null }] })
    assert.equal(done.run_id, started.run_id)
    assert.equal(done.start_time, started.start_time)
    assert.ok(done.total_duration_ms >= 0 && done.total_duration_ms < 20_000)
    assert.equal(typeof done.workflow_id, 'string')
    assert.equal(typeof done.user_id, 'string')
    const run = await call('GET', `/v1/workflows/runs/${done.run_id}`)
    assert.deepEqual(run.body, done)
    // A plain worker sends no events: both are made up.
    const list = await events(started.execution_id, 'WORKFLOW_EXECUTION_COMPLETED')
    assert.deepEqual(types(list), ['WORKFLOW_EXECUTION_STARTED', 'WORKFLOW_EXECUTION_COMPLETED'])
    assert.deepEqual(list[0].attributes.input.value, [{ a: [1, { b: null }] }])
    assert.deepEqual(list[1].attributes.result.value, { a: [1, { b: null }] })
    assert.equal(list[0].attributes.task_id, list[1].attributes.task_id)
    assert.equal(list[0].workflow_run_id, done.run_id)
  })

  it('wait for the result when asked to', async () => {
    const { status, body } = await scenario.execute('echo', { input: { x: 1 }, wait_for_result: true })
    assert.equal(status, 200)
    assert.deepEqual(body.result, { x: 1 })
    assert.deepEqual(Object.keys(body).sort(), ['execution_id', 'result', 'workflow_name'])
    const listed = await call('GET', `/v1/workflows/runs?root_execution_id=${body.execution_id}`)
    assert.equal(listed.body.runs[0].status, 'COMPLETED', 'whoever has the result finds it in lists, too')
    const nothing = await scenario.execute('nothing', { wait_for_result: true })
    assert.equal(nothing.body.result, null)
  })

  it('wait over continuations', async () => {
    const { body } = await scenario.execute('again', { input: { times: 2 }, wait_for_result: true })
    assert.deepEqual(body.result, { times: 0 })
    const runs = await call('GET', `/v1/workflows/runs?root_execution_id=${body.execution_id}&order=asc`)
    assert.deepEqual(
      runs.body.runs.map((run: { status: string }) => run.status),
      ['CONTINUED_AS_NEW', 'CONTINUED_AS_NEW', 'COMPLETED'],
    )
    const list = await events(body.execution_id, 'WORKFLOW_EXECUTION_COMPLETED')
    const continued = list.find(
      (event: { event_type: string }) => event.event_type === 'WORKFLOW_EXECUTION_CONTINUED_AS_NEW',
    )
    assert.equal(continued.attributes.new_execution_run_id, runs.body.runs[1].run_id)
    assert.deepEqual(continued.attributes.input.value, [{ times: 1 }])
  })

  it('say how one has ended that failed, was canceled, terminated or timed out', async () => {
    const failed = await scenario.execute('fail', { input: { message: 'boo' }, wait_for_result: true })
    assert.equal(failed.status, 422)
    assert.equal(failed.body.code, 'WORKFLOW_FAILED')
    assert.equal(failed.body.status, 'FAILED')
    assert.match(failed.body.detail, /boo/)
    const list = await events(failed.body.execution_id, 'WORKFLOW_EXECUTION_FAILED')
    assert.equal(list.at(-1).attributes.failure.message, 'boo')

    const canceled = await start('nap', { milliseconds: 60_000 })
    assert.equal((await call('POST', on(canceled.execution_id, '/cancel'))).status, 204)
    const ended = await scenario.until(canceled.execution_id, 'CANCELED')
    assert.ok(ended.end_time)
    await events(canceled.execution_id, 'WORKFLOW_EXECUTION_CANCELED')

    const terminated = await start('nap', { milliseconds: 60_000 })
    assert.equal((await call('POST', on(terminated.execution_id, '/terminate'))).status, 204)
    const row = await call('GET', `/v1/workflows/runs?root_execution_id=${terminated.execution_id}`)
    assert.equal(row.body.runs[0].status, 'TERMINATED', 'at once')
    const gone = await events(terminated.execution_id, 'WORKFLOW_EXECUTION_FAILED')
    assert.match(gone.at(-1).attributes.failure.message, /^Workflow execution terminated: by the key /)

    const late = await start('short', {})
    await scenario.until(late.execution_id, 'TIMED_OUT')
    const timedOut = await events(late.execution_id, 'WORKFLOW_EXECUTION_FAILED')
    assert.equal(timedOut.at(-1).attributes.failure.message, 'Workflow execution timed out')
  })

  it('take signals, queries and updates', async () => {
    const { execution_id: id } = await start('collect', { values: [1] })
    const signal = await call('POST', on(id, '/signals'), { body: { name: 'add', input: { value: 2 } } })
    assert.equal(signal.status, 202)
    assert.deepEqual(signal.body, { message: 'Signal accepted' })
    const query = await call('POST', on(id, '/queries'), { body: { name: 'values' } })
    assert.deepEqual(query.body, { query_name: 'values', result: [1, 2] })
    const update = await call('POST', on(id, '/updates'), { body: { name: 'append', input: { value: 3 } } })
    assert.equal(update.status, 200)
    assert.deepEqual(update.body, { update_name: 'append', result: { count: 3 } })
    const encoded = Buffer.from(JSON.stringify({ value: 4 })).toString('base64')
    const coded = await call('POST', on(id, '/updates'), {
      body: { name: 'append', input: { b64payload: encoded, encoding_options: [] } },
    })
    assert.deepEqual(coded.body.result, { count: 4 })

    for (const [body, status, code, text] of [
      [{ name: 'append', input: { value: -1 } }, 422, 'WORKFLOW_HANDLER_FAILED', /must not be negative/],
      [{ name: 'append', input: { value: 13 } }, 422, 'WORKFLOW_HANDLER_FAILED', /13 is not taken/],
      [{ name: 'append', input: { value: 'x' } }, 422, 'WORKFLOW_INPUT_INVALID', /`value` must be number/],
      [{ name: 'append' }, 422, 'WORKFLOW_INPUT_INVALID', /required property 'value'/],
      [{ name: 'nope' }, 422, 'WORKFLOW_HANDLER_NOT_FOUND', /It has: "append"/],
    ] as const) {
      const refused = await call('POST', on(id, '/updates'), { body })
      assert.equal(refused.status, status, JSON.stringify(refused.body))
      assert.equal(refused.body.code, code)
      assert.match(refused.body.detail, text)
    }
    const broken = await call('POST', on(id, '/queries'), { body: { name: 'broken' } })
    assert.equal(broken.body.code, 'WORKFLOW_HANDLER_FAILED')
    assert.match(broken.body.detail, /the query failed/)
    const unknown = await call('POST', on(id, '/signals'), { body: { name: 'nope' } })
    assert.equal(unknown.body.code, 'WORKFLOW_HANDLER_NOT_FOUND')
    // Handlers that the SDK adds are declared nowhere: the worker is asked.
    const pending = await call('POST', on(id, '/queries'), { body: { name: '__get_pending_inputs' } })
    assert.equal(pending.body.code, 'WORKFLOW_HANDLER_FAILED')

    await call('POST', on(id, '/signals'), { body: { name: 'finish', input: null } })
    const done = await scenario.until(id, 'COMPLETED')
    assert.deepEqual(done.result, { values: [1, 2, 3, 4] })
    for (const what of ['/signals', '/queries', '/updates']) {
      const name = what === '/signals' ? 'finish' : what === '/queries' ? 'values' : 'append'
      const late = await call('POST', on(id, what), { body: { name, input: { value: 1 } } })
      assert.equal(late.status, 409, what)
      assert.equal(late.body.code, 'WF_1102')
      assert.equal(late.body.status, 'COMPLETED')
    }
    for (const what of ['/cancel', '/terminate']) {
      const late = await call('POST', on(id, what))
      assert.deepEqual([late.status, late.body.code, late.body.status], [409, 'WF_1102', 'COMPLETED'])
    }
  })

  it('are ended in batches, each for itself', async () => {
    const one = await start('nap', { milliseconds: 60_000 })
    const two = await start('nap', { milliseconds: 60_000 })
    const done = await start('nothing')
    await scenario.until(done.execution_id, 'COMPLETED')
    const execution_ids = [one.execution_id, done.execution_id, 'unknown', '__proto__']
    const { status, body } = await call('POST', '/v1/workflows/executions/terminate', {
      body: { execution_ids },
    })
    assert.equal(status, 200)
    assert.deepEqual(body.results[one.execution_id], { status: 'success', error: null })
    assert.equal(body.results[done.execution_id].status, 'failure')
    assert.match(body.results[done.execution_id].error, /not running: COMPLETED/)
    assert.equal(body.results.unknown.status, 'failure')
    await scenario.until(one.execution_id, 'TERMINATED')
    const canceled = await call('POST', '/v1/workflows/executions/cancel', {
      body: { execution_ids: [two.execution_id] },
    })
    assert.equal(canceled.body.results[two.execution_id].status, 'success')
    await scenario.until(two.execution_id, 'CANCELED')
    const tooMany = await call('POST', '/v1/workflows/executions/cancel', {
      body: { execution_ids: Array.from({ length: 101 }, (_, i) => `x${i}`) },
    })
    assert.equal(tooMany.status, 422)
  })

  it('can be reset to a completed task, and to nothing else', async () => {
    const { execution_id: id, run_id: first } = await start('collect', { values: [] })
    await call('POST', on(id, '/queries'), { body: { name: 'values' } })
    await call('POST', on(id, '/signals'), { body: { name: 'add', input: { value: 1 } } })
    await call('POST', on(id, '/queries'), { body: { name: 'values' } })
    const wrong = await call('POST', on(id, '/reset'), { body: { event_id: 1 } })
    assert.deepEqual([wrong.status, wrong.body.code], [422, 'WF_1001'])
    const points: number[] = wrong.body.valid_reset_events
    assert.ok(points.length >= 1, JSON.stringify(points))
    const reset = await call('POST', on(id, '/reset'), {
      body: { event_id: points[0], reason: 'again', exclude_signals: true },
    })
    assert.equal(reset.status, 204)
    const { body: now } = await call('GET', on(id))
    assert.equal(now.status, 'RUNNING')
    assert.notEqual(now.run_id, first)
    const before = await call('GET', `/v1/workflows/runs/${first}`)
    assert.equal(before.body.status, 'TERMINATED')
    const query = await call('POST', on(id, '/queries'), { body: { name: 'values' } })
    assert.deepEqual(query.body.result, [], 'the signal was left out')
    const list = await events(id, 'WORKFLOW_EXECUTION_STARTED')
    const begun = list.filter((event: { workflow_run_id: string }) => event.workflow_run_id === now.run_id)
    assert.deepEqual(types(begun), ['WORKFLOW_EXECUTION_STARTED'])
    await call('POST', on(id, '/signals'), { body: { name: 'finish' } })
    await scenario.until(id, 'COMPLETED')
    // Also one that has ended.
    const no = await call('POST', on(id, '/reset'), { body: { event_id: 100_000 } })
    const event_id = no.body.valid_reset_events[0]
    const again = await call('POST', on(id, '/reset'), { body: { event_id, exclude_signals: true } })
    assert.equal(again.status, 204)
    assert.equal((await call('GET', on(id))).body.status, 'RUNNING')
    assert.equal((await call('POST', on(id, '/terminate'))).status, 204)
  })

  it('have a history, with payloads as they are or decoded', async () => {
    const { execution_id: id, run_id: run } = await start('echo', { text: 'hé' })
    await scenario.until(id, 'COMPLETED')
    const raw = await call('GET', on(id, '/history'))
    assert.equal(raw.body.events[0].eventType, 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED')
    const attributes = raw.body.events[0].workflowExecutionStartedEventAttributes
    assert.equal(typeof attributes.input.payloads[0].data, 'string')
    const decoded = await call('GET', `/v1/workflows/runs/${run}/history?decode_payloads=true`)
    const first = decoded.body.events[0].workflowExecutionStartedEventAttributes
    assert.deepEqual(first.input.payloads, [{ text: 'hé' }])
    assert.equal(decoded.body.events.length, raw.body.events.length)
    const last = decoded.body.events.at(-1).workflowExecutionCompletedEventAttributes
    assert.deepEqual(last.result.payloads, [{ text: 'hé' }])
    assert.match(first.header.fields['_tracer-data'].traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  })

  it('show their children as a tree', async () => {
    const childId = `child-${Date.now()}`
    const { body } = await scenario.execute('parent', {
      input: { childId, input: { deep: true } },
      wait_for_result: true,
    })
    assert.deepEqual(body.result, { child: { deep: true } })
    const child = await scenario.until(childId, 'COMPLETED')
    assert.equal(child.parent_execution_id, body.execution_id)
    assert.equal(child.root_execution_id, body.execution_id)
    const tree = await eventually(async () => {
      const { body: list } = await call('GET', `/v1/workflows/runs?root_execution_id=${body.execution_id}`)
      return list.runs.length === 2 && list.runs
    })
    assert.deepEqual(
      tree.map((run: { execution_id: string }) => run.execution_id).sort(),
      [body.execution_id, childId].sort(),
    )
  })
})
