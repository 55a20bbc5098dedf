import type { WorkflowEventType } from '@tramontane/contract/workflow-events'
import { type RawBuilder, sql } from 'kysely'
import type { JsonObject } from '../../platform/json-object.ts'
import { metadataOf, type StoredEvent } from './stored-event.ts'

/** Which events a reader wants; what is absent does not matter. */
export interface EventFilter {
  /** `activity`: steps of activities. `workflow`: all others, also custom tasks, which do not tell where they ran. */
  readonly scope?: 'activity' | 'workflow'
  readonly activityName?: string
  readonly activityId?: string
  readonly workflowName?: string
  readonly executionId?: string
  readonly rootExecutionId?: string
  readonly parentExecutionId?: string
  readonly runId?: string
  readonly stream?: string
  readonly types?: readonly WorkflowEventType[]
  /** Each of these must be in the event's `metadata`: the same JSON, or the same when written as a string. */
  readonly metadata?: JsonObject
}

const ACTIVITY = 'ACTIVITY_TASK_'

function hasMetadata(event: StoredEvent, wanted: JsonObject): boolean {
  const entries = Object.entries(wanted)
  if (entries.length === 0) return true
  const metadata = metadataOf(event)
  return entries.every(([key, value]) => {
    if (!Object.hasOwn(metadata, key)) return false
    const found = metadata[key]
    return JSON.stringify(found) === JSON.stringify(value) || String(found) === value
  })
}

/** Whether an event is one of those that a reader wants. */
export function matches(event: StoredEvent, filter: EventFilter): boolean {
  const isActivity = event.event_type.startsWith(ACTIVITY)
  return (
    (filter.scope === undefined || (filter.scope === 'activity') === isActivity) &&
    (filter.activityName === undefined || filter.activityName === event.activity_name) &&
    (filter.activityId === undefined || (isActivity && filter.activityId === event.task_id)) &&
    (filter.workflowName === undefined || filter.workflowName === event.workflow_name) &&
    (filter.executionId === undefined || filter.executionId === event.workflow_exec_id) &&
    (filter.rootExecutionId === undefined || filter.rootExecutionId === event.root_workflow_exec_id) &&
    (filter.parentExecutionId === undefined || filter.parentExecutionId === event.parent_workflow_exec_id) &&
    (filter.runId === undefined || filter.runId === event.workflow_run_id) &&
    (filter.stream === undefined || filter.stream === event.stream) &&
    (filter.types === undefined || filter.types.includes(event.event_type)) &&
    (filter.metadata === undefined || hasMetadata(event, filter.metadata))
  )
}

/**
 * The conditions of a filter that SQL can check. What comes back still has to be looked at with `matches`: `metadata`
 * lies within a text that SQL cannot take apart (it may hold NUL).
 */
export function conditions(filter: EventFilter): RawBuilder<unknown>[] {
  const equal: [string, string | undefined][] = [
    ['activity_name', filter.activityName],
    ['task_id', filter.activityId],
    ['workflow_name', filter.workflowName],
    ['workflow_exec_id', filter.executionId],
    ['root_workflow_exec_id', filter.rootExecutionId],
    ['parent_workflow_exec_id', filter.parentExecutionId],
    ['workflow_run_id', filter.runId],
    ['stream', filter.stream],
  ]
  const found = equal.flatMap(([column, value]) =>
    value === undefined ? [] : [sql`${sql.ref(column)} = ${value}`],
  )
  if (filter.types !== undefined) found.push(sql`event_type = any(${[...filter.types]})`)
  const isActivity = sql`starts_with(event_type, ${ACTIVITY})`
  if (filter.scope === 'activity' || filter.activityId !== undefined) found.push(isActivity)
  if (filter.scope === 'workflow') found.push(sql`not ${isActivity}`)
  return found
}

/** Whether an index finds the events of a filter, so that no event of another execution has to be looked at. */
export function isIndexed(filter: EventFilter): boolean {
  return [filter.executionId, filter.rootExecutionId, filter.runId].some((id) => id !== undefined)
}
