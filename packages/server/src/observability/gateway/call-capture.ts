import type { EventRecord } from '@tramontane/contract/event-record'
import { isObject, type JsonObject } from '../../platform/json-object.ts'
import type { CapturedEvent } from '../captured-event.ts'
import { keepMessages } from './kept-messages.ts'
import { type AssembledAnswer, errorIn, StreamAssembler } from './stream-assembler.ts'
import { unpacked } from './unpacked.ts'

/** Of a request, and of an answer, an event keeps this much; what is passed on is not limited by it. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024
const MAX_TOOLS_CHARACTERS = 1024 * 1024
const MAX_INTEGER = 2_147_483_647
const MAX_ERROR = 10_000
const TRUNCATED = 'tramontane_truncated'

/** What is known of a call when it begins. */
export interface CallStart {
  readonly eventId: string
  readonly workspaceId: string
  readonly timestampMicros: bigint
  readonly correlationId: string
  readonly kind: 'chat' | 'agent' | 'fim'
  readonly request: JsonObject
}

/** How a call ended; `error` in words if it failed. */
export interface CallEnd {
  readonly status: 'ok' | 'error' | 'cancelled'
  readonly error?: string
}

/** Watches one call and makes its event. */
export class CallCapture {
  readonly #start: CallStart
  readonly #startedAt = performance.now()
  #status = 0
  #encoding: string | undefined
  #assembler: StreamAssembler | undefined
  #chunks: Buffer[] = []
  #keptBytes = 0
  #isCut = false

  constructor(start: CallStart) {
    this.#start = start
  }

  /** The answer's head is there. */
  answered(status: number, contentType: string, encoding: string | undefined): void {
    this.#status = status
    this.#encoding = encoding
    if (contentType.startsWith('text/event-stream')) this.#assembler = new StreamAssembler()
  }

