import { idOf, toAttributes, toHex } from '../../platform/otlp/attributes.ts'
import type { ExportTraceServiceRequest } from '../../platform/otlp/generated/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts'
import type {
  ScopeSpans,
  Span as WireSpan,
} from '../../platform/otlp/generated/opentelemetry/proto/trace/v1/trace_pb.ts'
import { Refusal, Refusals } from '../../platform/otlp/refusals.ts'
import type { Span } from './span.ts'

/** What an export holds: spans that can be stored, and why the others cannot. */
export interface Intake {
  readonly spans: readonly Span[]
  readonly rejected: number
  /** For the sender: how many were refused for which reason; empty if none was. */
  readonly reason: string
}

const MAX_CLOCK_AHEAD_NANOS = 24n * 3_600_000_000_000n

function checkedTimes(span: WireSpan, nowNanos: bigint): { startNanos: bigint; endNanos: bigint } {
  const startNanos = span.startTimeUnixNano
  if (startNanos === 0n) throw new Refusal('they have no start time')
  // A span that never ended properly is kept as one without a duration.
  const endNanos = span.endTimeUnixNano > startNanos ? span.endTimeUnixNano : startNanos
  if (endNanos > nowNanos + MAX_CLOCK_AHEAD_NANOS)
    throw new Refusal('their clock is more than 24 hours ahead of the server')
  return { startNanos, endNanos }
}

function toSpan(wire: WireSpan, nowNanos: bigint, shared: Pick<Span, 'resource' | 'scope'>): Span {
  const traceId = idOf(wire.traceId, 16)
  const spanId = idOf(wire.spanId, 8)
  if (!traceId || !spanId)
    throw new Refusal('their trace id is not 16 bytes, or their span id not 8, or one is all zero')
  return {
    ...shared,
    ...checkedTimes(wire, nowNanos),
    traceId,
    spanId,
    parentSpanId: idOf(wire.parentSpanId, 8) ?? null,
    traceState: wire.traceState,
    name: wire.name,
    kind: wire.kind,
    status: { code: wire.status?.code ?? 0, message: wire.status?.message ?? '' },
    attributes: toAttributes(wire.attributes),
    events: wire.events.map((event) => ({
      name: event.name,
      timeNanos: event.timeUnixNano,
      attributes: toAttributes(event.attributes),
    })),
    links: wire.links.map((link) => ({
      traceId: toHex(link.traceId),
      spanId: toHex(link.spanId),
      attributes: toAttributes(link.attributes),
    })),
  }
}

function scopeOf({ scope }: ScopeSpans): Span['scope'] {
  return {
    name: scope?.name ?? '',
    version: scope?.version ?? '',
    attributes: toAttributes(scope?.attributes),
  }
}

/**
 * Reads the spans of an export and checks each; one that cannot be stored does not keep the others out.
 * @param nowMs the server's clock, against which theirs is held
 */
export function takeIn(request: ExportTraceServiceRequest, nowMs: number): Intake {
  const nowNanos = BigInt(nowMs) * 1_000_000n
  const spans: Span[] = []
  const refusals = new Refusals('spans')
  for (const { resource, scopeSpans } of request.resourceSpans) {
    for (const group of scopeSpans) {
      try {
        const shared = { resource: toAttributes(resource?.attributes), scope: scopeOf(group) }
        for (const wire of group.spans) {
          try {
            spans.push(toSpan(wire, nowNanos, shared))
          } catch (error) {
            refusals.add(error)
          }
        }
      } catch (error) {
        refusals.add(error, group.spans.length)
      }
    }
  }
  return { spans, rejected: refusals.count, reason: refusals.sentence }
}
