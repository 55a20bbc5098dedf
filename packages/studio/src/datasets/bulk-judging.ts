import { ApiError } from '../api/api-error.ts'
import type { Verdict } from './judge-record.ts'

/** What became of one record. */
export type Outcome =
  | { readonly recordId: string; readonly verdict: Verdict }
  | { readonly recordId: string; readonly error: string }

/** Records that are judged at a time. */
const LANES = 4
/** After so many failures in a row the judge itself cannot work. */
const GIVE_UP = 5

/**
 * Has many records judged, some at a time. Ends early, without an error, when the signal fires, and when what is wrong
 * is not with the records: no provider, or one failure after the other.
 * @returns why it gave up; undefined if it did not
 */
export async function judgeAll(
  ids: readonly string[],
  judge: (id: string, signal: AbortSignal) => Promise<Verdict>,
  { signal, onOutcome }: { signal: AbortSignal; onOutcome: (outcome: Outcome) => void },
): Promise<string | undefined> {
  let next = 0
  let failures = 0
  let reason: string | undefined
  const lane = async () => {
    while (next < ids.length && !signal.aborted && reason === undefined) {
      const recordId = ids[next++]!
      try {
        const verdict = await judge(recordId, signal)
        failures = 0
        onOutcome({ recordId, verdict })
      } catch (error) {
        if (signal.aborted) return
        const { message } = error as Error
        onOutcome({ recordId, error: message })
        failures++
        if (failures >= GIVE_UP || (error instanceof ApiError && error.code === 'PROVIDER_NOT_CONFIGURED'))
          reason = message
      }
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return reason
}

/** How often each answer was given, the most frequent first. */
export function answerCounts(outcomes: readonly Outcome[]): { answer: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const outcome of outcomes)
    if ('verdict' in outcome) {
      const answer = String(outcome.verdict.answer)
      counts.set(answer, (counts.get(answer) ?? 0) + 1)
    }
  return [...counts].map(([answer, count]) => ({ answer, count })).sort((a, b) => b.count - a.count)
}
