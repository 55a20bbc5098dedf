import { createHash } from 'node:crypto'
import { type EventRecordInput, eventRecord } from '@tramontane/contract/event-record'
import { canonicalInstant } from '@tramontane/contract/filter-check'
import { mistakeWords } from '@tramontane/contract/mistake-words'
import { type FieldMapping, valueAt } from './field-mapping.ts'

type Json = Record<string, unknown>
type Draft = { [K in keyof EventRecordInput]?: unknown }

/** How lines become records, beside what is recognised in them. */
export interface RecordRules {
  readonly mappings: readonly FieldMapping[]
  /** Model of lines that name none. */
  readonly model: string | undefined
  /** Time of lines that have none, ISO 8601; undefined: when the server first sees them. */
  readonly timestamp: string | undefined
}

/** A record that the server will take, or what is wrong with the line. */
export type ReadRecord = { record: EventRecordInput } | { problem: string }

const MAX_KEY = 200
const MAX_VALUE = 10_000
const MAX_FLATTEN = 5

function isObject(value: unknown): value is Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** Everything below a value as metadata: nested keys are joined by dots, lists are JSON, null is left out. */
function* flatten(key: string, value: unknown, depth = 0): Generator<[string, string]> {
  if (value === null || value === undefined || key === '') return
  if (isObject(value) && depth < MAX_FLATTEN) {
    for (const [name, inner] of Object.entries(value)) yield* flatten(`${key}.${name}`, inner, depth + 1)
    return
  }
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  yield [key.slice(0, MAX_KEY), text.slice(0, MAX_VALUE)]
}

/** A time as ISO 8601, from such text or from a number of seconds, milli- or microseconds since 1970. */
function toTimestamp(value: unknown): unknown {
  if (typeof value === 'string') return canonicalInstant(value) ?? value
  if (typeof value !== 'number' || !(value >= 0)) return value
  const millis = value < 1e11 ? value * 1_000 : value < 1e14 ? value : value / 1_000
  return new Date(Math.min(millis, 8.64e15)).toISOString()
}

function toMessages(value: unknown, role: 'user' | 'assistant'): unknown {
  if (typeof value === 'string') return [{ role, content: value }]
  if (!isObject(value)) return value
  if (Array.isArray(value.choices))
    return value.choices.flatMap((choice) =>
      isObject(choice) && isObject(choice.message) ? [choice.message] : [],
    )
  return [{ role, ...value }]
}

function fieldValue(field: string, value: unknown): unknown {
  if (field === 'timestamp') return toTimestamp(value)
  if (field === 'request_messages') return toMessages(value, 'user')
  if (field === 'response_messages') return toMessages(value, 'assistant')
  if (field === 'error') return isObject(value) ? (value.message ?? JSON.stringify(value)) : value
  return value
}

function usageOf(usage: unknown): Draft {
  if (!isObject(usage)) return {}
  return {
    input_tokens: usage.prompt_tokens ?? usage.input_tokens,
    output_tokens: usage.completion_tokens ?? usage.output_tokens,
  }
}

const TIMES = ['timestamp', 'created_at', 'created', 'time']
const MILLISECONDS = ['duration_ms', 'latency_ms']

/** Ids are texts; some programs count. */
const idOf = (value: unknown) => (typeof value === 'number' ? String(value) : value)

/** Undefined for what programs write when there was none. */
const errorOf = (value: unknown) => (value === null || value === '' || value === false ? undefined : value)

/** What lines of several shapes have in common, taken out of `rest`. */
function commonFields(rest: Map<string, unknown>): Draft {
  const take = (...names: string[]) => {
    const name = names.find((candidate) => rest.get(candidate) !== undefined && rest.get(candidate) !== null)
    if (name === undefined) return undefined
    const value = rest.get(name)
    rest.delete(name)
    return value
  }
  const usage = usageOf(take('usage'))
  const elapsed = take('total_time_elapsed')
  const millis = elapsed === undefined ? take(...MILLISECONDS) : undefined
  const error = errorOf(take('error'))
  return {
    event_id: idOf(take('event_id')),
    correlation_id: idOf(take('correlation_id')),
    timestamp: toTimestamp(take(...TIMES)),
    input_tokens: take('input_tokens') ?? usage.input_tokens,
    output_tokens: take('output_tokens') ?? usage.output_tokens,
    total_time_elapsed: elapsed ?? (typeof millis === 'number' ? millis / 1_000 : undefined),
    enabled_tools: take('tools'),
    error: fieldValue('error', error),
    status: error === undefined ? undefined : 'error',
  }
}

