import { isExactNumber, parseExact, RoundedNumberError } from '../api/exact-json.ts'

export type Json = Readonly<Record<string, unknown>>

/** A message while it is being edited. What is JSON is text here, since it may be none for a while. */
export interface MessageDraft {
  /** Tells messages apart while they are moved. */
  readonly key: number
  readonly role: string
  readonly content: string
  /** `json`: content of another form than text, such as chunks with images. */
  readonly contentForm: 'text' | 'json'
  /** JSON; null: there are none. */
  readonly toolCalls: string | null
  readonly toolCallId: string | null
  /** The message as it was: whatever is not edited stays as it is. */
  readonly original: Json
}

export interface Problem {
  /** The message's key; null for the payload or the properties. */
  readonly key: number | null
  readonly field: 'content' | 'toolCalls' | 'payload' | 'properties'
  readonly message: string
}

let lastKey = 0

/** The usual roles; a message may have another one. */
export const ROLES = ['system', 'user', 'assistant', 'tool'] as const

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isExactNumber(value)
}

/** A value as JSON that people can read. */
export function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2)
}

/** A message to be edited. */
export function toMessageDraft(original: Json): MessageDraft {
  const { role, content, tool_calls: calls, tool_call_id: callId } = original
  const isText = content === null || content === undefined || typeof content === 'string'
  return {
    key: ++lastKey,
    role: typeof role === 'string' ? role : '',
    content: isText ? ((content as string | null | undefined) ?? '') : pretty(content),
    contentForm: isText ? 'text' : 'json',
    toolCalls: calls === undefined || calls === null ? null : pretty(calls),
    toolCallId: typeof callId === 'string' ? callId : null,
    original,
  }
}

/** The messages of a payload to be edited. */
export function toDrafts(payload: { readonly messages: readonly Json[] }): MessageDraft[] {
  return payload.messages.map(toMessageDraft)
}

/** An empty message of the role that would come next. */
export function nextMessage(drafts: readonly MessageDraft[]): MessageDraft {
  const role = drafts.at(-1)?.role === 'user' ? 'assistant' : 'user'
  return toMessageDraft({ role, content: '' })
}

/** @returns the same list with the message one place up (−1) or down (1), if there is one */
export function moved(drafts: readonly MessageDraft[], key: number, by: -1 | 1): readonly MessageDraft[] {
  const from = drafts.findIndex((draft) => draft.key === key)
  const to = from + by
  if (from < 0 || to < 0 || to >= drafts.length) return drafts
  const next = [...drafts]
  next.splice(to, 0, ...next.splice(from, 1))
  return next
}

/**
 * Reads JSON that a user wrote.
 * @throws SyntaxError with a sentence for the user
 */
export function readJson(text: string, form: 'object' | 'list' | 'any'): unknown {
  let value: unknown
  try {
    value = parseExact(text)
  } catch (error) {
    if (error instanceof RoundedNumberError) throw error
    throw new SyntaxError(`This is not JSON: ${(error as Error).message}`)
  }
  if (form === 'list' && !Array.isArray(value)) throw new SyntaxError('This must be a list: [ … ]')
  if (form === 'object' && !isObject(value)) throw new SyntaxError('This must be an object: { … }')
  return value
}

/** A message as it is after the editing; its keys stay in their order. */
function toMessage(draft: MessageDraft, onProblem: (problem: Problem) => void): Json {
  const message: Record<string, unknown> = { ...draft.original }
  const read = (field: 'content' | 'toolCalls', text: string, form: 'list' | 'any') => {
    try {
      return readJson(text, form)
    } catch (error) {
      onProblem({ key: draft.key, field, message: (error as Error).message })
      return undefined
    }
  }
  if (draft.role !== '' || typeof message.role === 'string') message.role = draft.role
  if (draft.contentForm === 'json') message.content = read('content', draft.content, 'any')
  // A message that only calls tools has often no content, or null.
  else if (draft.content !== '' || typeof message.content === 'string' || Array.isArray(message.content))
    message.content = draft.content
  if (draft.toolCalls !== null) message.tool_calls = read('toolCalls', draft.toolCalls, 'list')
  else if (message.tool_calls !== undefined && message.tool_calls !== null) delete message.tool_calls
  if (draft.toolCallId !== null) message.tool_call_id = draft.toolCallId
  else if (typeof message.tool_call_id === 'string') delete message.tool_call_id
  return message
}

/** The messages after the editing, or what is wrong with them. */
export function toMessages(drafts: readonly MessageDraft[]): {
  messages: Json[]
  problems: readonly Problem[]
} {
  const problems: Problem[] = []
  const messages = drafts.map((draft) => toMessage(draft, (problem) => problems.push(problem)))
  return { messages, problems }
}

/**
 * Reads a payload that was written as JSON.
 * @throws SyntaxError with a sentence for the user
 */
export function readPayload(text: string): { messages: Json[] } & Json {
  const payload = readJson(text, 'object') as Json
  const { messages } = payload
  if (!Array.isArray(messages)) throw new SyntaxError('`messages` is missing, or is not a list.')
  const wrong = messages.findIndex((message) => !isObject(message))
  if (wrong >= 0) throw new SyntaxError(`\`messages.${wrong}\` is not an object.`)
  return payload as { messages: Json[] } & Json
}
