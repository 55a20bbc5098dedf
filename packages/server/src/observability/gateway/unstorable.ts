import { ApiError } from '../../platform/http/errors.ts'

/**
 * Whether an event itself is at fault, so that storing it later is in vain: refused before any SQL, or by SQLSTATE
 * class 22 (data), 23 (constraint) or 54 (limits). Everything else is the database's state, which may pass.
 */
export function isUnstorable(error: unknown): boolean {
  if (error instanceof ApiError) return error.code === 'VALIDATION_ERROR'
  if (error instanceof RangeError || error instanceof TypeError) return true
  return error instanceof Error && 'code' in error && /^(22|23|54)...$/.test(String(error.code))
}