function metadataOf(rest: Map<string, unknown>): Record<string, string> {
  const { metadata, ...others } = Object.fromEntries(rest)
  const given = isObject(metadata) ? metadata : { metadata }
  return Object.fromEntries(
    [...Object.entries(given), ...Object.entries(others)].flatMap(([key, value]) => [...flatten(key, value)]),
  )
}

/** `{request: {model, messages, tools}, response: {choices, usage}}`: a call of an OpenAI-compatible API. */
function fromCall(line: Json): Draft | undefined {
  const { request, response, ...others } = line
  if (!isObject(request) || !Array.isArray(request.messages)) return undefined
  const rest = new Map(Object.entries(others))
  const common = commonFields(rest)
  const answer = isObject(response) ? response : {}
  const failure = errorOf(answer.error)
  if (isObject(request.metadata))
    rest.set('metadata', { ...(rest.get('metadata') as Json | undefined), ...request.metadata })
  return {
    ...definedOf(usageOf(answer.usage)),
    ...(failure === undefined ? {} : { error: fieldValue('error', failure), status: 'error' }),
    ...(Array.isArray(request.tools) ? { enabled_tools: request.tools } : {}),
    timestamp: toTimestamp(answer.created),
    ...definedOf(common),
    model_name: request.model ?? answer.model,
    request_messages: request.messages,
    response_messages: failure === undefined ? (toMessages(response, 'assistant') ?? []) : [],
    response_id: idOf(answer.id),
    metadata: metadataOf(rest),
  }
}

/** `{model, messages, response}`; without `response`, the answers at the end of `messages` are taken for it. */
function fromConversation(line: Json): Draft | undefined {
  const { model, model_name, messages, response, ...others } = line
  if (!Array.isArray(messages)) return undefined
  const rest = new Map(Object.entries(others))
  const common = definedOf(commonFields(rest))
  const isAnswer = (message: unknown) => isObject(message) && message.role === 'assistant'
  const lastOther = messages.findLastIndex((message) => !isAnswer(message))
  const hasResponse = response !== undefined && response !== null
  const answer = isObject(response) ? response : {}
  return {
    ...definedOf(usageOf(answer.usage)),
    ...common,
    model_name: model ?? model_name ?? answer.model,
    request_messages: hasResponse ? messages : messages.slice(0, lastOther + 1),
    response_messages: hasResponse ? toMessages(response, 'assistant') : messages.slice(lastOther + 1),
    response_id: idOf(answer.id),
    metadata: metadataOf(rest),
  }
}

function definedOf(draft: Draft): Draft {
  return Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined))
}

function recognise(line: Json): Draft | undefined {
  if ('request_messages' in line) return line
  return fromCall(line) ?? fromConversation(line)
}

function applyMappings(draft: Draft, line: Json, mappings: readonly FieldMapping[]): Draft {
  const mapped: Json = { ...draft }
  const metadata = new Map(Object.entries(isObject(draft.metadata) ? draft.metadata : {}))
  for (const { field, path } of mappings) {
    const value = valueAt(line, path)
    if (value === undefined || value === null) continue
    if (!field.startsWith('metadata.')) mapped[field] = fieldValue(field, value)
    else for (const [key, text] of flatten(field.slice('metadata.'.length), value)) metadata.set(key, text)
  }
  return metadata.size > 0 ? { ...mapped, metadata: Object.fromEntries(metadata) } : mapped
}

/**
 * Reads a line of a log as a record. The event's id, unless the line has one, comes from its text and number: the same
 * file imported again gives the same events, also after it has grown or a bad line has been mended in place.
 */
export function readRecord(text: string, number: number, rules: RecordRules): ReadRecord {
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch (error) {
    return { problem: `no JSON: ${(error as Error).message}` }
  }
  if (!isObject(line)) return { problem: 'no JSON object' }
  const recognised = recognise(line)
  if (!recognised && rules.mappings.length === 0)
    return {
      problem:
        'no conversation was recognised: it has neither `request_messages`, `messages` nor `request.messages` (see --map)',
    }
  const draft = definedOf(applyMappings(recognised ?? {}, line, rules.mappings))
  draft.event_id ??= `line-${number}-${createHash('sha256').update(text).digest('hex').slice(0, 40)}`
  if (rules.timestamp !== undefined) draft.timestamp ??= rules.timestamp
  if (rules.model !== undefined) draft.model_name ??= rules.model
  const checked = eventRecord.safeParse(draft, { error: mistakeWords })
  if (checked.success) return { record: draft as EventRecordInput }
  const [issue] = checked.error.issues
  return { problem: `${issue!.path.join('.') || 'the record'}: ${issue!.message}` }
}
