import { z } from 'zod'
import { operation } from './operation.ts'
import { instant, jsonObject, repeated, wellFormedText, wholeNumber } from './scalars.ts'

/** Every kind of event. The official clients cannot read a frame of any other kind, so no other is stored. */
export const workflowEventType = z.enum([
  'WORKFLOW_EXECUTION_STARTED',
  'WORKFLOW_EXECUTION_COMPLETED',
  'WORKFLOW_EXECUTION_FAILED',
  'WORKFLOW_EXECUTION_CANCELED',
  'WORKFLOW_EXECUTION_CONTINUED_AS_NEW',
  'WORKFLOW_TASK_TIMED_OUT',
  'WORKFLOW_TASK_FAILED',
  'CUSTOM_TASK_STARTED',
  'CUSTOM_TASK_IN_PROGRESS',
  'CUSTOM_TASK_COMPLETED',
  'CUSTOM_TASK_FAILED',
  'CUSTOM_TASK_TIMED_OUT',
  'CUSTOM_TASK_CANCELED',
  'ACTIVITY_TASK_STARTED',
  'ACTIVITY_TASK_COMPLETED',
  'ACTIVITY_TASK_RETRYING',
  'ACTIVITY_TASK_FAILED',
])
export type WorkflowEventType = z.output<typeof workflowEventType>

const MAX_INT64 = 2n ** 63n - 1n

/** An ISO instant in nanoseconds; undefined if it is none. */
function nanosecondsOf(text: string): bigint | undefined {
  const milliseconds = Date.parse(text)
  if (Number.isNaN(milliseconds)) return undefined
  const fraction = /\.(\d{1,9})/.exec(text)?.[1]?.padEnd(9, '0') ?? '0'
  return BigInt(milliseconds) * 1_000_000n + (BigInt(fraction) % 1_000_000n)
}

/** Nanoseconds since 1970. May come as an integer, as its digits in a string (no double holds it), or as ISO 8601. */
const nanoseconds = z.preprocess(
  (value) => {
    if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value)
    if (typeof value !== 'string') return value
    return /^\d{1,19}$/.test(value) ? BigInt(value) : nanosecondsOf(value)
  },
  z.bigint().min(0n).max(MAX_INT64).meta({ type: 'integer', format: 'int64' }),
)

const encodingOptions = z
  .array(z.enum(['offloaded', 'encrypted', 'encrypted-partial', 'compressed']))
  .nullish()

/** A whole value; with `encoding_options`, its base64 text, which only the workers' keys open. */
const jsonPayload = z.object({
  type: z.literal('json').default('json'),
  value: z.unknown(),
  encoding_options: encodingOptions,
})

const patch = z.object({ path: z.string(), value: z.unknown() })

/** What has changed of a task's state since the payload before. */
const jsonPatchPayload = z.object({
  type: z.literal('json_patch'),
  value: z.union([
    z.array(
      z.discriminatedUnion('op', [
        patch.extend({ op: z.literal('add') }),
        patch.extend({ op: z.literal('replace') }),
        patch.extend({ op: z.literal('remove') }),
        patch.extend({
          op: z.literal('append'),
          value: z.union([z.string(), z.object({ type: z.literal('__encrypted__'), value: z.string() })]),
        }),
      ]),
    ),
    z.string(),
  ]),
  encoding_options: encodingOptions,
})

const failure = z.object({ message: z.string() })
const attempt = z.int()
const identifier = wellFormedText(0, 300)
const name = wellFormedText(0, 1_000)

const task = z.object({ task_id: identifier })
const activity = task.extend({ activity_name: name })
const customTask = z.object({ custom_task_id: identifier, custom_task_type: name })

const common = z.object({
  event_id: wellFormedText(1, 300),
  event_timestamp: nanoseconds,
  workflow_name: name,
  workflow_exec_id: wellFormedText(1, 300),
  workflow_run_id: identifier,
  /** Its own execution's id if it has no parent. */
  root_workflow_exec_id: identifier,
  parent_workflow_exec_id: identifier.nullable().default(null),
  /** The run that this run continues. */
  continued_run_id: identifier.nullable().default(null),
  first_execution_run_id: identifier.nullable().default(null),
  schedule_id: identifier.nullable().default(null),
})

