import { z } from 'zod'
import { filterPayload } from './filter.ts'
import { operation } from './operation.ts'
import { id, instant, wholeNumber } from './scalars.ts'

/** Most buckets of a volume. */
export const MAX_BUCKETS = 200
/** Most events of one export. */
export const MAX_EXPORTED = 100_000

const tag = 'Chat completion events'
const errorShape = 'observability'
const access = 'read'
const events = '/v1/observability/chat-completion-events'
const params = z.object({ event_id: z.string() })
const filterErrors = [
  'FIELDS_NOT_FOUND',
  'FIELDS_BAD_REQUEST',
  'SEARCH_BAD_REQUEST',
  'DATABASE_TIMEOUT',
] as const

/** How many events there were over time. */
const eventVolume = z.object({
  /** What was counted: as asked, or from the first to the last event; null if the workspace has none. */
  from: instant.nullable(),
  to: instant.nullable(),
  /** How long a bucket is; the first and the last may be cut off. */
  step_seconds: z.int(),
  nb_events: z.int(),
  nb_errors: z.int(),
  /** False: counting would have taken too long, so a part of the events was counted and the numbers are estimates. */
  is_exact: z.boolean(),
  buckets: z.array(z.object({ from: instant, nb_events: z.int(), nb_errors: z.int() })),
})
export type EventVolume = z.output<typeof eventVolume>

export const countEventVolume = operation({
  id: 'countEventVolume',
  method: 'POST',
  path: `${events}/volume`,
  tag,
  access,
  errorShape,
  status: 200,
  summary: 'How many events a filter selects over time, and how many of them failed',
  body: z.strictObject({
    search_params: filterPayload,
    /** Absent or null: from the first event. */
    from: instant.nullish(),
    /** Not included. Absent or null: to the last event. */
    to: instant.nullish(),
    max_buckets: wholeNumber({ min: 1, max: MAX_BUCKETS }).default(60),
  }),
  response: eventVolume,
  errors: filterErrors,
})

/** What a judge made of an event in one campaign. */
const eventAnnotation = z.object({
  campaign_id: id,
  judge_id: id,
  /** The revision whose content judged. */
  judge_revision: id,
  judge_name: z.string(),
  output_type: z.enum(['CLASSIFICATION', 'REGRESSION']),
  /** Null: the event could not be judged, see `error`. */
  answer: z.union([z.string(), z.number()]).nullable(),
  analysis: z.string().nullable(),
  error: z.string().nullable(),
  input_tokens: z.int(),
  output_tokens: z.int(),
  duration_seconds: z.number(),
  created_at: instant,
})

export const listEventAnnotations = operation({
  id: 'listEventAnnotations',
  method: 'GET',
  path: `${events}/{event_id}/annotations`,
  tag,
  access,
  errorShape,
  status: 200,
  summary: 'What judges made of an event in campaigns, with their analysis; the newest 100, newest first',
  params,
  response: z.object({ annotations: z.array(eventAnnotation) }),
  errors: ['SEARCH_NOT_FOUND'],
})

const milliseconds = z.number()

export const getEventTrace = operation({
  id: 'getEventTrace',
  method: 'GET',
  path: `${events}/{event_id}/trace`,
  tag,
  access,
  errorShape,
  status: 200,
  summary: 'The spans of the trace that an event belongs to, by start time; none if its call was not traced',
  params,
  response: z.object({
    trace_id: z.string().nullable(),
    spans: z.array(
      z.object({
        span_id: z.string(),
        parent_span_id: z.string().nullable(),
        name: z.string(),
        service: z.string().nullable(),
        /** Since 1970, with a fraction. */
        start_unix_ms: milliseconds,
        end_unix_ms: milliseconds,
        status: z.enum(['unset', 'ok', 'error']),
        status_message: z.string(),
        attributes: z.record(z.string(), z.unknown()),
      }),
    ),
    /** There are more spans than these. */
    is_cut: z.boolean(),
  }),
  errors: ['SEARCH_NOT_FOUND'],
})

export const exportEvents = operation({
  id: 'exportEvents',
  method: 'POST',
  path: `${events}/export`,
  tag,
  access,
  errorShape,
  status: 200,
  summary: 'Events as JSONL, newest first: a record a line, in the form that the batch import takes',
  body: z.strictObject({
    search_params: filterPayload.optional(),
    /** These events instead of those that a filter selects. */
    completion_event_ids: z.array(z.string().max(200)).max(10_000).optional(),
    max_nb_events: wholeNumber({ min: 1, max: MAX_EXPORTED }).default(MAX_EXPORTED),
  }),
  produces: ['application/x-ndjson'],
  errors: filterErrors,
})
