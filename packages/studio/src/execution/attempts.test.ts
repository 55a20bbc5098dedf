import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PendingActivity } from '@tramontane/contract/run-history'
import { attemptPieces, type FailedAttempt, pieceWords } from './attempts.ts'
import { type HistoryGroup, HistoryGroups } from './history-groups.ts'

const START = Date.parse('2026-05-01T10:00:00.000Z')
const at = (seconds: number) => new Date(START + seconds * 1_000).toISOString()

/** An activity that was scheduled at 0 s; begun for the last time and ended as told. */
function activity(last?: { attempt: number; begun: number; ended: number; type?: string }): HistoryGroup {
  const groups = new HistoryGroups()
  const event = (event_id: number, type: string, seconds: number, attributes = {}) => ({
    event_id,
    event_type: `ACTIVITY_TASK_${type}`,
    event_time: at(seconds),
    attributes: { activityId: '1', activityType: 'pay', scheduledEventId: 1, ...attributes },
    previews: {},
  })
  groups.add([event(1, 'SCHEDULED', 0)])
  if (last)
    groups.add([
      event(2, 'STARTED', last.begun, { attempt: last.attempt, lastFailure: 'no money' }),
      event(3, last.type ?? 'COMPLETED', last.ended),
    ])
  return groups.all[0]!
}

function pending(changes: Partial<PendingActivity>): PendingActivity {
  return {
    activity_id: '1',
    activity_name: 'pay',
    state: 'SCHEDULED',
    attempt: 2,
    maximum_attempts: null,
    scheduled_time: null,
    last_started_time: null,
    last_heartbeat_time: null,
    heartbeat: null,
    next_attempt_time: null,
    expiration_time: null,
    last_failure: { message: 'no money', stack_trace: null },
    last_worker: null,
    ...changes,
  }
}

const told = (attempt: number, seconds: number): FailedAttempt => ({
  attempt,
  at: START + seconds * 1_000,
  message: `failure ${attempt}`,
})

/** The pieces in short: what, which attempts, from when to when, in seconds. */
const short = (...args: Parameters<typeof attemptPieces>) =>
  attemptPieces(...args).map(
    ({ kind, first, last, from, to, isBeginKnown, isEndKnown, message }) =>
      `${kind} ${first}-${last} ${(from - START) / 1_000}${isBeginKnown ? '' : '?'}..${to === null ? '' : (to - START) / 1_000}${isEndKnown ? '' : '?'} ${message ?? ''}`,
  )

describe('the attempts of an activity', () => {
  it('are nothing of their own when there was one', () => {
    assert.deepEqual(short(activity({ attempt: 1, begun: 1, ended: 2 }), undefined, []), [])
    assert.deepEqual(short(activity(), pending({ attempt: 1 }), []), [])
  })

  it('are, by a history alone, the last one and those before it', () => {
    assert.deepEqual(short(activity({ attempt: 3, begun: 8, ended: 9 }), undefined, []), [
      'failed 1-2 0?..8? no money',
      'last 3-3 8..9 ',
    ])
  })

  it('end when their workers have told, with the pauses as far as they are known', () => {
    const done = activity({ attempt: 3, begun: 8, ended: 9 })
    assert.deepEqual(short(done, undefined, [told(1, 2), told(2, 5)]), [
      'failed 1-1 0..2 failure 1',
      'failed 2-2 2?..5 failure 2',
      'wait 3-3 5..8 ',
      'last 3-3 8..9 ',
    ])
    // One report was lost, and one came twice.
    assert.deepEqual(short(done, undefined, [told(2, 5), told(2, 5)]), [
      'failed 1-2 0?..5 failure 2',
      'wait 3-3 5..8 ',
      'last 3-3 8..9 ',
    ])
    assert.deepEqual(short(done, undefined, [told(1, 2)]), [
      'failed 1-1 0..2 failure 1',
      'failed 2-2 2?..8? no money',
      'last 3-3 8..9 ',
    ])
  })

  it('go on as far as is told of what is pending', () => {
    assert.deepEqual(short(activity(), pending({}), [told(1, 2)]), [
      'failed 1-1 0..2 failure 1',
      'wait 2-2 2.. ',
    ])
    const working = pending({ state: 'STARTED', last_started_time: at(6) })
    assert.deepEqual(short(activity(), working, []), ['failed 1-1 0..6? no money', 'last 2-2 6.. '])
    // What was pending a moment ago, of an activity that has ended meanwhile.
    assert.deepEqual(short(activity({ attempt: 3, begun: 8, ended: 9 }), working, []), [
      'failed 1-2 0?..8? no money',
      'last 3-3 8..9 ',
    ])
  })

  it('are never out of order, whatever the clocks of workers say', () => {
    const done = activity({ attempt: 3, begun: 8, ended: 9 })
    assert.deepEqual(short(done, undefined, [told(1, -5), told(2, 70)]), [
      'failed 1-1 0..0 failure 1',
      'failed 2-2 0?..8 failure 2',
      'last 3-3 8..9 ',
    ])
  })

  it('say what is not known', () => {
    const words = (...reports: FailedAttempt[]) =>
      attemptPieces(activity({ attempt: 3, begun: 8, ended: 9, type: 'FAILED' }), undefined, reports).map(
        (piece) => pieceWords(piece, 0),
      )
    assert.deepEqual(words(), [
      'Attempts 1 to 2 failed; when each of them did is not recorded: no money',
      'Attempt 3, 1.0 s: no money',
    ])
    assert.deepEqual(words(told(1, 2), told(2, 5)), [
      'Attempt 1 failed after 2.0 s: failure 1',
      'Attempt 2 failed, 3.0 s after the one before it; when it began is not recorded: failure 2',
      '3.0 s of waiting for attempt 3',
      'Attempt 3, 1.0 s: no money',
    ])
  })
})