  /** Bytes of the answer, as they pass. */
  take(chunk: Buffer): void {
    this.#isCut ||= this.#keptBytes + chunk.length > MAX_KEPT_BYTES
    if (this.#isCut) return
    this.#keptBytes += chunk.length
    if (this.#assembler && this.#encoding === undefined) this.#assembler.push(chunk)
    else this.#chunks.push(chunk)
  }

  /** Whether the provider has said all that it had to say, though it may not have ended the answer. */
  get isFinished(): boolean {
    return this.#assembler?.answer.isFinished ?? false
  }

  /** The event of the call. What the provider answered may turn an `ok` into an `error`. */
  event(end: CallEnd): CapturedEvent {
    const { eventId, workspaceId, timestampMicros, correlationId, request } = this.#start
    const answer = this.#answer(end.status === 'ok')
    const messages = keepMessages(requestMessages(this.#start), {
      maxItems: 10_000,
      maxCharacters: MAX_KEPT_BYTES,
    })
    const answers = keepMessages(answer.messages, { maxItems: 1_000, maxCharacters: MAX_KEPT_BYTES })
    const tools = keepMessages(request.tools, { maxItems: 1_000, maxCharacters: MAX_TOOLS_CHARACTERS })
    const error = end.error ?? this.#refusal(answer)
    const isTruncated = this.#isCut || [messages, answers, tools].some((kept) => kept.isTruncated)
    const record: EventRecord = {
      correlation_id: correlationId,
      model_name: text(request.model, 500) ?? text(answer.model, 500) ?? '',
      request_messages: messages.items,
      response_messages: answers.items,
      enabled_tools: tools.items,
      input_tokens: tokens(answer.usage, 'prompt_tokens', 'input_tokens'),
      output_tokens: tokens(answer.usage, 'completion_tokens', 'output_tokens'),
      total_time_elapsed: Math.round(performance.now() - this.#startedAt) / 1_000,
      api_agent_id: text(request.agent_id, 500) ?? null,
      metadata: metadata(request.metadata, isTruncated),
      status: end.status === 'ok' && error !== undefined ? 'error' : end.status,
      error: error?.slice(0, MAX_ERROR) ?? null,
      response_id: text(answer.id, 500) ?? null,
    }
    return { id: eventId, workspaceId, source: 'gateway', timestampMicros: String(timestampMicros), record }
  }

  /** @param isWhole whether it came to its end: a part of one is no mistake of the provider's */
  #answer(isWhole: boolean): AssembledAnswer {
    const bytes = this.#body()
    if (this.#assembler) {
      if (this.#encoding !== undefined) this.#assembler.push(bytes ?? NOTHING)
      return this.#assembler.answer
    }
    const body = (bytes ?? NOTHING).toString('utf8')
    const parsed = parse(body)
    if (!isObject(parsed)) {
      // A stream, though its head does not say so.
      if (bytes && this.#status < 400 && /^(data|event|id|retry)?:/.test(body)) return assembled(bytes)
      const isRead = isWhole && bytes !== undefined && !this.#isCut
      const none = `The model provider answered with status ${this.#status}, but with no JSON object.`
      return {
        ...NO_ANSWER,
        error: this.#status >= 400 ? body || undefined : isRead ? none : undefined,
        messages: this.#raw(body),
      }
    }
    const choices = Array.isArray(parsed.choices) ? parsed.choices.filter(isObject) : []
    return {
      messages: choices.flatMap(({ message, text: said }) =>
        isObject(message)
          ? [message]
          : typeof said === 'string'
            ? [{ role: 'assistant', content: said }]
            : [],
      ),
      usage: isObject(parsed.usage) ? parsed.usage : undefined,
      id: text(parsed.id, 500),
      model: text(parsed.model, 500),
      error: this.#status >= 400 ? parsed : errorIn(parsed),
      isFinished: true,
    }
  }

  /** Undefined if it cannot be unpacked. */
  #body(): Buffer | undefined {
    const body = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)
    return unpacked(body, this.#encoding, 4 * MAX_KEPT_BYTES)
  }

  /** Of an answer too long to be read, its beginning. */
  #raw(body: string): JsonObject[] {
    return this.#isCut && this.#status < 400 ? [{ role: 'assistant', content: body.slice(0, 65_536) }] : []
  }

  #refusal(answer: AssembledAnswer): string | undefined {
    if (this.#status >= 400) return `HTTP ${this.#status}: ${errorText(answer.error)}`
    return answer.error === undefined ? undefined : errorText(answer.error)
  }
}

const NOTHING = Buffer.alloc(0)

const NO_ANSWER: AssembledAnswer = {
  messages: [],
  usage: undefined,
  id: undefined,
  model: undefined,
  error: undefined,
  isFinished: false,
}

function assembled(stream: Buffer): AssembledAnswer {
  const assembler = new StreamAssembler()
  assembler.push(stream)
  return assembler.answer
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** The messages of a request; a prompt to be filled in (fim) counts as a user's message. */
function requestMessages({ kind, request }: CallStart): unknown {
  if (kind !== 'fim') return request.messages
  const { prompt, suffix } = request
  if (prompt === undefined) return []
  return [{ role: 'user', content: prompt, ...(suffix === undefined || suffix === null ? {} : { suffix }) }]
}

function text(value: unknown, maxLength: number): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, maxLength) : undefined
}

function tokens(usage: JsonObject | undefined, ...names: string[]): number {
  for (const name of names) {
    const count = usage?.[name]
    if (typeof count === 'number' && count >= 0) return Math.min(Math.round(count), MAX_INTEGER)
  }
  return 0
}

/** The request's metadata as a map of strings: what is no string is written as JSON. */
function metadata(given: unknown, isTruncated: boolean): Record<string, string> {
  const entries = isObject(given) ? Object.entries(given) : []
  const kept = entries
    .filter(([key, value]) => key !== '' && key.length <= 200 && value !== null && value !== undefined)
    .slice(0, 100)
    .map(([key, value]): [string, string] => [key, asText(value).slice(0, 10_000)])
  if (isTruncated) kept.push([TRUNCATED, 'true'])
  return Object.fromEntries(kept)
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value
  try {
    return JSON.stringify(value)
  } catch {
    return '[nested too deeply: not kept]'
  }
}

/** The provider's words: `message` of the error, wherever the provider puts it, else all that it said. */
function errorText(error: unknown): string {
  if (!isObject(error)) return asText(error ?? 'no further words')
  for (const said of [error.message, isObject(error.error) ? error.error.message : error.error, error.detail])
    if (typeof said === 'string' && said !== '') return said
  return asText(error)
}
