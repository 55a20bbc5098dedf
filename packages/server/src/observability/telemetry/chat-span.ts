import type { EventRecord } from '@tramontane/contract/event-record'
import type { Attributes } from '../../platform/otlp/attributes.ts'
import { type Conversation, conversationOf } from './genai-conversation.ts'
import type { Span } from './span.ts'

const STATUS_ERROR = 2
const MAX_TOKENS = 2_147_483_647
/** OpenLLMetry's attributes for what an application says about a call. */
const ASSOCIATION = 'traceloop.association.properties.'
/** What the official client's redaction leaves of an id that looked like a card number. */
const REDACTED = '[REDACTED]'

const CALLS: ReadonlySet<unknown> = new Set([
  'chat',
  'text_completion',
  'completion',
  'generate_content',
  'invoke_agent',
])

/** The first of the attributes that holds text, cut to `length`. */
function text(attributes: Attributes, length: number, ...names: readonly string[]): string | null {
  for (const name of names) {
    const value = attributes.get(name)
    if (typeof value === 'string' && value !== '') return value.slice(0, length)
  }
  return null
}

/** The first of the attributes that holds a count of tokens; 0 if none does. */
function tokens(attributes: Attributes, ...names: readonly string[]): number {
  for (const name of names) {
    const value = Number(attributes.get(name) ?? Number.NaN)
    if (Number.isInteger(value) && value >= 0) return Math.min(value, MAX_TOKENS)
  }
  return 0
}

/** The provider's id of the answer. A redacted one is none: it would join calls that are not the same. */
function responseIdOf(attributes: Attributes): string | null {
  const id = text(attributes, 500, 'gen_ai.response.id')
  return id?.includes(REDACTED) ? null : id
}

/**
 * Whether a span is the call of a model, and not a step around one. An agent's span is the call itself only when it
 * carries the answer's id; else the call is a span below it. Content is generated (`generate_content`) by more than
 * chat, so there a conversation is asked for.
 */
function isModelCall(operation: unknown, { attributes }: Span, conversation: Conversation): boolean {
  if (operation === 'generate_content') return conversation.request.length + conversation.response.length > 0
  if (operation === 'invoke_agent')
    return attributes.has('gen_ai.response.id') && conversation.response.length > 0
  return true
}

/** What went wrong, in the sender's words; null if nothing did. */
function errorOf(span: Span): string | null {
  const type = text(span.attributes, 500, 'error.type')
  if (span.status.code !== STATUS_ERROR && type === null) return null
  const exception = span.events.find((event) => event.name === 'exception')
  const message =
    span.status.message || (exception && text(exception.attributes, 10_000, 'exception.message')) || type
  return (message ?? 'The span says that the call failed, but not why.').slice(0, 10_000)
}

function metadataOf(span: Span): Record<string, string> {
  const metadata: Record<string, string> = Object.create(null)
  for (const [name, value] of span.attributes) {
    const key = name.startsWith(ASSOCIATION) ? name.slice(ASSOCIATION.length) : ''
    if (key !== '' && key.length <= 200 && value !== null && typeof value !== 'object')
      metadata[key] = String(value).slice(0, 10_000)
  }
  const told = {
    conversation_id: text(span.attributes, 10_000, 'gen_ai.conversation.id'),
    provider_name: text(span.attributes, 10_000, 'gen_ai.provider.name', 'gen_ai.system'),
    service_name: text(span.resource, 10_000, 'service.name'),
    span_id: span.spanId,
  }
  for (const [key, value] of Object.entries(told)) if (value !== null) metadata[key] = value
  return metadata
}

/**
 * The event that a chat span of the GenAI conventions tells of; undefined for every other span.
 * @param parent of the span, if it came with it: an agent's span has the question that its model's span leaves out
 */
export function chatRecord(span: Span, parent: Span | undefined): EventRecord | undefined {
  const operation = span.attributes.get('gen_ai.operation.name') ?? span.attributes.get('llm.request.type')
  if (!CALLS.has(operation)) return undefined
  const conversation = conversationOf(span)
  if (!isModelCall(operation, span, conversation)) return undefined
  const isBelowAgent = parent?.attributes.get('gen_ai.operation.name') === 'invoke_agent'
  const asked = conversation.request.length === 0 && isBelowAgent ? conversationOf(parent) : conversation
  const { attributes } = span
  const error = errorOf(span)
  return {
    correlation_id: span.traceId,
    model_name: text(attributes, 500, 'gen_ai.request.model', 'gen_ai.response.model') ?? '',
    request_messages: asked.request.slice(0, 10_000),
    response_messages: conversation.response.slice(0, 1_000),
    enabled_tools: asked.tools.slice(0, 1_000),
    input_tokens: tokens(attributes, 'gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens'),
    output_tokens: tokens(attributes, 'gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens'),
    total_time_elapsed: Math.min(Number(span.endNanos - span.startNanos) / 1e9, 1e9),
    api_agent_id: text(attributes, 500, 'gen_ai.agent.id'),
    metadata: metadataOf(span),
    status: error === null ? 'ok' : 'error',
    error,
    response_id: responseIdOf(attributes),
  }
}
