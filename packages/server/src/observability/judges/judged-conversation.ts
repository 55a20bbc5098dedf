import { ApiError } from '../../platform/http/errors.ts'
import { isObject, type JsonObject } from '../../platform/json-object.ts'

/** What a judge is given to judge. */
export interface Conversation {
  /** Request messages and the answer, which is the last one, as OpenAI-compatible APIs write them. */
  readonly messages: readonly JsonObject[]
  /** What is known beside the conversation: `properties.*` in a template. */
  readonly properties: JsonObject
  /** The tools that the model could have called. */
  readonly enabledTools: readonly JsonObject[]
}

interface Turn {
  readonly role: string
  readonly content: string
}

/** The variables of a template that come from the conversation. */
export interface ConversationVariables {
  readonly conversation_history: readonly Turn[]
  readonly user_message: string
  readonly assistant_message: string
  readonly system_prompt: string
  readonly available_tools: readonly JsonObject[]
  readonly properties: JsonObject
}

function malformed(message: string): ApiError {
  return new ApiError('JUDGE_CONVERSATION_FORMAT_ERROR', message)
}

function chunkText(chunk: unknown, where: string): string {
  if (typeof chunk === 'string') return chunk
  if (!isObject(chunk)) throw malformed(`${where}.content holds something that is neither text nor a chunk.`)
  // What the model thought before it answered is no part of the answer.
  if (chunk.type === 'thinking') return ''
  return typeof chunk.text === 'string' ? chunk.text : `[${String(chunk.type ?? 'attachment')}]`
}

function callText(call: unknown): string {
  const called = isObject(call) ? call.function : undefined
  if (!isObject(called)) return '[tool call]'
  const given =
    typeof called.arguments === 'string' ? called.arguments : JSON.stringify(called.arguments ?? {})
  return `[calls ${String(called.name)} with ${given}]`
}

/** A message as text: its content, then the tools that it calls. */
function toTurn(message: JsonObject, index: number): Turn {
  const where = `messages[${index}]`
  const { role, content, tool_calls } = message
  if (typeof role !== 'string') throw malformed(`${where} has no role.`)
  if (content !== undefined && content !== null && typeof content !== 'string' && !Array.isArray(content))
    throw malformed(`${where}.content must be a string, a list of chunks, or null.`)
  const texts = Array.isArray(content) ? content.map((chunk) => chunkText(chunk, where)) : [content ?? '']
  const calls = Array.isArray(tool_calls) ? tool_calls.map(callText) : []
  return { role, content: [...texts, ...calls].filter((text) => text !== '').join('\n') }
}

const isSystem = ({ role }: Turn) => role === 'system' || role === 'developer'

/**
 * Takes a conversation apart into what a template may name. Calls of tools on the way to the last answer, and what
 * they gave, are at the end of `conversation_history`.
 * @throws ApiError JUDGE_CONVERSATION_FORMAT_ERROR if there is no answer to judge, or a message is malformed
 */
export function readConversation({
  messages,
  properties,
  enabledTools,
}: Conversation): ConversationVariables {
  const turns = messages.map(toTurn)
  const answer = turns.at(-1)
  if (!answer) throw malformed('The conversation has no messages.')
  if (answer.role !== 'assistant')
    throw malformed(
      `The conversation has no answer: its last message is of the role ${JSON.stringify(answer.role.slice(0, 50))}, not "assistant".`,
    )
  if (answer.content === '') throw malformed('The last answer is empty.')
  const before = turns.slice(0, -1)
  const question = before.findLast(({ role }) => role === 'user')
  return {
    conversation_history: before.filter((turn) => turn !== question && !isSystem(turn)),
    user_message: question?.content ?? '',
    assistant_message: answer.content,
    system_prompt: before
      .filter(isSystem)
      .map(({ content }) => content)
      .join('\n\n'),
    available_tools: enabledTools,
    properties,
  }
}

/** The whole conversation as text, for instructions that name no part of it. */
export function transcript(messages: readonly JsonObject[]): string {
  return messages
    .map(toTurn)
    .map(({ role, content }) => `<message role=${JSON.stringify(role)}>\n${content}\n</message>`)
    .join('\n')
}