const event = <const T extends WorkflowEventType, A extends z.ZodType>(type: T, attributes: A) =>
  common.extend({ event_type: z.literal(type), attributes })

/**
 * Something that happened in a run. The official clients parse strictly, and one event that they cannot parse ends
 * their stream; so the server stores what fits this and nothing else. Members that are not named here are kept.
 */
export const workflowEvent = z.discriminatedUnion('event_type', [
  event(
    'WORKFLOW_EXECUTION_STARTED',
    task.extend({
      workflow_name: name,
      display_name: z.string().nullish(),
      /** A list of arguments. */
      input: jsonPayload,
      attempt: attempt.default(1),
    }),
  ),
  event('WORKFLOW_EXECUTION_COMPLETED', task.extend({ result: jsonPayload, attempt: attempt.default(1) })),
  event('WORKFLOW_EXECUTION_FAILED', task.extend({ failure, attempt: attempt.default(1) })),
  event(
    'WORKFLOW_EXECUTION_CANCELED',
    task.extend({ reason: z.string().nullish(), attempt: attempt.default(1) }),
  ),
  event(
    'WORKFLOW_EXECUTION_CONTINUED_AS_NEW',
    task.extend({ new_execution_run_id: z.string(), workflow_name: name, input: jsonPayload }),
  ),
  event('WORKFLOW_TASK_TIMED_OUT', task.extend({ timeout_type: z.string().nullish() })),
  event('WORKFLOW_TASK_FAILED', task.extend({ failure })),
  event('CUSTOM_TASK_STARTED', customTask.extend({ payload: jsonPayload.optional() })),
  event(
    'CUSTOM_TASK_IN_PROGRESS',
    customTask.extend({
      payload: z.discriminatedUnion('type', [
        jsonPayload.extend({ type: z.literal('json') }),
        jsonPatchPayload,
      ]),
    }),
  ),
  event('CUSTOM_TASK_COMPLETED', customTask.extend({ payload: jsonPayload })),
  event('CUSTOM_TASK_FAILED', customTask.extend({ failure })),
  event('CUSTOM_TASK_TIMED_OUT', customTask.extend({ timeout_type: z.string().nullish() })),
  event('CUSTOM_TASK_CANCELED', customTask.extend({ reason: z.string().nullish() })),
  event('ACTIVITY_TASK_STARTED', activity.extend({ input: jsonPayload })),
  event('ACTIVITY_TASK_COMPLETED', activity.extend({ result: jsonPayload })),
  event('ACTIVITY_TASK_RETRYING', activity.extend({ attempt, failure })),
  event('ACTIVITY_TASK_FAILED', activity.extend({ attempt, failure })),
])
/** An event with every member filled in; `event_timestamp` is a bigint of nanoseconds. */
export type WorkflowEvent = z.output<typeof workflowEvent>

/** A frame of an event stream. Its SSE `id` is the `broker_sequence`. */
export const workflowEventFrame = z.object({
  /** The type of the custom task; `activity` or `workflow` for what is none. */
  stream: z.string(),
  /** When the event was stored. */
  timestamp: instant,
  data: workflowEvent,
  workflow_context: z.object({
    namespace: z.string(),
    workflow_name: z.string(),
    workflow_exec_id: z.string(),
    parent_workflow_exec_id: z.string().nullable(),
    root_workflow_exec_id: z.string(),
  }),
  /** The event's member `metadata`, if it has one. */
  metadata: z.record(z.string(), z.unknown()),
  /** Only grows within a workspace; events come in its order. There are gaps. */
  broker_sequence: z.int(),
})

/** What a stream says last when it is broken off. */
const streamBreak = z.object({
  /** A sentence. */
  error: z.string(),
  reason: z.enum(['read_error', 'stream_error', 'internal_error']),
  /** Of the table of error codes. */
  code: z.string(),
})

/** A frame as it stands on the wire, with the fields of SSE. */
const streamFrame = z.union([
  z.object({ id: z.string(), data: workflowEventFrame }),
  z.object({ event: z.literal('error'), data: streamBreak }),
])

/** The `id` of a frame; empty is none. */
const eventId = z.union([
  z
    .string()
    .regex(/^\d{0,15}$/, { error: 'must be the `id` of an event of this stream' })
    .transform(Number),
  z.int().min(0),
])

