import type { Content, Entry } from '@tramontane/contract/conversation-entries'
import { ApiError } from '../../platform/http/errors.ts'

/** A message as chat completions have it. */
export interface ChatMessage {
  role: 'system' | 'user' | 'assistant' | 'tool'
  content: Content
  tool_calls?: ToolCall[]
  tool_call_id?: string
  /** The answer shall begin with this message's content (an extension of Mistral's). */
  prefix?: true
}

export interface ToolCall {
  id: string
  type: 'function'
  function: { name: string; arguments: string }
}

/** A conversation's entries as the messages of a chat completion; `function.call`s join the message before them. */
export function toMessages(entries: readonly Entry[]): ChatMessage[] {
  const messages: ChatMessage[] = []
  for (const entry of entries) {
    switch (entry.type) {
      case 'message.input':
        messages.push({
          role: entry.role,
          content: entry.content,
          ...(entry.prefix ? { prefix: true as const } : {}),
        })
        break
      case 'message.output':
        addAnswer(messages, entry.content)
        break
      case 'function.call':
        addCall(messages, {
          id: entry.tool_call_id,
          type: 'function',
          function: {
            name: entry.name,
            arguments:
              typeof entry.arguments === 'string' ? entry.arguments : JSON.stringify(entry.arguments),
          },
        })
        break
      case 'function.result':
        messages.push({ role: 'tool', tool_call_id: entry.tool_call_id, content: entry.result })
    }
  }
  return messages
}

/** A model may call before it speaks; the calls and the words are one message all the same. */
function addAnswer(messages: ChatMessage[], content: Content): void {
  const last = messages.at(-1)
  if (last?.tool_calls && last.content === '') last.content = content
  else messages.push({ role: 'assistant', content })
}

function addCall(messages: ChatMessage[], call: ToolCall): void {
  const last = messages.at(-1)
  if (last?.role === 'assistant') {
    last.tool_calls = [...(last.tool_calls ?? []), call]
    return
  }
  messages.push({ role: 'assistant', content: '', tool_calls: [call] })
}

/** The messages of a chat completion with the instructions in front. */
export function withInstructions(
  instructions: string | null,
  messages: readonly ChatMessage[],
): ChatMessage[] {
  return instructions ? [{ role: 'system', content: instructions }, ...messages] : [...messages]
}

function refuse(message: string): never {
  throw new ApiError('VALIDATION_ERROR', message, {
    issues: [{ loc: ['body', 'inputs'], msg: message, type: 'value_error' }],
  })
}

/**
 * Checks that each function call has its result, directly behind it, and each result its call: models refuse the
 * conversation otherwise, in words that name no entry.
 * @throws ApiError VALIDATION_ERROR naming the call
 */
export function checkCalls(messages: readonly ChatMessage[]): void {
  let open = new Set<string>()
  for (const message of messages) {
    if (message.role === 'tool') {
      if (!open.delete(message.tool_call_id!))
        refuse(
          `There is no open function.call with the tool_call_id ${JSON.stringify(message.tool_call_id)}.`,
        )
      continue
    }
    refuseOpen(open)
    open = new Set(message.tool_calls?.map(({ id }) => id))
  }
  refuseOpen(open)
}

function refuseOpen(open: ReadonlySet<string>): void {
  for (const id of open)
    refuse(`The function.call with the tool_call_id ${JSON.stringify(id)} needs a function.result first.`)
}
