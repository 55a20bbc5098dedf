import { ApiError } from '../http/errors.ts'

/** SQLSTATE classes and Node codes that mean "the database is not there", not "the query is wrong". */
const UNAVAILABLE = /^(08...|57P0[123]|53[34]00|ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|ETIMEDOUT)$/

/** Whether an error means that the database could not be reached or is going down, so that trying again may help. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (UNAVAILABLE.test(String((error as { code?: unknown }).code))) return true
  return /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout|Cannot use a pool after calling end)/.test(
    error.message,
  )
}

/** Whether an error is the violation of the named unique constraint or index. */
export function violates(error: unknown, constraint: string): boolean {
  return error instanceof Error && 'constraint' in error && error.constraint === constraint
}

/** What the caller is told of a database's error; undefined for errors that are faults of ours. */
export function databaseError(error: unknown): ApiError | undefined {
  if (!(error instanceof Error)) return undefined
  const code = (error as { code?: unknown }).code
  if (code === '57014') {
    return new ApiError(
      'DATABASE_TIMEOUT',
      'The query took longer than its time limit. Narrow it: a time range, a longer search text, or an indexed field such as model_name.',
      { cause: error },
    )
  }
  // Only a caller's text can bring a NUL, which `text` and `jsonb` refuse; features replace it where it may be stored.
  if (code === '22021' || code === '22P05')
    return new ApiError('VALIDATION_ERROR', 'A text has the character NUL (\\u0000), which cannot be here.', {
      cause: error,
    })
  if (isUnavailable(error))
    return new ApiError('DATABASE_UNAVAILABLE', 'The database does not answer; try again.', {
      cause: error,
      retryAfter: 1,
    })
  return undefined
}
