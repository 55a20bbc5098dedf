import type { WorkflowEventType } from './workflow-events.ts'

/** Of the event that tells how a run begins. */
export const beginningType = 'WORKFLOW_EXECUTION_STARTED' satisfies WorkflowEventType

const endTypes = [
  'WORKFLOW_EXECUTION_COMPLETED',
  'WORKFLOW_EXECUTION_FAILED',
  'WORKFLOW_EXECUTION_CANCELED',
  'WORKFLOW_EXECUTION_CONTINUED_AS_NEW',
] as const satisfies readonly WorkflowEventType[]

/** The kinds of events that tell how a run begins and ends. */
export const lifecycleTypes = [beginningType, ...endTypes] as const
export type LifecycleType = (typeof lifecycleTypes)[number]

const ends: ReadonlySet<string> = new Set(endTypes)

/** Whether an event of this type tells how a run ended. */
export function isEnd(eventType: string): boolean {
  return ends.has(eventType)
}
