import type { Attributes, AttributeValue } from '../../platform/otlp/attributes.ts'
import {
  type ChatMessage,
  parsedAttribute,
  toChatMessages,
  toSystemMessages,
  toToolDefinitions,
} from './genai-messages.ts'
import type { Span } from './span.ts'

/** What a span tells of a call's conversation, in the chat format. */
export interface Conversation {
  readonly request: readonly ChatMessage[]
  readonly response: readonly ChatMessage[]
  readonly tools: readonly Record<string, unknown>[]
}

type ValueObject = { [key: string]: AttributeValue }

/** The event of the newer conventions that carries what is too large for attributes. */
const DETAILS_EVENT = 'gen_ai.client.inference.operation.details'

function isObject(value: unknown): value is ValueObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** Newer conventions: `gen_ai.input.messages` and its siblings, as attributes of the span or of its details event. */
function fromMessages(attributes: Attributes): Conversation {
  return {
    request: [
      ...toSystemMessages(attributes.get('gen_ai.system_instructions')),
      ...toChatMessages(attributes.get('gen_ai.input.messages'), 'user'),
    ],
    response: toChatMessages(attributes.get('gen_ai.output.messages'), 'assistant'),
    tools: toToolDefinitions(attributes.get('gen_ai.tool.definitions')),
  }
}

/** `<prefix>.<n>.<rest>` attributes, gathered by n. */
function numbered(attributes: Attributes, prefix: string): Map<string, AttributeValue>[] {
  const groups = new Map<number, Map<string, AttributeValue>>()
  for (const [name, value] of attributes) {
    if (!name.startsWith(`${prefix}.`)) continue
    const match = /^(\d{1,5})\.(.{1,200})$/.exec(name.slice(prefix.length + 1))
    if (!match) continue
    const index = Number(match[1])
    const group = groups.get(index) ?? new Map<string, AttributeValue>()
    groups.set(index, group.set(match[2]!, value))
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group)
}

function numberedMessages(attributes: Attributes, prefix: string, role: string): ChatMessage[] {
  return numbered(attributes, prefix).flatMap((group) => {
    const toolCalls = numbered(group, 'tool_calls').map((call) => ({
      id: call.get('id') ?? null,
      name: call.get('name') ?? '',
      arguments: call.get('arguments') ?? '',
    }))
    const message: ValueObject = Object.create(null)
    for (const name of ['role', 'content', 'tool_call_id'])
      if (group.has(name)) message[name] = group.get(name)!
    if (toolCalls.length > 0) message.tool_calls = toolCalls
    return toChatMessages(message, role)
  })
}

/** OpenLLMetry's conventions: `gen_ai.prompt.0.content` and the like. */
function fromNumbered(attributes: Attributes): Conversation {
  const tools = numbered(attributes, 'llm.request.functions').map(
    (tool): ValueObject => ({
      name: tool.get('name') ?? '',
      description: tool.get('description') ?? '',
      parameters: tool.get('parameters') ?? null,
    }),
  )
  const prompt = numberedMessages(attributes, 'gen_ai.prompt', 'user')
  const completion = numberedMessages(attributes, 'gen_ai.completion', 'assistant')
  return {
    request: prompt.length > 0 ? prompt : toChatMessages(attributes.get('gen_ai.prompt'), 'user'),
    response:
      completion.length > 0 ? completion : toChatMessages(attributes.get('gen_ai.completion'), 'assistant'),
    tools: toToolDefinitions(tools),
  }
}

/** What a span event says: its JSON body, or its attributes as they are. */
function bodyOf(attributes: Attributes): ValueObject {
  const body = parsedAttribute(attributes.get('gen_ai.event.content'))
  return isObject(body) ? body : Object.assign(Object.create(null), Object.fromEntries(attributes))
}

/** Older conventions: an event for each message and each choice. */
function fromEvents(events: Span['events']): Conversation {
  const request: ChatMessage[] = []
  const response: ChatMessage[] = []
  for (const { name, attributes } of events) {
    const role = /^gen_ai\.(system|user|assistant|tool)\.message$/.exec(name)?.[1]
    if (role) request.push(...toChatMessages(bodyOf(attributes), role))
    if (name === 'gen_ai.choice') {
      const body = bodyOf(attributes)
      response.push(...toChatMessages(body.message ?? body, 'assistant'))
    }
    if (name === 'gen_ai.content.prompt')
      request.push(...toChatMessages(attributes.get('gen_ai.prompt'), 'user'))
    if (name === 'gen_ai.content.completion')
      response.push(...toChatMessages(attributes.get('gen_ai.completion'), 'assistant'))
  }
  return { request, response, tools: [] }
}

/**
 * The conversation that a span tells of, in whichever convention it is written: request, response and tools each
 * from the first convention that has them.
 */
export function conversationOf(span: Span): Conversation {
  const details = span.events.find((event) => event.name === DETAILS_EVENT)
  const told = [
    fromMessages(span.attributes),
    ...(details ? [fromMessages(details.attributes)] : []),
    fromNumbered(span.attributes),
    fromEvents(span.events),
  ]
  const first = <K extends keyof Conversation>(part: K): Conversation[K] =>
    told.find((conversation) => conversation[part].length > 0)?.[part] ?? []
  return { request: first('request'), response: first('response'), tools: first('tools') }
}
