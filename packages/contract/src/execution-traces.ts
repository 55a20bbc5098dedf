import { z } from 'zod'
import { execution } from './executions.ts'
import { operation } from './operation.ts'
import { queryBoolean } from './scalars.ts'

/** Nanoseconds since 1970; the official TypeScript clients, which cannot read such numbers, are given microseconds. */
const unixNano = z.number().meta({ type: 'integer', format: 'int64' })

const attributes = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))

/** Something that happened in an execution. */
export const traceEvent = z.object({
  type: z.enum(['EVENT', 'EVENT_PROGRESS']),
  name: z.string(),
  /** Of an event of Temporal's history: its number, which `reset` takes. */
  id: z.string(),
  timestamp_unix_nano: unixNano,
  attributes,
  /** It belongs to the machinery, not to the workflow. */
  internal: z.boolean(),
})
export type TraceEvent = z.output<typeof traceEvent>

/** How far something has come. */
export const progressEvent = traceEvent.extend({
  type: z.literal('EVENT_PROGRESS'),
  status: z.enum(['RUNNING', 'COMPLETED', 'FAILED']),
  start_time_unix_ms: z.int(),
  end_time_unix_ms: z.int().nullable(),
  error: z.string().nullable(),
})
export type ProgressEvent = z.output<typeof progressEvent>

/** A span with those that began within it. */
export interface SpanNode {
  span_id: string
  name: string
  start_time_unix_nano: number
  /** Null while it runs. */
  end_time_unix_nano: number | null
  attributes: z.output<typeof attributes>
  events: TraceEvent[]
  children: SpanNode[]
}

export const spanNode: z.ZodType<SpanNode, SpanNode> = z
  .object({
    span_id: z.string(),
    name: z.string(),
    start_time_unix_nano: unixNano,
    end_time_unix_nano: unixNano.nullable(),
    attributes,
    events: z.array(traceEvent),
    get children() {
      return z.array(spanNode)
    },
  })
  .meta({ id: 'TraceSpan' })

const tempoScalar = [
  z.object({ stringValue: z.string() }),
  /** Its digits. */
  z.object({ intValue: z.string() }),
  z.object({ doubleValue: z.number() }),
  z.object({ boolValue: z.boolean() }),
] as const
const tempoValue = z.union([
  ...tempoScalar,
  z.object({ arrayValue: z.object({ values: z.array(z.union(tempoScalar)) }) }),
])
export type TempoValue = z.output<typeof tempoValue>
const tempoAttributes = z.array(z.object({ key: z.string(), value: tempoValue }))

/** A trace as Tempo answers it: spans by the process and the library that made them. */
export const tempoTrace = z.object({
  batches: z.array(
    z.object({
      resource: z.object({ attributes: tempoAttributes }),
      scopeSpans: z.array(
        z.object({
          scope: z.object({ name: z.string(), version: z.string() }),
          spans: z.array(
            z.object({
              traceId: z.string(),
              spanId: z.string(),
              parentSpanId: z.string().nullable(),
              name: z.string(),
              kind: z.enum(['SPAN_KIND_INTERNAL', 'SPAN_KIND_SERVER', 'SPAN_KIND_CLIENT']),
              startTimeUnixNano: z.string(),
              endTimeUnixNano: z.string(),
              attributes: tempoAttributes,
              events: z.array(
                z.object({ name: z.string(), timeUnixNano: z.string(), attributes: tempoAttributes }),
              ),
              status: z.object({ code: z.string(), message: z.string() }),
            }),
          ),
        }),
      ),
    }),
  ),
})
export type TempoTrace = z.output<typeof tempoTrace>

/** There is more than is answered: the first 10,000 spans or events, and 32 MiB of spans, are. */
const truncated = z.boolean()

const shared = {
  method: 'GET',
  tag: 'Workflow traces',
  access: 'read',
  errorShape: 'workflows',
  status: 200,
  params: z.object({ execution_id: z.string() }),
} as const
const path = '/v1/workflows/executions/{execution_id}/trace'

export const getTraceInfo = operation({
  ...shared,
  id: 'getTraceInfo',
  path: `${path}/info`,
  summary: 'Which trace an execution belongs to, and whether spans of it have come in',
  response: z.object({ otel_trace_id: z.string().nullable(), has_trace_data: z.boolean() }),
  errors: ['WF_1100'],
})

export const getTraceOtel = operation({
  ...shared,
  id: 'getTraceOtel',
  path: `${path}/otel`,
  summary: 'The spans of the trace that an execution belongs to, as Tempo answers them',
  response: execution.extend({
    /** `telemetry`: what was sent over OTLP; `none`: nothing was. */
    data_source: z.enum(['telemetry', 'none']),
    otel_trace_id: z.string().nullable(),
    /** Left out when there is none: the official Python package does not expect null. */
    otel_trace_data: tempoTrace.optional(),
    truncated,
  }),
  errors: ['WF_1100'],
})

export const getTraceSummary = operation({
  ...shared,
  id: 'getTraceSummary',
  path: `${path}/summary`,
  summary:
    'What an execution did, as a tree of spans; without spans, of what its events and its history tell',
  response: execution.extend({ span_tree: spanNode.nullable(), truncated }),
  errors: ['WF_1100'],
})

export const getTraceEvents = operation({
  ...shared,
  id: 'getTraceEvents',
  path: `${path}/events`,
  summary:
    'What happened in an execution, in order; with internal events also its history, and so where it can be reset to',
  query: z.object({
    /** One event for each thing that began, went on and ended. */
    merge_same_id_events: queryBoolean.default(false),
    /** Also what the machinery does, and the history of Temporal. */
    include_internal_events: queryBoolean.default(false),
  }),
  response: execution.extend({ events: z.array(z.union([progressEvent, traceEvent])), truncated }),
  errors: ['WF_1100', 'WF_1103', 'TEMPORAL_UNAVAILABLE'],
})