/** A JSON object, in the text of a query parameter. */
const jsonText = z.preprocess((value) => {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}, jsonObject.nullable())

const tag = 'Workflow events'
const errorShape = 'workflows'
const filter = wellFormedText(0, 1_000)
const position = wholeNumber({ min: 0 })

const recordErrors = ['TOO_MANY_REQUESTS', 'DATABASE_UNAVAILABLE', 'TEMPORAL_UNAVAILABLE', 'WF_1103'] as const

export const recordWorkflowEvent = operation({
  id: 'recordWorkflowEvent',
  method: 'POST',
  path: '/v1/workflows/events',
  tag,
  access: 'work',
  errorShape,
  status: 200,
  summary: 'For workers: store an event. Sending it again changes nothing',
  body: z.object({ event: workflowEvent }),
  response: z.object({ status: z.enum(['success', 'error']), message: z.string().optional() }),
  errors: recordErrors,
})

/** Events in one batch at most. */
export const maxEventBatch = 1_000

export const recordWorkflowEvents = operation({
  id: 'recordWorkflowEvents',
  method: 'POST',
  path: '/v1/workflows/events/batch',
  tag,
  access: 'work',
  errorShape,
  status: 200,
  summary:
    'For workers: store events in order. Those that are malformed are left out, and `message` says which',
  body: z.object({
    events: z.array(z.unknown().meta({ description: 'As in `recordWorkflowEvent`.' })).max(maxEventBatch),
  }),
  response: z.object({
    status: z.enum(['success', 'error']),
    message: z.string().optional(),
    /** Those that are stored now, also if they were there already. */
    events_received: z.int(),
  }),
  errors: recordErrors,
})

export const streamWorkflowEvents = operation({
  id: 'streamWorkflowEvents',
  method: 'GET',
  path: '/v1/workflows/events/stream',
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'Follow the events of the workspace: first those that are there, then new ones as they come',
  // Loose: the official clients spell each entry of `metadata_filters` as a parameter of its own.
  query: z.looseObject({
    scope: z.enum(['activity', 'workflow', '*']).default('*'),
    activity_name: filter.default('*'),
    activity_id: filter.default('*'),
    workflow_name: filter.default('*'),
    workflow_exec_id: filter.default('*'),
    root_workflow_exec_id: filter.default('*'),
    parent_workflow_exec_id: filter.default('*'),
    stream: filter.default('*'),
    /** The first `broker_sequence` of interest. */
    start_seq: position.default(0),
    /** A JSON object. */
    metadata_filters: jsonText.optional(),
    workflow_event_types: repeated(workflowEventType),
    /** As the header `last-event-id`. */
    last_event_id: eventId.optional(),
  }),
  events: streamFrame,
  produces: ['text/event-stream'],
  errors: ['TOO_MANY_REQUESTS', 'SERVICE_UNAVAILABLE', 'WF_1400'],
})

export const listWorkflowEvents = operation({
  id: 'listWorkflowEvents',
  method: 'GET',
  path: '/v1/workflows/events/list',
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'Events in the order of the stream',
  query: z.object({
    root_workflow_exec_id: filter.optional(),
    workflow_exec_id: filter.optional(),
    workflow_run_id: filter.optional(),
    limit: wholeNumber({ min: 1, max: 1_000 }).default(100),
    cursor: z.string().max(500).optional(),
  }),
  response: z.object({ events: z.array(workflowEvent), next_cursor: z.string().nullable() }),
  errors: ['DATABASE_UNAVAILABLE'],
})

export const streamExecution = operation({
  id: 'streamExecution',
  method: 'GET',
  path: '/v1/workflows/executions/{execution_id}/stream',
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: "Follow an execution's events to its end",
  params: z.object({ execution_id: z.string() }),
  query: z.object({
    /** The vendor's: here all events come from one place. */
    event_source: z.string().max(100).nullish(),
    last_event_id: eventId.optional(),
  }),
  events: streamFrame,
  produces: ['text/event-stream'],
  errors: ['WF_1100', 'TOO_MANY_REQUESTS', 'SERVICE_UNAVAILABLE', 'WF_1400'],
})
