import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HistoryEvent } from '@tramontane/contract/run-history'
import { HistoryGroups } from './history-groups.ts'

const START = Date.parse('2026-05-01T10:00:00.000Z')

/** A history of events that come a second apart. */
function history(...events: [type: string, attributes?: HistoryEvent['attributes']][]): HistoryGroups {
  const groups = new HistoryGroups()
  const all = events.map(([event_type, attributes = {}], index) => ({
    event_id: index + 1,
    event_type,
    event_time: new Date(START + index * 1_000).toISOString(),
    attributes,
    previews: {},
  }))
  // In two parts, as they may come.
  groups.add(all.slice(0, 3))
  groups.add(all.slice(3))
  return groups
}

const TASK = [
  ['WORKFLOW_TASK_SCHEDULED'],
  ['WORKFLOW_TASK_STARTED', { scheduledEventId: 2 }],
  ['WORKFLOW_TASK_COMPLETED', { scheduledEventId: 2 }],
] as [string, HistoryEvent['attributes']?][]

describe('the groups of a history', () => {
  it('put an activity together, with its attempts and where a reset would do it anew', () => {
    const { all } = history(
      ['WORKFLOW_EXECUTION_STARTED', { workflowType: 'order' }],
      ...TASK,
      ['ACTIVITY_TASK_SCHEDULED', { activityType: 'pay', workflowTaskCompletedEventId: 4 }],
      ['ACTIVITY_TASK_STARTED', { scheduledEventId: 5, attempt: 3, lastFailure: 'no money' }],
      ['ACTIVITY_TASK_FAILED', { scheduledEventId: 5, failure: 'still no money' }],
    )
    const pay = all.find(({ kind }) => kind === 'activity')!
    assert.deepEqual(
      [pay.name, pay.state, pay.attempt, pay.message, pay.eventIds, pay.resetPoint],
      ['pay', 'failed', 3, 'still no money', [5, 6, 7], 4],
    )
    assert.equal(pay.endedAt! - pay.startedAt, 2_000)
  })

  it('mark where a run goes on that was made by a reset, as no failure', () => {
    const { all, resets } = history(
      ['WORKFLOW_EXECUTION_STARTED', { workflowType: 'order' }],
      ['WORKFLOW_TASK_SCHEDULED'],
      ['WORKFLOW_TASK_STARTED', { scheduledEventId: 2 }],
      ['WORKFLOW_TASK_FAILED', { scheduledEventId: 2, baseRunId: 'the run before', failure: 'again' }],
      ['WORKFLOW_TASK_SCHEDULED'],
      ['WORKFLOW_TASK_STARTED', { scheduledEventId: 5 }],
      ['WORKFLOW_TASK_FAILED', { scheduledEventId: 5, baseRunId: '', failure: 'a mistake in the code' }],
    )
    assert.deepEqual(
      resets.map(({ resetFrom, state, message }) => [resetFrom, state, message]),
      [['the run before', 'noted', 'again']],
    )
    const [, , failed] = all
    assert.deepEqual([failed!.state, failed!.resetFrom], ['failed', null])
  })

  it('reset a signal to the task that has taken it', () => {
    const { all, resetPoints } = history(['WORKFLOW_EXECUTION_SIGNALED', { signalName: 'go' }], ...TASK)
    assert.deepEqual(
      resetPoints.map(({ event_id }) => event_id),
      [4],
    )
    const [signal] = all
    assert.deepEqual(
      [signal!.kind, signal!.name, signal!.resetPoint, signal!.endedAt],
      ['signal', 'go', 4, START],
    )
  })

  it('know the run of a child, timers, and updates that failed', () => {
    const { all } = history(
      ['START_CHILD_WORKFLOW_EXECUTION_INITIATED', { workflowType: 'hello', workflowId: 'a-child' }],
      ['CHILD_WORKFLOW_EXECUTION_STARTED', { initiatedEventId: 1, workflowId: 'a-child', runId: 'a-run' }],
      ['TIMER_STARTED', { timerId: '7' }],
      ['TIMER_FIRED', { timerId: '7', startedEventId: 3 }],
      ['WORKFLOW_EXECUTION_UPDATE_ACCEPTED', { updateName: 'move' }],
      ['WORKFLOW_EXECUTION_UPDATE_COMPLETED', { acceptedEventId: 5, failure: 'already there' }],
      ['WORKFLOW_EXECUTION_TERMINATED', { reason: 'by the key' }],
    )
    assert.deepEqual(
      all.map(({ kind, name, state, message }) => [kind, name, state, message]),
      [
        ['child', 'hello', 'open', null],
        ['timer', '7', 'completed', null],
        ['update', 'move', 'failed', 'already there'],
        ['run', 'Workflow execution terminated', 'failed', 'by the key'],
      ],
    )
    assert.deepEqual(
      [all[0]!.childExecutionId, all[0]!.childRunId, all[0]!.endedAt],
      ['a-child', 'a-run', null],
    )
  })
})
