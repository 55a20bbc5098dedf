import { createParser, type EventSourceParser } from 'eventsource-parser'
import { isObject, type JsonObject } from '../../platform/json-object.ts'

/** What is said once, not in pieces. */
const SAID_ONCE = new Set(['role', 'id', 'type', 'name', 'index', 'tool_call_id'])

/** What a streamed answer comes to. */
export interface AssembledAnswer {
  readonly messages: JsonObject[]
  readonly usage: JsonObject | undefined
  readonly id: string | undefined
  readonly model: string | undefined
  /** An error that the provider told inside the answer. */
  readonly error: unknown
  /** Whether the provider said of every choice why it ended. */
  readonly isFinished: boolean
}

/** Puts an answer together from the frames of its stream, as they pass. */
export class StreamAssembler {
  readonly #choices = new Map<number, { message: JsonObject; isFinished: boolean }>()
  readonly #decoder = new TextDecoder()
  readonly #parser: EventSourceParser
  #usage: JsonObject | undefined
  #id: string | undefined
  #model: string | undefined
  #error: unknown

  constructor() {
    this.#parser = createParser({ onEvent: ({ event, data }) => this.#frame(data, event) })
  }

  push(chunk: Buffer): void {
    this.#parser.feed(this.#decoder.decode(chunk, { stream: true }))
  }

  get answer(): AssembledAnswer {
    const choices = [...this.#choices].sort(([a], [b]) => a - b).map(([, choice]) => choice)
    return {
      messages: choices.map(({ message }) => withoutPlaces(message)),
      usage: this.#usage,
      id: this.#id,
      model: this.#model,
      error: this.#error,
      isFinished: choices.length > 0 && choices.every(({ isFinished }) => isFinished),
    }
  }

  #frame(data: string, name: string | undefined): void {
    if (data === '[DONE]') return
    let frame: unknown
    try {
      frame = JSON.parse(data)
    } catch {
      return
    }
    if (!isObject(frame)) return
    this.#error = errorIn(frame) ?? (name === 'error' ? frame : this.#error)
    if (isObject(frame.usage)) this.#usage = frame.usage
    if (typeof frame.id === 'string') this.#id ??= frame.id
    if (typeof frame.model === 'string') this.#model ??= frame.model
    if (!Array.isArray(frame.choices)) return
    for (const choice of frame.choices) if (isObject(choice)) this.#take(choice)
  }

  #take(choice: JsonObject): void {
    const index = typeof choice.index === 'number' ? choice.index : 0
    const taken = this.#choices.get(index) ?? { message: { role: 'assistant' }, isFinished: false }
    this.#choices.set(index, taken)
    if (isObject(choice.delta)) merge(taken.message, choice.delta)
    else if (typeof choice.text === 'string') merge(taken.message, { content: choice.text })
    if (typeof choice.finish_reason === 'string') taken.isFinished = true
  }
}

/** The error that an answer, or a piece of one, speaks of although its status is 200; undefined if none. */
export function errorIn(said: JsonObject): unknown {
  const inChoice = Array.isArray(said.choices) && said.choices.find((choice) => choice?.error)
  return said.error ?? (said.object === 'error' ? said : inChoice ? inChoice.error : undefined)
}

/** Adds a piece to an object. */
function merge(whole: JsonObject, piece: JsonObject): void {
  for (const [key, value] of Object.entries(piece)) {
    // The name comes from outside and must not become the prototype.
    if (key === '__proto__' || value === null || value === undefined) continue
    whole[key] = joined(key, whole[key], value)
  }
}

/** Pieces of text are joined, what is said once replaces, lists are joined by place, objects by key. */
function joined(key: string, before: unknown, value: unknown): unknown {
  if (key === 'content' && (Array.isArray(before) || Array.isArray(value)))
    return appendParts(toParts(before), toParts(value))
  if (Array.isArray(value)) return joinList(Array.isArray(before) ? before : [], value)
  if (isObject(before) && isObject(value)) {
    merge(before, value)
    return before
  }
  if (typeof before !== 'string' || typeof value !== 'string') return value
  if (SAID_ONCE.has(key)) return value === '' ? before : value
  return before + value
}

/** Items with an `index`, such as pieces of tool calls, belong to the item of that index; others are appended. */
function joinList(whole: unknown[], pieces: readonly unknown[]): unknown[] {
  for (const piece of pieces) {
    const place = isObject(piece) ? piece.index : undefined
    const before =
      place === undefined
        ? undefined
        : whole.findLast((item) => isObject(item) && item.index === place && sameId(item, piece))
    if (isObject(before) && isObject(piece)) merge(before, piece)
    else whole.push(piece)
  }
  return whole
}

/** Some providers number each frame's tool calls from 0 again; a different id is a different call. */
function sameId(item: JsonObject, piece: unknown): boolean {
  return !isObject(piece) || !piece.id || !item.id || item.id === piece.id
}

function toParts(content: unknown): unknown[] {
  if (Array.isArray(content)) return content
  return typeof content === 'string' && content !== '' ? [{ type: 'text', text: content }] : []
}

/** Appends parts, joining neighbours of the same kind: text to text, thinking to thinking. */
function appendParts(whole: unknown[], parts: readonly unknown[]): unknown[] {
  for (const part of parts) {
    const last = whole.at(-1)
    if (!isObject(part) || !isObject(last) || part.type !== last.type) whole.push(part)
    else if (typeof part.text === 'string' && typeof last.text === 'string') last.text += part.text
    else if (Array.isArray(part.thinking) && Array.isArray(last.thinking))
      appendParts(last.thinking, part.thinking)
    else whole.push(part)
  }
  return whole
}

/** Takes the `index` out of tool calls: it is of the stream's frames, not of the message. */
function withoutPlaces(message: JsonObject): JsonObject {
  if (!Array.isArray(message.tool_calls)) return message
  const calls = message.tool_calls.map((call) => {
    if (!isObject(call)) return call
    const { index: _, ...rest } = call
    return rest
  })
  return { ...message, tool_calls: calls }
}
