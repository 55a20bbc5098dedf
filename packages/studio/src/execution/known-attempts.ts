import type { PendingActivity } from '@tramontane/contract/run-history'
import { useCallback, useMemo } from 'react'
import { useActivityRetries } from './activity-retries.ts'
import type { FailedAttempt } from './attempts.ts'
import type { HistoryGroup } from './history-groups.ts'
import type { ShownExecution } from './use-execution.ts'

/** What is known of an activity's attempts beside its history. */
export interface KnownAttempts {
  readonly pending: PendingActivity | undefined
  readonly told: readonly FailedAttempt[]
}
export type KnownOf = (of: { readonly runId: string; readonly group: HistoryGroup }) => KnownAttempts

const UNKNOWN: KnownAttempts = { pending: undefined, told: [] }

/** What is known of the attempts of the run's activities; of those of its children there is only their history. */
export function useKnownAttempts(execution: ShownExecution): KnownOf {
  const { state, history, run, executionId } = execution
  const pending = useMemo(
    () => new Map(state?.pending_activities.map((one) => [one.activity_id, one])),
    [state],
  )
  const isNeeded =
    history.groups.hasRetries || (state?.pending_activities.some(({ attempt }) => attempt > 1) ?? false)
  const { retries, version } = useActivityRetries(executionId, isNeeded)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the store is the same and changes inside
  return useCallback(
    ({ runId, group: { activityId } }) =>
      activityId === null || runId !== run.run_id
        ? UNKNOWN
        : { pending: pending.get(activityId), told: retries.of(runId, activityId) },
    [pending, run.run_id, retries, version],
  )
}
