import { createHash } from 'node:crypto'
import type { WorkflowEvent } from '@tramontane/contract/workflow-events'

/** 128 bits of a hash, in the spelling of a UUID. */
function hashOf(parts: readonly (string | number)[]): string {
  const hex = createHash('sha256').update(JSON.stringify(parts)).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  )
}

/** The identity of the event of this type about the beginning or the end of a run. */
export function lifecycleIdentity(executionId: string, runId: string, type: string): string {
  return hashOf([executionId, runId, type])
}

/**
 * What an event reports, where that happens once: the beginning and each way of ending of a run, and each step of an
 * attempt of an activity. Workers give every report an id of its own, also when they report again after a retried
 * task, and what they fail to report is derived from history; so their ids do not tell that two events are the same.
 * Null for all else, which is the same only under the same `event_id`.
 */
export function identityOf(event: WorkflowEvent): string | null {
  const { event_type: type, workflow_exec_id: execution, workflow_run_id: run } = event
  if (run === '') return null
  switch (event.event_type) {
    case 'WORKFLOW_EXECUTION_STARTED':
    case 'WORKFLOW_EXECUTION_COMPLETED':
    case 'WORKFLOW_EXECUTION_FAILED':
    case 'WORKFLOW_EXECUTION_CANCELED':
    case 'WORKFLOW_EXECUTION_CONTINUED_AS_NEW':
      return lifecycleIdentity(execution, run, type)
    case 'ACTIVITY_TASK_STARTED':
    case 'ACTIVITY_TASK_COMPLETED':
      return hashOf([execution, run, type, event.attributes.task_id])
    case 'ACTIVITY_TASK_RETRYING':
    case 'ACTIVITY_TASK_FAILED':
      return hashOf([execution, run, type, event.attributes.task_id, event.attributes.attempt])
    default:
      return null
  }
}
