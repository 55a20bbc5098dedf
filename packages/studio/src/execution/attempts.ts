import type { PendingActivity } from '@tramontane/contract/run-history'
import { duration } from '../formats/durations.ts'
import type { HistoryGroup } from './history-groups.ts'

/** An attempt of an activity that its worker said has failed. */
export interface FailedAttempt {
  readonly attempt: number
  /** Milliseconds since 1970, by the worker's clock. */
  readonly at: number
  readonly message: string
}

/** A stretch of an activity's line: attempts, or the time between two of them. */
export interface AttemptPiece {
  readonly kind: 'failed' | 'wait' | 'last'
  /** The attempt; of a wait, the one that comes. Of several that cannot be told apart, the first and the last one. */
  readonly first: number
  readonly last: number
  readonly from: number
  /** Null while it goes on. */
  readonly to: number | null
  /** Whether the attempt is known to have begun at `from`, or only after it. */
  readonly isBeginKnown: boolean
  /** Whether it is known to have ended at `to`, or only before it. */
  readonly isEndKnown: boolean
  /** What failed. */
  readonly message: string | null
}

/** When the last attempt of an activity began; null if that is not known, or has not happened yet. */
export function lastBegin({ takenAt }: HistoryGroup, pending: PendingActivity | undefined): number | null {
  if (takenAt !== null || !pending || pending.state === 'SCHEDULED') return takenAt
  return pending.last_started_time === null ? null : Date.parse(pending.last_started_time)
}

/**
 * An activity that was tried more than once, as far as it is known. A history tells only when the last attempt began; when
 * earlier ones failed, the workers may have told; when those in the middle began, nobody tells.
 * @returns the pieces in the order of time; none if there was but one attempt
 */
export function attemptPieces(
  group: HistoryGroup,
  state: PendingActivity | undefined,
  told: readonly FailedAttempt[],
): AttemptPiece[] {
  // What is pending is asked for now and then, and may be older than the end of the activity.
  const pending = group.endedAt === null ? state : undefined
  const last = pending?.attempt ?? group.attempt
  if (group.kind !== 'activity' || last <= 1) return []
  const begun = lastBegin(group, pending)
  const failed = [...told].filter(({ attempt }) => attempt < last).sort((a, b) => a.attempt - b.attempt)
  const pieces: AttemptPiece[] = []
  const add = (
    kind: AttemptPiece['kind'],
    first: number,
    last: number,
    from: number,
    to: number | null,
    more: Partial<AttemptPiece> = {},
  ) =>
    pieces.push({ kind, first, last, from, to, isBeginKnown: true, isEndKnown: true, message: null, ...more })
  let [at, next] = [group.startedAt, 1]
  for (const { attempt, at: failedAt, message } of failed) {
    if (attempt < next) continue
    // Clocks of workers differ from the engine's: pieces are never out of order.
    const to = Math.min(Math.max(failedAt, at), begun ?? group.endedAt ?? Number.POSITIVE_INFINITY)
    add('failed', next, attempt, at, to, { isBeginKnown: attempt === 1, message })
    at = to
    next = attempt + 1
  }
  const then = begun ?? group.endedAt
  if (next < last) {
    // That they have failed is known, and no more: the pause before the last attempt may be part of this.
    add('failed', next, last - 1, at, then, {
      isBeginKnown: last === 2,
      isEndKnown: false,
      message: pending?.last_failure?.message ?? group.lastFailure,
    })
  } else if (begun === null || begun > at) add('wait', last, last, at, then)
  if (begun !== null) add('last', last, last, begun, group.endedAt, { message: group.message })
  return pieces
}

/** What is known of a piece, in words. */
export function pieceWords(piece: AttemptPiece, now: number): string {
  const { kind, first, last, from, to, isBeginKnown, isEndKnown, message } = piece
  const length = duration(Math.max(0, (to ?? now) - from))
  const why = message === null ? '' : `: ${message}`
  if (kind === 'wait') return `${length} of waiting for attempt ${last}`
  if (kind === 'last') return `Attempt ${last}, ${length}${why}`
  if (first < last) return `Attempts ${first} to ${last} failed; when each of them did is not recorded${why}`
  if (!isEndKnown) return `Attempt ${last} failed; when is not recorded${why}`
  if (isBeginKnown) return `Attempt ${last} failed after ${length}${why}`
  return `Attempt ${last} failed, ${length} after the one before it; when it began is not recorded${why}`
}
