import type { TempoTrace, TempoValue } from '@tramontane/contract/execution-traces'
import type { StoredSpan } from '../../observability/telemetry/span-reader.ts'
import type { Attributes, AttributeValue } from '../../platform/otlp/attributes.ts'

type TempoSpan = TempoTrace['batches'][number]['scopeSpans'][number]['spans'][number]
type TempoAttributes = TempoSpan['attributes']

/** Tempo has three kinds: producers are clients, consumers servers. */
const KINDS = [
  'SPAN_KIND_INTERNAL',
  'SPAN_KIND_INTERNAL',
  'SPAN_KIND_SERVER',
  'SPAN_KIND_CLIENT',
  'SPAN_KIND_CLIENT',
  'SPAN_KIND_SERVER',
] as const
const STATUS_CODES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR']

/** A value as OTLP writes it; objects, which Tempo's answer has no place for, as their JSON. */
function toValue(value: AttributeValue): TempoValue {
  return Array.isArray(value) ? { arrayValue: { values: value.map(toScalar) } } : toScalar(value)
}

function toScalar(value: AttributeValue): Exclude<TempoValue, { arrayValue: unknown }> {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number')
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  return { stringValue: value === null ? '' : JSON.stringify(value) }
}

function toAttributes(attributes: Attributes): TempoAttributes {
  return [...attributes].map(([key, value]) => ({ key, value: toValue(value) }))
}

function toSpan(span: StoredSpan): TempoSpan {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    name: span.name,
    kind: KINDS[span.kind] ?? 'SPAN_KIND_INTERNAL',
    startTimeUnixNano: String(span.startNanos),
    endTimeUnixNano: String(span.endNanos),
    attributes: toAttributes(span.attributes),
    events: span.events.map(({ name, timeNanos, attributes }) => ({
      name,
      timeUnixNano: String(timeNanos),
      attributes: toAttributes(attributes),
    })),
    status: { code: STATUS_CODES[span.status.code] ?? STATUS_CODES[0]!, message: span.status.message },
  }
}

/** Spans as Tempo answers them: together those of the same process, and within those of the same library. */
export function toTempo(spans: readonly StoredSpan[]): TempoTrace {
  const text = (attributes: Attributes) => JSON.stringify([...attributes])
  const processes = Map.groupBy(spans, ({ resource }) => text(resource))
  return {
    batches: [...processes.values()].map((ofProcess) => ({
      resource: { attributes: toAttributes(ofProcess[0]!.resource) },
      scopeSpans: [...Map.groupBy(ofProcess, ({ scope }) => `${scope.name} ${scope.version}`).values()].map(
        (ofLibrary) => ({
          scope: { name: ofLibrary[0]!.scope.name, version: ofLibrary[0]!.scope.version },
          spans: ofLibrary.map(toSpan),
        }),
      ),
    })),
  }
}
