import type { ProgressEvent } from '@tramontane/contract/execution-traces'
import type { WorkflowEventType } from '@tramontane/contract/workflow-events'
import { isObject, type JsonObject } from '../../platform/json-object.ts'
import type { StoredWorkflowEvent } from '../events/event-reader.ts'
import type { TimedEvent } from './span-events.ts'
import type { Nano } from './wire-values.ts'

/** Characters of what was handed over that are shown. */
const MAX_TEXT = 4_096

/** How far each kind of event says that its task has come. */
const STATUSES: Readonly<Record<WorkflowEventType, ProgressEvent['status']>> = {
  WORKFLOW_EXECUTION_STARTED: 'RUNNING',
  WORKFLOW_EXECUTION_COMPLETED: 'COMPLETED',
  WORKFLOW_EXECUTION_CONTINUED_AS_NEW: 'COMPLETED',
  WORKFLOW_EXECUTION_FAILED: 'FAILED',
  WORKFLOW_EXECUTION_CANCELED: 'FAILED',
  WORKFLOW_TASK_TIMED_OUT: 'FAILED',
  WORKFLOW_TASK_FAILED: 'FAILED',
  CUSTOM_TASK_STARTED: 'RUNNING',
  CUSTOM_TASK_IN_PROGRESS: 'RUNNING',
  CUSTOM_TASK_COMPLETED: 'COMPLETED',
  CUSTOM_TASK_FAILED: 'FAILED',
  CUSTOM_TASK_TIMED_OUT: 'FAILED',
  CUSTOM_TASK_CANCELED: 'FAILED',
  ACTIVITY_TASK_STARTED: 'RUNNING',
  ACTIVITY_TASK_COMPLETED: 'COMPLETED',
  ACTIVITY_TASK_RETRYING: 'RUNNING',
  ACTIVITY_TASK_FAILED: 'FAILED',
}

/** What belongs to the SDK's machinery. */
function isInternal(name: string): boolean {
  return name.startsWith('__')
}

/** The scope of the thing that an event is about: ids of activities and of custom tasks are not one series. */
function scopeOf(type: WorkflowEventType): string {
  return type.startsWith('CUSTOM') ? 'custom' : type.startsWith('ACTIVITY') ? 'activity' : 'workflow'
}

function nameOf(event: StoredWorkflowEvent): string {
  const scope = scopeOf(event.event_type)
  return scope === 'custom'
    ? event.stream
    : scope === 'activity'
      ? (event.activity_name ?? '')
      : event.workflow_name
}

function shortened(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`
}

function parsed(attributes: string): JsonObject {
  const value: unknown = JSON.parse(attributes)
  return isObject(value) ? value : {}
}

/** `failure.message`, a reason, or what kind of end it was. */
function errorOf(event: StoredWorkflowEvent, { failure, reason }: JsonObject): string | null {
  if (isObject(failure)) return typeof failure.message === 'string' ? failure.message : null
  if (STATUSES[event.event_type] !== 'FAILED') return null
  return typeof reason === 'string' && reason !== '' ? reason : event.event_type
}

function attributesOf(event: StoredWorkflowEvent, given: JsonObject): ProgressEvent['attributes'] {
  const payloads = Object.entries(given)
    .filter(([name, value]) => ['input', 'result', 'payload'].includes(name) && isObject(value))
    .map(([name, payload]) => [name, shortened((payload as JsonObject).value)])
  return {
    event_type: event.event_type,
    'wf.workflow.execution_id': event.workflow_exec_id,
    run_id: event.workflow_run_id,
    ...(typeof given.attempt === 'number' ? { attempt: given.attempt } : {}),
    ...Object.fromEntries(payloads),
  }
}

/** Events that workers reported, or that were made up from the history, as progress of what they are about. */
export function reportedEvents(events: readonly StoredWorkflowEvent[], nano: Nano): TimedEvent[] {
  const starts = new Map<string, number>()
  return events.map((event) => {
    const nanos = BigInt(event.event_timestamp)
    const milliseconds = Number(nanos / 1_000_000n)
    const key = `${scopeOf(event.event_type)} ${event.workflow_run_id} ${event.task_id}`
    const start = starts.get(key) ?? milliseconds
    starts.set(key, start)
    const given = parsed(event.attributes)
    const status = STATUSES[event.event_type]
    const name = nameOf(event)
    return {
      nanos,
      key,
      event: {
        type: 'EVENT_PROGRESS',
        name,
        id: event.task_id,
        timestamp_unix_nano: nano(nanos),
        attributes: attributesOf(event, given),
        internal: isInternal(name),
        status,
        start_time_unix_ms: start,
        end_time_unix_ms: status === 'RUNNING' ? null : milliseconds,
        error: errorOf(event, given),
      },
    }
  })
}

/** One event for each thing: when it began, how it stands now, and all that was said of it. */
export function merged(events: readonly TimedEvent[]): TimedEvent[] {
  return [...Map.groupBy(events, ({ key }) => key).values()].map((same) => {
    const first = same[0]!
    const last = same.at(-1)!
    const attributes = Object.assign({}, ...same.map(({ event }) => event.attributes))
    if (!('status' in last.event)) return { ...first, event: { ...first.event, attributes } }
    const began = same.map(({ event }) =>
      'status' in event ? event.start_time_unix_ms : Number.POSITIVE_INFINITY,
    )
    return {
      ...first,
      event: {
        ...last.event,
        timestamp_unix_nano: first.event.timestamp_unix_nano,
        start_time_unix_ms: Math.min(...began),
        attributes,
      },
    }
  })
}
