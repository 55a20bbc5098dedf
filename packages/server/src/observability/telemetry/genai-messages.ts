import { isDeeperThan } from '../../platform/json-depth.ts'
import type { AttributeValue } from '../../platform/otlp/attributes.ts'

/** A message of a conversation in the chat format: `role`, `content`, maybe `tool_calls`. */
export type ChatMessage = Record<string, unknown>

type JsonRecord = Record<string, unknown>

const MAX_DEPTH = 64

function isRecord(value: unknown): value is JsonRecord {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/**
 * What an attribute says: its JSON if it is text that holds some, else the value itself. Text cut off by a sender's
 * length limit, and JSON nested beyond reason, stay text.
 */
export function parsedAttribute(value: AttributeValue | undefined): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value
  try {
    const parsed: unknown = JSON.parse(value)
    return isDeeperThan(parsed, MAX_DEPTH) ? value : parsed
  } catch {
    return value
  }
}

function asText(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A tool call of any of the conventions: flat (`name`, `arguments`) or as chat has it (`function`). */
function toToolCall(call: JsonRecord): JsonRecord {
  const called = isRecord(call.function) ? call.function : call
  return {
    ...(call.id === undefined || call.id === null ? {} : { id: asText(call.id) }),
    type: 'function',
    function: { name: asText(called.name), arguments: asText(called.arguments) },
  }
}

function toToolCalls(value: unknown): JsonRecord[] {
  const calls = parsedAttribute(value as AttributeValue)
  return (Array.isArray(calls) ? calls : []).filter(isRecord).map(toToolCall)
}

/** A part that is neither text nor about tools, as a chunk of a chat message's content. */
function toChunk(part: JsonRecord): JsonRecord {
  if (part.type === 'text') return { type: 'text', text: asText(part.content ?? part.text) }
  if (part.type === 'reasoning')
    return { type: 'thinking', thinking: [{ type: 'text', text: asText(part.content) }] }
  if (part.type === 'uri' && part.modality === 'image')
    return { type: 'image_url', image_url: asText(part.uri) }
  if (part.type === 'blob' && part.modality === 'image') {
    const url = `data:${asText(part.mime_type) || 'image/png'};base64,${asText(part.content)}`
    return { type: 'image_url', image_url: url }
  }
  return part
}

/** Content of a message: text if there is nothing else, `null` beside tool calls if there is nothing at all. */
function toContent(chunks: readonly JsonRecord[], hasToolCalls: boolean): unknown {
  if (chunks.length === 0) return hasToolCalls ? null : ''
  return chunks.length === 1 && chunks[0]!.type === 'text' ? chunks[0]!.text : chunks
}

/** A message with `parts`; each answer of a tool in it is a message of its own in the chat format. */
function fromParts(role: string, name: unknown, parts: readonly JsonRecord[]): ChatMessage[] {
  const answers = parts
    .filter((part) => part.type === 'tool_call_response')
    .map((part) => ({
      role: 'tool',
      ...(part.id === undefined || part.id === null ? {} : { tool_call_id: asText(part.id) }),
      content: asText(part.response ?? part.result ?? part.content),
    }))
  const toolCalls = parts.filter((part) => part.type === 'tool_call').map(toToolCall)
  const chunks = parts
    .filter((part) => part.type !== 'tool_call' && part.type !== 'tool_call_response')
    .map(toChunk)
  if (answers.length > 0 && chunks.length === 0 && toolCalls.length === 0) return answers
  const message = {
    role,
    ...(typeof name === 'string' ? { name } : {}),
    content: toContent(chunks, toolCalls.length > 0),
    ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
  }
  return [message, ...answers]
}

/** A message as one of the conventions writes it, in the chat format. */
function toMessages(message: JsonRecord, defaultRole: string): ChatMessage[] {
  const role = typeof message.role === 'string' && message.role !== '' ? message.role : defaultRole
  const parts = parsedAttribute(message.parts as AttributeValue)
  if (Array.isArray(parts)) return fromParts(role, message.name, parts.filter(isRecord))
  const toolCalls = toToolCalls(message.tool_calls)
  const content = message.content ?? (toolCalls.length > 0 ? null : '')
  const toolCallId = message.tool_call_id ?? (role === 'tool' ? message.id : undefined)
  return [
    {
      role,
      ...(typeof message.name === 'string' ? { name: message.name } : {}),
      content:
        typeof content === 'string' || Array.isArray(content) || content === null ? content : asText(content),
      ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
      ...(typeof toolCallId === 'string' ? { tool_call_id: toolCallId } : {}),
    },
  ]
}

/**
 * Messages as chat has them.
 * @param value text with JSON, or a structured value: a list of messages, one message, or plain text
 * @param defaultRole of a message that does not say its own
 */
export function toChatMessages(value: AttributeValue | undefined, defaultRole: string): ChatMessage[] {
  const parsed = parsedAttribute(value)
  if (parsed === undefined || parsed === null || parsed === '') return []
  return (Array.isArray(parsed) ? parsed : [parsed]).flatMap((item) => {
    const message = parsedAttribute(item)
    return isRecord(message)
      ? toMessages(message, defaultRole)
      : [{ role: defaultRole, content: asText(message) }]
  })
}

/** The system's instructions: text, or a list of parts. */
export function toSystemMessages(value: AttributeValue | undefined): ChatMessage[] {
  const parsed = parsedAttribute(value)
  const isParts = Array.isArray(parsed) && parsed.every((item) => isRecord(item) && item.role === undefined)
  return isParts && parsed.length > 0
    ? fromParts('system', undefined, parsed)
    : toChatMessages(value, 'system')
}

/** Definitions of tools, flat or as chat has them, in the chat format. */
export function toToolDefinitions(value: AttributeValue | undefined): JsonRecord[] {
  const parsed = parsedAttribute(value)
  return (Array.isArray(parsed) ? parsed : [])
    .map((item) => parsedAttribute(item as AttributeValue))
    .filter(isRecord)
    .map((tool) => {
      if (isRecord(tool.function) || typeof tool.name !== 'string') return tool
      const { type, name, description, parameters } = tool
      return {
        type: typeof type === 'string' ? type : 'function',
        function: {
          name,
          ...(description === undefined ? {} : { description }),
          ...(parameters === undefined ? {} : { parameters: parsedAttribute(parameters as AttributeValue) }),
        },
      }
    })
}
