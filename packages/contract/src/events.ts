import { z } from 'zod'
import { eventRecord } from './event-record.ts'
import { type FieldDefinition, fieldTypes } from './fields.ts'
import { filterOperators, filterPayload } from './filter.ts'
import { operation } from './operation.ts'
import { instant, jsonObject, wholeNumber } from './scalars.ts'

/** What a field of an event can hold on the wire; times are ISO 8601. */
export const extraFieldValue = z.union([z.boolean(), z.number(), z.string(), z.array(z.string()), z.null()])
export type ExtraFieldValue = z.output<typeof extraFieldValue>

/** An event as it stands in lists. */
export const eventPreview = z.object({
  event_id: z.string(),
  correlation_id: z.string(),
  created_at: instant,
  extra_fields: z.record(z.string(), extraFieldValue),
  nb_input_tokens: z.int(),
  nb_output_tokens: z.int(),
})
export type EventPreview = z.output<typeof eventPreview>

/** A page of events: `cursor` asks for the next page, `next` is its URL; both null at the end. */
export const eventFeed = z.object({
  completion_events: z.object({
    results: z.array(eventPreview),
    next: z.string().nullable(),
    cursor: z.string().nullable(),
  }),
})

/** An event with its conversation. */
export const completionEvent = eventPreview.extend({
  enabled_tools: z.array(jsonObject),
  request_messages: z.array(jsonObject),
  response_messages: z.array(jsonObject),
  nb_messages: z.int(),
  chat_transcription_events: z.array(
    z.object({ audio_url: z.string(), model: z.string(), response_message: jsonObject }),
  ),
})

const fieldDefinition: z.ZodType<FieldDefinition> = z.object({
  name: z.string(),
  label: z.string(),
  type: z.enum(fieldTypes),
  group: z.string().nullable(),
  supported_operators: z.array(z.enum(filterOperators)),
})

const tag = 'Chat completion events'
const errorShape = 'observability'
const access = 'read'
const events = '/v1/observability/chat-completion-events'
const fields = '/v1/observability/chat-completion-fields'
const filterErrors = [
  'FIELDS_NOT_FOUND',
  'FIELDS_BAD_REQUEST',
  'SEARCH_BAD_REQUEST',
  'DATABASE_TIMEOUT',
] as const

const searchBody = z.object({
  search_params: filterPayload,
  /** The fields to put into each result's `extra_fields`; all if absent. */
  extra_fields: z.array(z.string().min(1).max(300)).max(1_000).nullish(),
})

const eventPath = z.object({ event_id: z.string() })

export const searchEvents = operation({
  id: 'searchEvents',
  method: 'POST',
  path: `${events}/search`,
  tag,
  access,
  errorShape,
  status: 200,
  summary: 'Find events by a filter, newest first',
  query: z.object({
    page_size: wholeNumber({ min: 0, max: 100 }).default(50),
    cursor: z.string().max(500).nullish(),
  }),
  body: searchBody,
  response: eventFeed,
  errors: filterErrors,
})

export const searchEventIds = operation({
  id: 'searchEventIds',
  method: 'POST',
  path: `${events}/search-ids`,
  tag,
  access,
  errorShape,
  status: 200,
  summary: 'The ids of the newest events that a filter selects, up to 10,000',
  body: searchBody,
  response: z.object({ completion_event_ids: z.array(z.string()) }),
  errors: filterErrors,
})

export const getEvent = operation({
  id: 'getEvent',
  method: 'GET',
  path: `${events}/{event_id}`,
  tag,
  access,
  errorShape,
  status: 200,
  summary: 'One event with its conversation',
  params: eventPath,
  response: completionEvent,
  errors: ['SEARCH_NOT_FOUND'],
})

export const similarEvents = operation({
  id: 'similarEvents',
  method: 'GET',
  path: `${events}/{event_id}/similar-events`,
  tag,
  access,
  errorShape,
  status: 200,
  summary: 'The events whose user asks most nearly the same; near duplicates come first',
  params: eventPath,
  response: eventFeed,
  errors: ['SEARCH_NOT_FOUND', 'DATABASE_TIMEOUT'],
})

export const listEventFields = operation({
  id: 'listEventFields',
  method: 'GET',
  path: fields,
  tag,
  access,
  errorShape,
  status: 200,
  summary: 'The fields of events and the operators that each supports',
  response: z.object({
    field_definitions: z.array(fieldDefinition),
    field_groups: z.array(z.object({ name: z.string(), label: z.string() })),
  }),
})

const fieldPath = z.object({ field_name: z.string() })

export const listFieldOptions = operation({
  id: 'listFieldOptions',
  method: 'GET',
  path: `${fields}/{field_name}/options`,
  tag,
  access,
  errorShape,
  status: 200,
  summary: "Values to suggest for a field, the most frequent first; null if the field's values are free",
  params: fieldPath,
  query: z.object({ operator: z.enum(filterOperators) }),
  response: z.object({ options: z.array(z.union([z.string(), z.boolean(), z.null()])).nullable() }),
  errors: ['FIELDS_NOT_FOUND', 'FIELDS_BAD_REQUEST', 'DATABASE_TIMEOUT'],
})

export const countFieldOptions = operation({
  id: 'countFieldOptions',
  method: 'POST',
  path: `${fields}/{field_name}/options-counts`,
  tag,
  access,
  errorShape,
  status: 200,
  summary: 'How many events have each value of a field, the most frequent first, up to 1,000 values',
  params: fieldPath,
  body: z.object({ filter_params: filterPayload.nullish() }),
  response: z.object({ counts: z.array(z.object({ value: z.string(), count: z.int() })) }),
  errors: filterErrors,
})

/** An addition of this project: logs that exist already. */
export const importEvents = operation({
  id: 'importEvents',
  method: 'POST',
  path: events,
  tag,
  access: 'write',
  errorShape,
  status: 201,
  summary: 'Store a batch of events; sending it again changes nothing if each record has its own `event_id`',
  body: z.strictObject({ events: z.array(eventRecord).min(1).max(1_000) }),
  bodyLimit: 32 * 1024 * 1024,
  response: z.object({
    /** Events that were not there before. */
    imported: z.int(),
    duplicates: z.int(),
    /** The id of each record's event, in the order of the records. */
    event_ids: z.array(z.string()),
  }),
  errors: ['PAYLOAD_TOO_LARGE', 'TOO_MANY_REQUESTS'],
})
