import { randomBytes } from 'node:crypto'

/** A span, as a test sends it. */
export interface SentSpan {
  traceId: string
  spanId?: string
  parentSpanId?: string
  name?: string
  kind?: number
  /** Nanoseconds since 1970. */
  start: bigint
  end?: bigint
  /** As OTLP/JSON has them: a text, or a value such as `{intValue: '1'}`. */
  attributes?: Record<string, string | object>
  events?: { name: string; at: bigint; attributes?: Record<string, string | object> }[]
  /** 2 is an error. */
  status?: { code: number; message?: string }
}

function toAttributes(attributes: Record<string, string | object> = {}) {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : value,
  }))
}

/** An id of a span. */
export function newSpanId(): string {
  return randomBytes(8).toString('hex')
}

/** An export of spans in OTLP/JSON. */
export function spanExport(spans: readonly SentSpan[], scope = 'a scope') {
  return {
    resourceSpans: [
      {
        resource: { attributes: toAttributes({ 'service.name': 'mistral-workflows-worker' }) },
        scopeSpans: [
          {
            scope: { name: scope },
            spans: spans.map(({ spanId = newSpanId(), name = 'a span', kind = 1, ...span }) => ({
              traceId: span.traceId,
              spanId,
              ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
              name,
              kind,
              startTimeUnixNano: String(span.start),
              endTimeUnixNano: String(span.end ?? span.start + 1_000_000n),
              attributes: toAttributes(span.attributes),
              events: (span.events ?? []).map((event) => ({
                name: event.name,
                timeUnixNano: String(event.at),
                attributes: toAttributes(event.attributes),
              })),
              ...(span.status === undefined ? {} : { status: span.status }),
            })),
          },
        ],
      },
    ],
  }
}
