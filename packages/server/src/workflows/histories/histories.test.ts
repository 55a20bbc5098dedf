import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { StreamReader } from '@tramontane/testkit/stream-reader'
import { startWorkflowScenario, type WorkflowScenario } from '@tramontane/testkit/workflow-scenario'

interface Event {
  event_id: number
  event_type: string
  event_time: string
  attributes: Record<string, unknown>
  previews: Record<string, string>
}

describe('the history of a run', () => {
  let scenario: WorkflowScenario

  before(async () => {
    scenario = await startWorkflowScenario()
    await scenario.startWorker()
  })
  after(() => scenario.close())

  const get = async (target: string, key?: string) =>
    scenario.call('GET', `/v1/workflows${target}`, key === undefined ? {} : { key })
  const start = async (workflow: string, input: unknown) => {
    const { status, body } = await scenario.execute(workflow, { input })
    assert.equal(status, 200, JSON.stringify(body))
    return body as { execution_id: string; run_id: string }
  }
  const follow = (runId: string, headers: Record<string, string> = {}) =>
    StreamReader.open(`${scenario.server.url}/v1/workflows/runs/${runId}/history/stream`, {
      key: scenario.server.key,
      headers,
    })
  const eventsOf = (reader: StreamReader): Event[] => reader.frames.flatMap(({ data }) => data.events)

  it('is followed from its first event to its end, and from any event on', async () => {
    const { execution_id: id, run_id: run } = await start('collect', { values: [7] })
    const reader = await follow(run)
    const has = (type: string) =>
      eventually(() => eventsOf(reader).find(({ event_type }) => event_type === type))
    const started = await has('WORKFLOW_EXECUTION_STARTED')
    assert.equal(started.event_id, 1)
    assert.equal(started.attributes.workflowType, 'collect')
    assert.equal(started.previews.input, '{"values":[7]}')
    await scenario.call('POST', `/v1/workflows/executions/${id}/signals`, {
      body: { name: 'add', input: { value: 1 } },
    })
    const signal = await has('WORKFLOW_EXECUTION_SIGNALED')
    assert.equal(signal.attributes.signalName, 'add')
    assert.equal(signal.previews.input, '{"value":1}')
    await scenario.call('POST', `/v1/workflows/executions/${id}/updates`, {
      body: { name: 'append', input: { value: 2 } },
    })
    const accepted = await has('WORKFLOW_EXECUTION_UPDATE_ACCEPTED')
    assert.equal(accepted.attributes.updateName, 'append')
    const completed = await has('WORKFLOW_EXECUTION_UPDATE_COMPLETED')
    assert.equal(completed.attributes.updateId, accepted.attributes.updateId)
    assert.equal(completed.previews.result, '{"count":3}')
    await scenario.call('POST', `/v1/workflows/executions/${id}/signals`, { body: { name: 'finish' } })
    await eventually(() => reader.isEnded)
    const all = eventsOf(reader)
    assert.deepEqual(
      all.map(({ event_id }) => event_id),
      Array.from({ length: all.length }, (_, index) => index + 1),
    )
    assert.equal(all.at(-1)!.event_type, 'WORKFLOW_EXECUTION_COMPLETED')
    assert.equal(reader.frames.at(-1)!.id, String(all.length))

    const resumed = await follow(run, { 'last-event-id': '4' })
    await eventually(() => resumed.isEnded)
    assert.deepEqual(eventsOf(resumed), all.slice(4))
    const wrong = await follow(run, { 'last-event-id': 'x' })
    assert.equal(wrong.status, 422)
  })

  it('is read in pages, whole', async () => {
    const { execution_id: id, run_id: run } = await start('echo', { a: 1 })
    await scenario.until(id, 'COMPLETED')
    const { body: whole } = await get(`/runs/${run}/history?decode_payloads=true`)
    const pages = []
    for (let next = 0; next !== null; ) {
      const { status, body } = await get(
        `/runs/${run}/history/events?decode_payloads=true&limit=2&after_event_id=${next}`,
      )
      assert.equal(status, 200)
      assert.ok(body.events.length <= 2)
      pages.push(...body.events)
      next = body.next_after_event_id
    }
    assert.deepEqual(pages, whole.events)
    assert.equal((await get(`/runs/${run}/history/events?limit=1001`)).status, 422)
    const beyond = await get(`/runs/${run}/history/events?after_event_id=1000`)
    assert.deepEqual(beyond.body, { events: [], next_after_event_id: null })
  })

  it('has the numbers of payloads as they were written, beyond 2^53 too', async () => {
    const b64payload = Buffer.from('{"id":9007199254740993}').toString('base64')
    const { run_id: run } = await start('echo', { b64payload })
    const response = await fetch(
      `${scenario.server.url}/v1/workflows/runs/${run}/history/events?decode_payloads=true&limit=1`,
      { headers: { authorization: `Bearer ${scenario.server.key}` } },
    )
    assert.match(await response.text(), /"payloads":\[\{"id":9007199254740993\}\]/)
  })

  it('has details: what is pending with its last failure, and why it failed', async () => {
    const { run_id: run, execution_id: id } = await start('waits', {})
    const { activity, state } = await eventually(async () => {
      const { body } = await get(`/runs/${run}/details`)
      const [activity] = body.state.pending_activities
      return activity?.attempt > 1 && activity.next_attempt_time && { activity, state: body.state }
    })
    assert.equal(activity.activity_name, 'flakyActivity')
    assert.equal(activity.state, 'SCHEDULED')
    assert.equal(activity.last_failure.message, 'attempt 1 fails')
    assert.match(activity.last_failure.stack_trace, /flakyActivity/)
    assert.ok(Date.parse(activity.next_attempt_time) > Date.now())
    assert.ok(state.history_length >= 5 && state.history_bytes > 0)
    await scenario.call('POST', `/v1/workflows/executions/${id}/terminate`)
    const ended = await get(`/runs/${run}/details`)
    assert.equal(ended.body.run.status, 'TERMINATED')
    assert.match(ended.body.run.message, /^by the key/)
    assert.deepEqual(ended.body.state.pending_activities, [])

    const failed = await start('fail', { message: 'as it was told' })
    await scenario.until(failed.execution_id, 'FAILED')
    const { body } = await get(`/runs/${failed.run_id}/details`)
    assert.equal(body.run.message, 'as it was told')
  })

  it('has the error for which the code of a run is tried again and again', async () => {
    const { run_id: run, execution_id: id } = await start('stuck', {})
    const { pending_task: task } = await eventually(async () => {
      const { body } = await get(`/runs/${run}/details`)
      return body.state.pending_task?.attempt > 1 && body.state
    })
    assert.equal(task.last_failure, 'a fault in the code of the workflow')
    await scenario.call('POST', `/v1/workflows/executions/${id}/terminate`)
  })

  it('tells how long a timer runs', async () => {
    const { run_id: run, execution_id: id } = await start('nap', { milliseconds: 3_600_500 })
    const reader = await follow(run)
    const timer = await eventually(() =>
      eventsOf(reader).find(({ event_type }) => event_type === 'TIMER_STARTED'),
    )
    assert.equal(timer.attributes.startToFireTimeout, '3600.500s')
    await scenario.call('POST', `/v1/workflows/executions/${id}/terminate`)
  })

  it('names the children of a run, and the runs of an execution', async () => {
    const { run_id: run, execution_id: id } = await start('parent', {
      childId: `child-${Date.now()}`,
      input: 1,
    })
    await scenario.until(id, 'COMPLETED')
    const reader = await follow(run)
    await eventually(() => reader.isEnded)
    const child = eventsOf(reader).find(
      ({ event_type }) => event_type === 'CHILD_WORKFLOW_EXECUTION_COMPLETED',
    )!
    assert.match(String(child.attributes.workflowId), /^child-/)
    const { body: ofChild } = await get(`/runs/${child.attributes.runId}/details`)
    assert.equal(ofChild.run.parent_execution_id, id)

    const again = await start('again', { times: 2 })
    await scenario.until(again.execution_id, 'COMPLETED')
    const chain = await eventually(async () => {
      const { body } = await get(`/executions/${again.execution_id}/runs`)
      return (
        body.runs.length === 3 &&
        body.runs.every((run: { status: string }) => run.status !== 'RUNNING') &&
        body
      )
    })
    assert.deepEqual(
      chain.runs.map(({ status }: { status: string }) => status),
      ['COMPLETED', 'CONTINUED_AS_NEW', 'CONTINUED_AS_NEW'],
    )
    assert.equal(chain.runs[1].next_run_id, chain.runs[0].run_id)
    assert.equal(chain.next_before_run_id, null)
    const first = await get(`/executions/${again.execution_id}/runs?limit=1`)
    assert.equal(first.body.next_before_run_id, chain.runs[0].run_id)
    const rest = await get(
      `/executions/${again.execution_id}/runs?before_run_id=${first.body.next_before_run_id}`,
    )
    assert.deepEqual(rest.body.runs, chain.runs.slice(1))
  })

  it('is nobody else’s', async () => {
    const { run_id: run, execution_id: id } = await start('echo', {})
    await scenario.until(id, 'COMPLETED')
    const key = await scenario.server.makeKey('admin', 'others')
    const targets = ['details', 'history/events', 'history/stream'].map((what) => `/runs/${run}/${what}`)
    for (const target of [...targets, `/executions/${id}/runs`]) {
      const { status, body } = await get(target, key)
      assert.deepEqual([status, body.code], [404, 'WF_1100'], target)
    }
  })
})
