import type { Attributes } from '../../platform/otlp/attributes.ts'

/** Something that happened within a span. */
export interface SpanEvent {
  readonly name: string
  /** Nanoseconds since 1970, UTC. */
  readonly timeNanos: bigint
  readonly attributes: Attributes
}

/** A span of OpenTelemetry, checked. Ids are lower-case hexadecimal. */
export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | null
  readonly traceState: string
  readonly name: string
  /** `SpanKind` of OTLP: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number
  /** Nanoseconds since 1970, UTC. */
  readonly startNanos: bigint
  readonly endNanos: bigint
  /** `code`: 0 unset, 1 ok, 2 error. */
  readonly status: { readonly code: number; readonly message: string }
  readonly attributes: Attributes
  readonly events: readonly SpanEvent[]
  readonly links: readonly {
    readonly traceId: string
    readonly spanId: string
    readonly attributes: Attributes
  }[]
  readonly resource: Attributes
  readonly scope: { readonly name: string; readonly version: string; readonly attributes: Attributes }
}
