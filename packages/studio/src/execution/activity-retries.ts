import { useSyncExternalStore } from 'react'
import type { Frame } from '../api/stream.ts'
import type { FailedAttempt } from './attempts.ts'
import { keptStores, LiveStore } from './live-store.ts'

/** Of an activity that is tried for ever, only the latest attempts are kept. */
const MAX_ATTEMPTS = 200
const NONE: readonly FailedAttempt[] = []

interface Reported {
  readonly event_timestamp: number
  readonly workflow_run_id: string
  readonly attributes: {
    readonly task_id: string
    readonly attempt: number
    readonly failure: { readonly message: string }
  }
}

/** The attempts of an execution's activities that failed and were followed by another one, as workers tell it. */
export class ActivityRetries extends LiveStore {
  readonly #failed = new Map<string, readonly FailedAttempt[]>()
  protected override readonly operation = 'streamWorkflowEvents'
  protected override readonly parts: { params: object; query: Record<string, unknown> }

  constructor(executionId: string) {
    super()
    const query = { workflow_exec_id: executionId, workflow_event_types: ['ACTIVITY_TASK_RETRYING'] }
    this.parts = { params: {}, query }
  }

  /** Those of an activity; the same list until there are more. */
  of(runId: string, activityId: string): readonly FailedAttempt[] {
    // Asked for each line of a long timeline, mostly in vain.
    return (this.#failed.size > 0 && this.#failed.get(`${runId} ${activityId}`)) || NONE
  }

  protected override take({ data }: Frame): void {
    const { event_timestamp, workflow_run_id, attributes } = (JSON.parse(data) as { data: Reported }).data
    const key = `${workflow_run_id} ${attributes.task_id}`
    const at = Math.floor(event_timestamp / 1e6)
    const one = { attempt: attributes.attempt, at, message: attributes.failure.message }
    this.#failed.set(key, [...(this.#failed.get(key) ?? NONE), one].slice(-MAX_ATTEMPTS))
  }

  /** The stream is the workspace's, and ends only when the server stops. */
  protected override isOver(): boolean {
    return false
  }
}

const kept = keptStores((executionId) => new ActivityRetries(executionId), 10)
const nothing = () => () => {}

/** @param isNeeded whether anything was tried again: without that, nothing is asked for */
export function useActivityRetries(
  executionId: string,
  isNeeded: boolean,
): { retries: ActivityRetries; version: number } {
  const retries = kept(executionId)
  const version = useSyncExternalStore(isNeeded ? retries.subscribe : nothing, retries.getVersion)
  return { retries, version }
}
