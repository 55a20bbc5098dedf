import type { Output } from '../api/call.ts'

export type Entry = Output<'getConversationHistory'>['entries'][number]
type Content = Extract<Entry, { type: 'message.output' }>['content']
type Chunk = Exclude<Content, string>[number]
type Message = Readonly<Record<string, unknown>>

/** An entry as it is sent: what the server gives to it is left out. */
export type SentEntry =
  | { readonly type: 'message.input'; readonly role: 'user' | 'assistant'; readonly content: Content }
  | { readonly type: 'message.output'; readonly role: 'assistant'; readonly content: Content }
  | {
      readonly type: 'function.call'
      readonly tool_call_id: string
      readonly name: string
      readonly arguments: unknown
    }
  | { readonly type: 'function.result'; readonly tool_call_id: string; readonly result: string }

/** The answer as far as it has come. */
export interface PartialAnswer {
  readonly chunks: readonly Chunk[]
  readonly calls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[]
}

export const NO_ANSWER: PartialAnswer = { chunks: [], calls: [] }

/** What a frame of the stream may hold, as far as it matters here. */
export type TurnEvent =
  | { readonly type: 'conversation.response.started'; readonly conversation_id: string }
  | { readonly type: 'message.output.delta'; readonly content: string | Chunk }
  | {
      readonly type: 'function.call.delta'
      readonly name: string
      readonly tool_call_id: string
      readonly arguments: string
    }
  | { readonly type: 'conversation.response.done'; readonly usage: Usage }
  | { readonly type: 'conversation.response.error'; readonly message: string; readonly code: number }

export interface Usage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
}

function isText(chunk: Chunk | undefined): chunk is Extract<Chunk, { type: 'text' }> {
  return chunk?.type === 'text'
}

/** The answer with one more piece. */
export function withPiece(answer: PartialAnswer, event: TurnEvent): PartialAnswer {
  if (event.type === 'message.output.delta') {
    const piece: Chunk =
      typeof event.content === 'string' ? { type: 'text', text: event.content } : event.content
    const last = answer.chunks.at(-1)
    return isText(piece) && isText(last)
      ? { ...answer, chunks: answer.chunks.with(-1, { type: 'text', text: last.text + piece.text }) }
      : { ...answer, chunks: [...answer.chunks, piece] }
  }
  if (event.type === 'function.call.delta') {
    const at = answer.calls.findIndex(({ id }) => id === event.tool_call_id)
    const before = answer.calls[at]
    const call = {
      id: event.tool_call_id,
      name: event.name || (before?.name ?? ''),
      arguments: (before?.arguments ?? '') + event.arguments,
    }
    return { ...answer, calls: before ? answer.calls.with(at, call) : [...answer.calls, call] }
  }
  return answer
}

function contentOf({ chunks }: PartialAnswer): Content {
  const [first] = chunks
  if (!first) return ''
  return chunks.length === 1 && isText(first) ? first.text : [...chunks]
}

/** An answer that was stopped, as entries: its words. Calls that may be half are left out. */
export function stoppedEntries(answer: PartialAnswer): SentEntry[] {
  const content = contentOf(answer)
  return content === '' ? [] : [{ type: 'message.output', role: 'assistant', content }]
}

/** The answer so far as a message to be shown. */
export function answerMessage(answer: PartialAnswer): Message {
  return {
    role: 'assistant',
    content: contentOf(answer),
    ...(answer.calls.length > 0
      ? {
          tool_calls: answer.calls.map(({ id, name, arguments: given }) => ({
            id,
            type: 'function',
            function: { name, arguments: given },
          })),
        }
      : {}),
  }
}

/** Entries of a conversation as the messages of a chat, to be shown. */
export function toMessages(entries: readonly (Entry | SentEntry)[]): Message[] {
  const messages: Record<string, unknown>[] = []
  for (const entry of entries) {
    const last = messages.at(-1)
    if (entry.type === 'function.result')
      messages.push({ role: 'tool', tool_call_id: entry.tool_call_id, content: entry.result })
    else if (entry.type === 'function.call') {
      const call = {
        id: entry.tool_call_id,
        type: 'function',
        function: { name: entry.name, arguments: entry.arguments },
      }
      if (last?.role === 'assistant') last.tool_calls = [...((last.tool_calls as unknown[]) ?? []), call]
      else messages.push({ role: 'assistant', content: '', tool_calls: [call] })
    } else messages.push({ role: entry.role, content: entry.content })
  }
  return messages
}

/** Entries to be sent again, into another conversation. */
export function toSent(entries: readonly Entry[]): SentEntry[] {
  return entries.map((entry): SentEntry => {
    switch (entry.type) {
      case 'message.input':
        return { type: entry.type, role: entry.role, content: entry.content }
      case 'function.call':
        return {
          type: entry.type,
          tool_call_id: entry.tool_call_id,
          name: entry.name,
          arguments: entry.arguments,
        }
      case 'function.result':
        return { type: entry.type, tool_call_id: entry.tool_call_id, result: entry.result }
      default:
        return { type: entry.type, role: 'assistant', content: entry.content }
    }
  })
}

/** Calls that wait for their results: the model goes on when it has them. */
export function openCalls(entries: readonly (Entry | SentEntry)[]): { id: string; name: string }[] {
  const open = new Map<string, string>()
  for (const entry of entries) {
    if (entry.type === 'function.call') open.set(entry.tool_call_id, entry.name)
    if (entry.type === 'function.result') open.delete(entry.tool_call_id)
  }
  return [...open].map(([id, name]) => ({ id, name }))
}

/** A name for a conversation: the beginning of its first words. */
export function nameOf(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ')
  return line.length > 60 ? `${line.slice(0, 59).toWellFormed()}…` : line
}
