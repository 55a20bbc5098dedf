import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { StreamReader } from '@tramontane/testkit/stream-reader'
import { startWorkerScenario, type WorkerScenario } from '@tramontane/testkit/worker-scenario'

interface Event {
  event_type: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into events freely
  attributes: any
}

describe('what a worker in TypeScript tells of its work', () => {
  let scenario: WorkerScenario
  const call: WorkerScenario['call'] = (...options) => scenario.call(...options)
  const on = (id: string, what = '') => `/v1/workflows/executions/${id}${what}`
  before(async () => {
    scenario = await startWorkerScenario()
    await scenario.startWorker()
  })
  after(() => scenario.close())

  const start = async (workflow: string, input?: unknown): Promise<string> =>
    (await scenario.execute(workflow, input)).body.execution_id
  const stream = (id: string) =>
    StreamReader.open(`${scenario.server.url}${on(id, '/stream')}`, scenario.server)
  const eventsOf = (reader: StreamReader): Event[] => reader.frames.map(({ data }) => data.data)

  it('a text that an activity writes is on the stream as it grows, before the activity is done', async () => {
    const id = await start('writer', { words: ['Once ', 'upon ', 'a time'] })
    const reader = await stream(id)
    await reader.ends()
    const events = eventsOf(reader)
    assert.deepEqual(
      events.map(({ event_type }) => event_type),
      [
        'WORKFLOW_EXECUTION_STARTED',
        'ACTIVITY_TASK_STARTED',
        'CUSTOM_TASK_STARTED',
        'CUSTOM_TASK_IN_PROGRESS',
        'CUSTOM_TASK_IN_PROGRESS',
        'CUSTOM_TASK_IN_PROGRESS',
        'CUSTOM_TASK_COMPLETED',
        'ACTIVITY_TASK_COMPLETED',
        'WORKFLOW_EXECUTION_COMPLETED',
      ],
    )
    assert.deepEqual(events[2]!.attributes.payload.value, { text: '', words: 0 })
    assert.deepEqual(events[4]!.attributes.payload, {
      type: 'json_patch',
      value: [
        { op: 'append', path: '/text', value: 'upon ' },
        { op: 'replace', path: '/words', value: 2 },
      ],
    })
    assert.deepEqual(events[6]!.attributes.payload.value, { text: 'Once upon a time', words: 3 })
    assert.equal(reader.frames[3]!.data.stream, 'writing')
    const ids = new Set(events.slice(2, 7).map(({ attributes }) => attributes.custom_task_id))
    assert.equal(ids.size, 1)
  })

  it('a task of workflow code is told in order', async () => {
    const id = await start('steps')
    assert.deepEqual((await scenario.until(id, 'COMPLETED')).result, { result: 3 })
    const events: Event[] = await scenario.events(id, 'WORKFLOW_EXECUTION_COMPLETED')
    const done = events.filter(({ event_type }) => event_type === 'CUSTOM_TASK_IN_PROGRESS')
    assert.deepEqual(
      done.map(({ attributes }) => attributes.payload.value[0].value),
      [1, 2, 3],
    )
  })

  it('input that is waited for can be found, is checked, and is taken once', async () => {
    const id = await start('approval')
    const reader = await stream(id)
    const pending = await eventually(async () => {
      const { body } = await call('POST', on(id, '/queries'), { body: { name: '__get_pending_inputs' } })
      return body.result?.pending_inputs?.[0]
    })
    assert.equal(pending.label, 'Shall we?')
    assert.deepEqual(pending.input_schema.required, ['approved', 'by'])
    const submit = (task: string, input: unknown) =>
      call('POST', on(id, '/updates'), { body: { name: '__submit_input', input: { task_id: task, input } } })
    assert.equal((await submit(pending.task_id, { approved: 'yes' })).status, 422)
    assert.equal((await submit('another', { approved: true, by: 'Ada' })).status, 422)
    const taken = await submit(pending.task_id, { approved: true, by: 'Ada' })
    assert.deepEqual(taken.body.result, { error: null }, JSON.stringify(taken.body))
    assert.notEqual((await submit(pending.task_id, { approved: false, by: 'Bob' })).status, 200)
    assert.deepEqual((await scenario.until(id, 'COMPLETED')).result, { approved: true, by: 'Ada' })
    await reader.ends()
    const tasks = eventsOf(reader).filter(({ event_type }) => event_type.startsWith('CUSTOM_TASK'))
    assert.deepEqual(
      tasks.map(({ event_type, attributes }) => [
        event_type,
        attributes.custom_task_type,
        attributes.custom_task_id,
      ]),
      [
        ['CUSTOM_TASK_STARTED', 'wait_for_input', pending.task_id],
        ['CUSTOM_TASK_COMPLETED', 'wait_for_input', pending.task_id],
      ],
    )
    assert.deepEqual(tasks[1]!.attributes.payload.value.input, { approved: true, by: 'Ada' })
  })

  it('input that nobody hands in is given up, and told so', async () => {
    const id = await start('approval', { timeoutMs: 20 })
    assert.deepEqual((await scenario.until(id, 'COMPLETED')).result, { approved: false, by: 'nobody' })
    const events: Event[] = await scenario.events(id, 'WORKFLOW_EXECUTION_COMPLETED')
    assert.ok(events.some(({ event_type }) => event_type === 'CUSTOM_TASK_TIMED_OUT'))
    const other = await start('approval')
    await scenario.events(other, 'CUSTOM_TASK_STARTED')
    await call('POST', on(other, '/cancel'))
    await scenario.until(other, 'CANCELED')
    const told: Event[] = await scenario.events(other, 'WORKFLOW_EXECUTION_CANCELED')
    assert.ok(told.some(({ event_type }) => event_type === 'CUSTOM_TASK_CANCELED'))
  })

  it('what is logged is in the log of the execution, with its trace', async () => {
    const id = await start('hello', { name: 'Ada' })
    const { run_id } = await scenario.until(id, 'COMPLETED')
    const records = await eventually(async () => {
      const { body } = await call('GET', on(id, '/logs'))
      return body.results?.length >= 2 && body.results
    })
    assert.deepEqual(
      records.map(({ body }: { body: string }) => body),
      ['saying hello', 'translating'],
    )
    const [first, second] = records
    assert.equal(first.log_attributes.workflowRunID, run_id)
    assert.equal(second.log_attributes.language, 'French')
    assert.equal(first.trace_id, second.trace_id)
    assert.match(first.trace_id, /^[0-9a-f]{32}$/)
    const ofDeployment = await eventually(async () => {
      const { body } = await call('GET', `/v1/workflows/deployments/${scenario.deployment}/logs`)
      return body.results?.length >= 2 && body.results
    })
    assert.ok(ofDeployment.some(({ body }: { body: string }) => /is ready/.test(body)))
  })

  it('a run, its activities and its children are one trace', async () => {
    const id = await start('parent', { names: ['Ada'] })
    await scenario.until(id, 'COMPLETED')
    const { body } = await eventually(async () => {
      const answer = await call('GET', on(id, '/trace/otel'))
      return JSON.stringify(answer.body).includes('ExecuteActivity:translate') && answer
    })
    const spans = body.otel_trace_data.batches.flatMap((batch: { scopeSpans: { spans: unknown[] }[] }) =>
      batch.scopeSpans.flatMap((scope) => scope.spans),
    ) as { name: string; spanId: string; parentSpanId?: string; traceId: string }[]
    assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1)
    const named = (name: string) => spans.find((span) => span.name === name)!
    assert.equal(named('RunWorkflow:hello').parentSpanId, named('StartWorkflow:parent').spanId)
    assert.equal(named('ExecuteActivity:translate').parentSpanId, named('RunWorkflow:hello').spanId)
    assert.equal(named('WorkflowInit:parent').parentSpanId, named('StartWorkflow:parent').spanId)
  })
})
