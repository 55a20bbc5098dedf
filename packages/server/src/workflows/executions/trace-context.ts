import { randomBytes } from 'node:crypto'

/** The trace that an execution belongs to. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** What the worker continues from: W3C trace context. */
  readonly carrier: { readonly traceparent: string; readonly tracestate?: string; readonly baggage?: string }
  /** The caller brought it, with a decision about sampling that holds. */
  readonly isCallers: boolean
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/
const MAX_LENGTH = 8_192

function isUsable(text: unknown): text is string {
  const parts = typeof text === 'string' ? TRACEPARENT.exec(text) : null
  return parts !== null && !/^0+$/.test(parts[1]!) && !/^0+$/.test(parts[2]!)
}

function optional(header: unknown): string | undefined {
  return typeof header === 'string' && header.length > 0 && header.length <= MAX_LENGTH ? header : undefined
}

/**
 * The caller's trace if one came along and is wanted, else a new one.
 * @param given.traceparent from the body, which comes before the header; one that is malformed is none
 */
export function traceContext(
  headers: Readonly<Record<string, unknown>>,
  given: { traceparent?: unknown; forceNew: boolean },
): TraceContext {
  const callers = [given.traceparent, headers.traceparent].find(isUsable)
  if (callers !== undefined && !given.forceNew) {
    const tracestate = optional(headers.tracestate)
    const baggage = optional(headers.baggage)
    return {
      traceId: callers.slice(3, 35),
      carrier: {
        traceparent: callers,
        ...(tracestate === undefined ? {} : { tracestate }),
        ...(baggage === undefined ? {} : { baggage }),
      },
      isCallers: true,
    }
  }
  const traceId = randomBytes(16).toString('hex')
  return {
    traceId,
    carrier: { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` },
    isCallers: false,
  }
}
