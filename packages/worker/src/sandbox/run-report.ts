import { CancellationScope, proxyLocalActivities, workflowInfo } from '@temporalio/workflow'
import type { SearchKeys } from '../definition/workflow-definition.ts'
import { type AttributesOf, type EventType, runEvent, type SentEvent } from '../run-events.ts'
import { ownId, runEventSource } from './run-state.ts'

/** What a worker needs to know to make a run known. */
export interface RunRegistration {
  temporal_parent_workflow_id: string | null
  temporal_root_workflow_id: string | null
  search_key_metadata: Record<string, string | null> | null
}

/** What a run tells the server, through an activity of the system. */
export interface RunReport {
  events: SentEvent[]
  /** With the first report of a run. */
  registration?: RunRegistration
  /** By what the run can be found from now on. */
  setKeys?: Record<string, string>
  /** By what no longer. */
  deleteKeys?: string[]
}

export const REPORT_ACTIVITY = '__internal__report'

const { [REPORT_ACTIVITY]: send } = proxyLocalActivities<{
  [REPORT_ACTIVITY](report: RunReport): Promise<void>
}>({
  startToCloseTimeout: '20 seconds',
  retry: { maximumAttempts: 3, initialInterval: '200ms' },
})

/**
 * Tells the server what happened, before the workflow goes on: recorded once, in order, and also if the run is being
 * cancelled. Never fails: a run does not depend on being watched.
 */
export async function report(events: SentEvent[], more: Omit<RunReport, 'events'> = {}): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    try {
      await send({ events, ...more })
    } catch {
      // The activity has logged why.
    }
  })
}

/** An event of this run, now. */
export function eventOfRun<T extends EventType>(type: T, attributes: AttributesOf<T>): SentEvent {
  return runEvent(runEventSource(), ownId(), Date.now(), type, attributes)
}

/** By which parents and which words this run is known. */
export function runRegistration(keys: SearchKeys): RunRegistration {
  const info = workflowInfo()
  return {
    temporal_parent_workflow_id: info.parent?.workflowId ?? null,
    temporal_root_workflow_id: info.root?.workflowId ?? null,
    search_key_metadata: Object.fromEntries(
      Object.entries(keys).flatMap(([key, value]) => {
        if (value === undefined) return []
        return [[key, value instanceof Date ? value.toISOString() : value === null ? null : String(value)]]
      }),
    ),
  }
}
