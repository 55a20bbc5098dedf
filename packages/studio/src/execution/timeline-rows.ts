import type { PendingActivity } from '@tramontane/contract/run-history'
import { lastBegin } from './attempts.ts'
import type { ShownState } from './group-looks.tsx'
import type { HistoryGroup } from './history-groups.ts'
import type { KnownOf } from './known-attempts.ts'
import type { RunHistory } from './run-history.ts'
import type { TimeScale } from './time-scale.ts'

/** A line of the timeline. */
export interface TimelineRow {
  /** Of the run and the event. */
  readonly key: string
  readonly depth: number
  readonly runId: string
  readonly group: HistoryGroup
  /** Whether a child's own timeline can be unfolded under it; null if it is none. */
  readonly isUnfolded: boolean | null
}

/** How deep children of children are unfolded. */
const MAX_DEPTH = 12

/**
 * The lines of a timeline: what happened in the run, and in the children that are unfolded.
 * @param childOf the history of an unfolded child's run
 * @param isShown which groups are lines
 */
export function timelineRows(
  history: RunHistory,
  unfolded: ReadonlySet<string>,
  childOf: (runId: string) => RunHistory,
  isShown: (group: HistoryGroup) => boolean,
): TimelineRow[] {
  const rows: TimelineRow[] = []
  const add = (of: RunHistory, depth: number) => {
    for (const group of of.groups.all) {
      if (!isShown(group)) continue
      const isFoldable = group.kind === 'child' && group.childRunId !== null && depth < MAX_DEPTH
      const isUnfolded = isFoldable ? unfolded.has(group.childRunId!) : null
      rows.push({ key: `${of.runId} ${group.id}`, depth, runId: of.runId, group, isUnfolded })
      if (isUnfolded) add(childOf(group.childRunId!), depth + 1)
    }
  }
  add(history, 0)
  return rows
}

/** The moments of a timeline, and when something was at work in it, for its scale. */
export function timesOf(
  rows: readonly TimelineRow[],
  now: number,
  knownOf: KnownOf,
): { moments: number[]; busy: (readonly [number, number])[] } {
  const moments: number[] = []
  const busy: (readonly [number, number])[] = []
  for (const row of rows) {
    const { group } = row
    moments.push(group.startedAt)
    if (group.takenAt !== null) moments.push(group.takenAt)
    if (group.endedAt !== null) moments.push(group.endedAt)
    if (group.kind !== 'activity') continue
    // One that has failed and waits for its next attempt is idle.
    const { pending, told } = knownOf(row)
    for (const { at } of told) moments.push(at)
    const begun = lastBegin(group, pending)
    if (begun !== null) busy.push([begun, group.endedAt ?? now])
  }
  return { moments, busy }
}

/** Whether something of a group is in a stretch of time. */
export function isWithin({ startedAt, endedAt }: HistoryGroup, { from, to }: TimeScale): boolean {
  return startedAt <= to && (endedAt === null || endedAt >= from)
}

/** How a group stands, with what is known of an activity that has not ended. */
export function shownState(group: HistoryGroup, pending: PendingActivity | undefined): ShownState {
  return group.state === 'open' && pending && pending.attempt > 1 ? 'retrying' : group.state
}
