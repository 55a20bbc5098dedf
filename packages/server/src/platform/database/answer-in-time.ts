import { ApiError } from '../http/errors.ts'

/**
 * The database's answer. A database that has stalled says nothing at all, and a statement's time limit is its own to keep; so
 * who waits for it has a limit too.
 * @throws ApiError DATABASE_UNAVAILABLE when the time is over; what was asked may still be done
 */
export async function answerInTime<T>(answer: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new ApiError('DATABASE_UNAVAILABLE', 'The database does not answer in time; try again.', {
            retryAfter: 1,
          }),
        ),
      milliseconds,
    )
  })
  // Whoever comes late finds nobody waiting.
  answer.catch(() => {})
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}
