import {
  type Content,
  type ContentChunk,
  contentChunk,
  type OutputEntry,
} from '@tramontane/contract/conversation-entries'
import type { ConversationEvent, ConversationUsage } from '@tramontane/contract/conversations'
import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions'
import { newUuid } from '../../platform/uuid.ts'
import type { ChatMessage } from './conversation-messages.ts'

type Usage = ChatCompletion['usage'] | ChatCompletionChunk['usage']

interface Call {
  readonly entryId: string
  readonly outputIndex: number
  /** Its place, as the provider counts. */
  readonly index: number
  /** The provider's; until that comes, the entry's. */
  id: string
  name: string
  arguments: string
}

function isText(chunk: ContentChunk | undefined): chunk is ContentChunk & { type: 'text' } {
  return chunk?.type === 'text'
}

/**
 * What a model answered, put together from one completion or from its pieces. Each piece that is added gives the
 * stream's events for it.
 */
export class Answer {
  readonly #model: string
  /** The provider's id of the answer. */
  responseId: string | null = null
  #usage: Usage
  #chunks: ContentChunk[] = []
  #message: { entryId: string; outputIndex: number } | undefined
  #calls: Call[] = []

  constructor(model: string) {
    this.#model = model
  }

  /** Takes a whole completion. */
  addWhole(completion: ChatCompletion): void {
    this.responseId = completion.id ?? null
    this.#usage = completion.usage
    const message = completion.choices[0]?.message
    this.#addContent(message?.content)
    for (const [index, call] of (message?.tool_calls ?? []).entries()) {
      if (!('function' in call)) continue
      this.#addCall({ index, id: call.id, name: call.function.name, arguments: call.function.arguments })
    }
  }

  /** Takes a piece of a stream; returns the events that tell of it. */
  addPiece(piece: ChatCompletionChunk): ConversationEvent[] {
    this.responseId ??= piece.id ?? null
    this.#usage = piece.usage ?? this.#usage
    const delta = piece.choices?.[0]?.delta
    const events = this.#addContent(delta?.content)
    for (const [position, call] of (delta?.tool_calls ?? []).entries()) {
      events.push(
        this.#addCall({
          index: call.index ?? position,
          id: call.id,
          name: call.function?.name,
          arguments: call.function?.arguments,
        }),
      )
    }
    return events
  }

  /** Text, or chunks as thinking models send them, beyond what the client's types say. */
  #addContent(content: unknown): ConversationEvent[] {
    const chunks: ContentChunk[] =
      typeof content === 'string' ? [{ type: 'text', text: content }] : this.#parseChunks(content)
    return chunks.flatMap((chunk) => {
      if (isText(chunk) && chunk.text === '') return []
      this.#message ??= { entryId: newUuid(), outputIndex: this.#calls.length }
      const last = this.#chunks.at(-1)
      if (isText(chunk) && isText(last)) last.text += chunk.text
      else this.#chunks.push({ ...chunk })
      return [
        {
          type: 'message.output.delta' as const,
          ...this.#ofModel(this.#message),
          content_index: this.#chunks.length - 1,
          role: 'assistant' as const,
          content: isText(chunk) ? chunk.text : chunk,
        },
      ]
    })
  }

  #parseChunks(content: unknown): ContentChunk[] {
    if (!Array.isArray(content)) return []
    return content.flatMap((part) => {
      const parsed = contentChunk.safeParse(part)
      return parsed.success ? [parsed.data] : []
    })
  }

  #addCall(delta: {
    index: number
    id?: string | undefined
    name?: string | undefined
    arguments?: string | object | null | undefined
  }): ConversationEvent {
    const call = this.#callOf(delta)
    if (delta.id) call.id = delta.id
    call.name ||= delta.name ?? ''
    // Mistral sends arguments as an object in places where OpenAI sends their JSON.
    const given = delta.arguments ?? ''
    const piece = typeof given === 'string' ? given : JSON.stringify(given)
    call.arguments += piece
    return {
      type: 'function.call.delta',
      ...this.#ofModel(call),
      name: call.name,
      tool_call_id: call.id,
      arguments: piece,
      confirmation_status: null,
    }
  }

  /** Some providers number each frame's calls from 0 again: another id is another call. */
  #callOf({ index, id }: { index: number; id?: string | undefined }): Call {
    const isSame = (call: Call) => !id || call.id === id || call.id === call.entryId
    const known = this.#calls.findLast((call) => call.index === index && isSame(call))
    if (known) return known
    const entryId = newUuid()
    const outputIndex = this.#calls.length + (this.#message ? 1 : 0)
    const call = { entryId, outputIndex, index, id: entryId, name: '', arguments: '' }
    this.#calls.push(call)
    return call
  }

  #ofModel({ entryId, outputIndex }: { entryId: string; outputIndex: number }) {
    return {
      created_at: new Date().toISOString(),
      output_index: outputIndex,
      id: entryId,
      model: this.#model,
      agent_id: null,
    }
  }

  #content(): Content {
    const [first] = this.#chunks
    if (!first) return ''
    return this.#chunks.length === 1 && isText(first) ? first.text : this.#chunks
  }

  /** The answer as a chat message; undefined if nothing came. */
  message(): ChatMessage | undefined {
    if (!this.#message && this.#calls.length === 0) return undefined
    const toolCalls = this.#calls.map((call) => ({
      id: call.id,
      type: 'function' as const,
      function: { name: call.name, arguments: call.arguments },
    }))
    return {
      role: 'assistant',
      content: this.#content(),
      ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
    }
  }

  /** The answer as entries: the message, if there is one or nothing else, and the calls. */
  entries(): OutputEntry[] {
    const now = new Date().toISOString()
    const common = {
      object: 'entry' as const,
      created_at: now,
      completed_at: now,
      agent_id: null,
      model: this.#model,
    }
    const indexed: { at: number; entry: OutputEntry }[] = this.#calls.map((call) => ({
      at: call.outputIndex,
      entry: {
        ...common,
        type: 'function.call' as const,
        id: call.entryId,
        tool_call_id: call.id,
        name: call.name,
        arguments: call.arguments,
        confirmation_status: null,
      },
    }))
    if (this.#message || indexed.length === 0) {
      const { entryId, outputIndex } = this.#message ?? { entryId: newUuid(), outputIndex: 0 }
      indexed.push({
        at: outputIndex,
        entry: {
          ...common,
          type: 'message.output',
          id: entryId,
          role: 'assistant',
          content: this.#content(),
        },
      })
    }
    return indexed.sort((a, b) => a.at - b.at).map(({ entry }) => entry)
  }

  usage(): ConversationUsage {
    const count = (value: unknown): number => (Number.isSafeInteger(value) ? (value as number) : 0)
    const prompt_tokens = count(this.#usage?.prompt_tokens)
    const completion_tokens = count(this.#usage?.completion_tokens)
    return {
      prompt_tokens,
      completion_tokens,
      // Not every provider adds them up.
      total_tokens: count(this.#usage?.total_tokens) || prompt_tokens + completion_tokens,
      connector_tokens: null,
      connectors: null,
    }
  }
}
