import assert from 'node:assert/strict'
import {
  type SentWorkflowEvent,
  sentWorkflowEvent,
  workflowEventTypes,
} from '@tramontane/testkit/sample-workflow-events'
import type { AnyClient, Context } from '../harness/context.ts'

/** Stores events as a worker does, which the official client does not. */
async function store({ server }: Context<AnyClient>, events: readonly SentWorkflowEvent[]): Promise<void> {
  const answer = await fetch(`${server().url}/v1/workflows/events/batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server().key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ events }),
  })
  assert.equal(answer.status, 200)
}

export function workflowEventTests(context: Context<AnyClient>): void {
  const { client, mark, test } = context
  const execution = `events-${mark.replaceAll(/\W/g, '-')}`
  const events = workflowEventTypes
    .toSorted((a, b) => Number(a.endsWith('N_COMPLETED')) - Number(b.endsWith('N_COMPLETED')))
    .map((type) => sentWorkflowEvent(type, { workflow_exec_id: execution, workflow_run_id: 'one run' }))

  test('events of every type are listed, and their time is one that JavaScript can hold', async () => {
    await store(context, events)
    const first = await client().events.getWorkflowEvents({ workflowExecId: execution, limit: 10 })
    const second = await client().events.getWorkflowEvents({
      workflowExecId: execution,
      cursor: first.nextCursor!,
    })
    assert.equal(second.nextCursor, null)
    const listed = [...first.events, ...second.events]
    assert.deepEqual(
      listed.map(({ eventId, eventType, attributes }) => [
        eventId,
        eventType,
        Object.keys(attributes).length > 0,
      ]),
      events.map(({ event_id, event_type }) => [event_id, event_type, true]),
    )
    for (const { eventTimestamp } of listed) {
      assert.ok(Number.isSafeInteger(eventTimestamp))
      assert.ok(Math.abs(eventTimestamp / 1_000 - Date.now()) < 3_600_000, 'in microseconds')
    }
  })

  test('events of every type are streamed, filtered, and resumed', async () => {
    const stream = await client().events.getStreamEvents({ workflowExecId: execution })
    const seen: { id: string | undefined; eventId: string }[] = []
    for await (const { id, data } of stream) {
      assert.ok(data && 'brokerSequence' in data)
      assert.equal(id, String(data.brokerSequence))
      assert.equal(data.workflowContext.workflowExecId, execution)
      seen.push({ id, eventId: data.data.eventId })
      if (seen.length === events.length) break
    }
    const ids = events.map(({ event_id }) => event_id)
    assert.deepEqual(
      seen.map(({ eventId }) => eventId),
      ids,
    )
    const resumed = await client().events.getStreamEvents({
      workflowExecId: execution,
      scope: 'activity',
      activityName: 'say',
      workflowEventTypes: ['ACTIVITY_TASK_RETRYING', 'ACTIVITY_TASK_FAILED'],
      startSeq: 0,
      lastEventId: seen[0]!.id!,
    })
    const types: string[] = []
    for await (const { data } of resumed) {
      assert.ok(data && 'brokerSequence' in data)
      types.push(data.data.eventType)
      if (types.length === 2) break
    }
    assert.deepEqual(types, ['ACTIVITY_TASK_RETRYING', 'ACTIVITY_TASK_FAILED'])
  })

  test("an execution's stream ends with the execution", async () => {
    const run = { workflow_exec_id: `${execution}-ended`, workflow_run_id: 'one run' }
    const types = ['WORKFLOW_EXECUTION_STARTED', 'ACTIVITY_TASK_STARTED', 'WORKFLOW_EXECUTION_COMPLETED']
    await store(
      context,
      types.map((type) => sentWorkflowEvent(type, run)),
    )
    const stream = await client().workflows.executions.stream({
      executionId: run.workflow_exec_id,
      eventSource: 'HYBRID',
    })
    const seen: string[] = []
    for await (const { data } of stream) {
      assert.ok(data && 'brokerSequence' in data)
      seen.push(data.data.eventType)
    }
    assert.deepEqual(seen, types)
  })

  test('metadata that the client spells its own way selects events', async () => {
    const [tagged, other] = ['a', 'b'].map((tenant) =>
      sentWorkflowEvent('CUSTOM_TASK_STARTED', {
        workflow_exec_id: `${execution}-tagged`,
        metadata: { tenant },
      }),
    )
    await store(context, [other!, tagged!])
    const stream = await client().events.getStreamEvents({
      workflowExecId: `${execution}-tagged`,
      metadataFilters: { tenant: 'a' },
    })
    for await (const { data } of stream) {
      assert.ok(data && 'brokerSequence' in data)
      assert.equal(data.data.eventId, tagged!.event_id)
      assert.deepEqual(data.metadata, { tenant: 'a' })
      break
    }
  })
}
