import { z } from 'zod'
import { ApiError } from '../../platform/http/errors.ts'
import { nanosOf } from '../../platform/nanos.ts'

/** Which part of a log is read, by time, and from where on. */
export interface LogWindow {
  /** Nanoseconds since 1970: from here on; null for the beginning. */
  readonly after: bigint | null
  /** Up to, not including; null for the end. */
  readonly before: bigint | null
  readonly order: 'asc' | 'desc'
  /** The last record of the page before; null for the first page. */
  readonly position: { readonly nanos: bigint; readonly sequence: number } | null
}

const nanos = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform(BigInt)
  .refine((value) => value < 2n ** 63n)
const cursor = z.tuple([nanos, z.int().min(0), nanos.nullable(), nanos.nullable(), z.enum(['asc', 'desc'])])

/** The text that stands for what is left of a window after a record. */
export function toCursor(window: LogWindow, last: { timeNanos: bigint; sequence: number }): string {
  const text = (value: bigint | null) => (value === null ? null : String(value))
  const parts = [String(last.timeNanos), last.sequence, text(window.after), text(window.before), window.order]
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}

/**
 * The window that a query asks for; a cursor carries its own.
 * @throws ApiError VALIDATION_ERROR if the cursor is none of ours
 */
export function windowOf(query: {
  after?: string | undefined
  before?: string | undefined
  order: 'asc' | 'desc'
  cursor?: string | undefined
}): LogWindow {
  if (query.cursor === undefined)
    return {
      after: query.after === undefined ? null : nanosOf(query.after),
      before: query.before === undefined ? null : nanosOf(query.before),
      order: query.order,
      position: null,
    }
  const parsed = cursor.safeParse(fromBase64(query.cursor))
  if (!parsed.success) {
    const msg = 'must be a `next_cursor` that was answered to this query'
    throw new ApiError('VALIDATION_ERROR', `query.cursor: ${msg}`, {
      issues: [{ loc: ['query', 'cursor'], msg, type: 'value_error' }],
    })
  }
  const [time, sequence, after, before, order] = parsed.data
  return { after, before, order, position: { nanos: time, sequence } }
}

function fromBase64(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}
