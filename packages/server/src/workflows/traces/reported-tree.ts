import { createHash } from 'node:crypto'
import type { SpanNode } from '@tramontane/contract/execution-traces'
import type { OutlinedEvent } from '../../platform/temporal/history-outline.ts'
import type { Run } from '../executions/run-reader.ts'
import type { TimedEvent } from './span-events.ts'
import { type Nano, nanosOfDate } from './wire-values.ts'

/** Something that an execution did, as its history tells. */
interface Task {
  readonly id: string
  readonly name: string
  readonly startNanos: bigint
  endNanos: bigint | null
  readonly attributes: Record<string, string | number | boolean>
}

/** The events of a history that begin something, what it is called by, and under which member of its end its number stands. */
const BEGINNINGS: Readonly<Record<string, { name: string; number: string }>> = {
  ACTIVITY_TASK_SCHEDULED: { name: 'activityType', number: 'scheduledEventId' },
  START_CHILD_WORKFLOW_EXECUTION_INITIATED: { name: 'workflowType', number: 'initiatedEventId' },
  TIMER_STARTED: { name: 'timerId', number: 'startedEventId' },
}
const ENDS =
  /^(ACTIVITY_TASK|CHILD_WORKFLOW_EXECUTION)_(COMPLETED|FAILED|TIMED_OUT|CANCELED|TERMINATED)$|^TIMER_(FIRED|CANCELED)$|^START_CHILD_WORKFLOW_EXECUTION_FAILED$/

/** What an execution did, as its history tells: activities, children, timers. */
function tasksOf(history: readonly OutlinedEvent[]): Task[] {
  const tasks = new Map<number, Task>()
  for (const { id, type, timeNanos, attributes } of history) {
    const beginning = BEGINNINGS[type]
    if (beginning) {
      const kind = type.startsWith('TIMER')
        ? 'Timer'
        : type.startsWith('ACTIVITY')
          ? 'Activity'
          : 'ChildWorkflow'
      tasks.set(id, {
        id: String(id),
        name: `${kind}:${attributes[beginning.name] ?? ''}`,
        startNanos: timeNanos,
        endNanos: null,
        attributes: { ...attributes },
      })
    } else if (ENDS.test(type)) {
      const number = Object.values(BEGINNINGS).map((one) => attributes[one.number])
      const task = number.map((one) => tasks.get(Number(one))).find((one) => one && one.endNanos === null)
      if (!task) continue
      task.endNanos = timeNanos
      Object.assign(task.attributes, attributes, { ended: type })
    }
  }
  return [...tasks.values()]
}

/** An id in the form of a span's, the same each time. */
function spanId(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join(' ')).digest('hex').slice(0, 16)
}

/** A task that workers reported, from its merged events. */
function fromReport(run: Run, { key, nanos, event }: TimedEvent, nano: Nano): SpanNode {
  const end = 'end_time_unix_ms' in event ? event.end_time_unix_ms : null
  const endNanos = end === null ? null : BigInt(end) * 1_000_000n
  return {
    span_id: spanId(run.runId, key),
    name: `${key.startsWith('custom') ? 'Task' : 'Activity'}:${event.name}`,
    start_time_unix_nano: nano(nanos),
    end_time_unix_nano: endNanos === null ? null : nano(endNanos < nanos ? nanos : endNanos),
    attributes: {
      ...event.attributes,
      id: event.id,
      ...('status' in event ? { status: event.status } : {}),
      ...('error' in event && event.error !== null ? { error: event.error } : {}),
    },
    events: [],
    children: [],
  }
}

function fromHistory(run: Run, task: Task, nano: Nano): SpanNode {
  return {
    span_id: spanId(run.runId, 'history', task.id),
    name: task.name,
    start_time_unix_nano: nano(task.startNanos),
    end_time_unix_nano: task.endNanos === null ? null : nano(task.endNanos),
    attributes: task.attributes,
    events: [],
    children: [],
  }
}

/**
 * What an execution did, where no spans tell it: a span for the run, and below it one for each activity and task that
 * its workers reported; if they reported none, for each activity, child and timer of its history.
 * @param reported merged, of this run
 */
export function reportedTree(
  run: Run,
  reported: readonly TimedEvent[],
  history: readonly OutlinedEvent[],
  nano: Nano,
): SpanNode {
  const tasks = reported.filter(({ key, event }) => !key.startsWith('workflow') && !event.internal)
  return {
    span_id: spanId(run.runId),
    name: `Workflow:${run.workflowName}`,
    start_time_unix_nano: nano(nanosOfDate(run.startTime)),
    end_time_unix_nano: run.endTime === null ? null : nano(nanosOfDate(run.endTime)),
    attributes: {
      'wf.workflow.execution_id': run.executionId,
      'wf.workflow.type': run.workflowName,
      run_id: run.runId,
      status: run.status,
    },
    events: [],
    children:
      tasks.length > 0
        ? tasks.map((task) => fromReport(run, task, nano))
        : tasksOf(history).map((task) => fromHistory(run, task, nano)),
  }
}
