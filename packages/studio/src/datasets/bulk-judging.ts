import { ApiError } from '../api/api-error.ts'
import type { Work } from '../jobs/page-job.ts'
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
 * Has many records judged, some at a time. It gives up when what is wrong is not with the records: no provider, or one failure
 * after the other. What was under way when it was stopped is judged when it goes on.
 */
export function judgeEach(
  ids: readonly string[],
  judge: (id: string, signal: AbortSignal) => Promise<Verdict>,
): Work<Outcome> {
  const left = [...ids]
  return async (report, signal) => {
    let failures = 0
    let reason: Error | undefined
    const lane = async () => {
      while (!signal.aborted && !reason) {
        const recordId = left.shift()
        if (recordId === undefined) return
        try {
          const verdict = await judge(recordId, signal)
          failures = 0
          report({ done: 1, failed: 0, results: [{ recordId, verdict }] })
        } catch (error) {
          if (signal.aborted) {
            left.unshift(recordId)
            return
          }
          const { message } = error as Error
          report({ done: 1, failed: 1, results: [{ recordId, error: message }] })
          failures++
          if (failures >= GIVE_UP || (error instanceof ApiError && error.code === 'PROVIDER_NOT_CONFIGURED'))
            reason = new Error(`The judging was given up: ${message}`)
        }
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
    if (reason) throw reason
  }
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
