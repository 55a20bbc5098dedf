import type { Entry } from '@tramontane/contract/conversation-entries'
import type {
  CompletionArgs,
  ConversationEvent,
  ConversationResponse,
} from '@tramontane/contract/conversations'
import type { Logger } from 'pino'
import { databaseError } from '../../platform/database/database-error.ts'
import { ApiError } from '../../platform/http/errors.ts'
import type { EventStream } from '../../platform/http/event-stream.ts'
import type { ModelClients } from '../../platform/models/model-clients.ts'
import { ModelError } from '../../platform/models/model-error.ts'
import type { Providers } from '../../platform/models/providers.ts'
import type { RecordEvent } from '../captured-event.ts'
import { Answer } from './conversation-answer.ts'
import { conversationError } from './conversation-error.ts'
import { type TurnCall, turnEvent } from './conversation-event.ts'
import { chatRequest } from './conversation-request.ts'

/** One turn of a conversation, ready to be carried out. */
export interface Turn extends Omit<TurnCall, 'startedAt'> {
  readonly args: CompletionArgs
  /** False: neither entries nor an event are kept. */
  readonly keep: boolean
  /** Keeps the turn with the model's entries; resolves when that is committed. */
  commit(outputs: readonly Entry[]): Promise<void>
  /** Called once, when the turn is over, however it ended. */
  end(): Promise<void>
}

/** What turns need: models to ask, and a place for the events of the calls. */
export interface TurnNeeds {
  readonly models: Pick<ModelClients, 'chat' | 'streamChat'>
  readonly providers: Providers
  readonly record: RecordEvent
  readonly logger: Logger
}

/** A turn under way: its model's answer, and the event that is recorded of the call, however it ends. */
class RunningTurn {
  readonly turn: Turn
  readonly answer: Answer
  readonly #needs: TurnNeeds
  readonly #call: TurnCall
  readonly #signal: AbortSignal

  constructor(needs: TurnNeeds, turn: Turn, signal: AbortSignal) {
    this.#needs = needs
    this.turn = turn
    this.answer = new Answer(turn.model)
    this.#call = { ...turn, startedAt: Date.now() }
    this.#signal = signal
  }

  #request(stream: boolean) {
    const { model, messages, tools, args } = this.turn
    return chatRequest({
      providerUrl: this.#needs.providers.forModel(model).url,
      messages,
      tools,
      args,
      stream,
    })
  }

  /** Asks for the answer as a whole. */
  async ask(): Promise<Entry[]> {
    try {
      const { model } = this.turn
      this.answer.addWhole(
        await this.#needs.models.chat(model, this.#request(false), { signal: this.#signal }),
      )
    } catch (error) {
      throw await this.#fail(error)
    }
    return this.#succeed()
  }

  /** Asks for the answer in pieces, and emits the events that tell of them, from the first piece on. */
  async stream(open: () => (event: ConversationEvent) => Promise<void>): Promise<void> {
    const { model, conversationId } = this.turn
    let emit: ((event: ConversationEvent) => Promise<void>) | undefined
    try {
      const pieces = this.#needs.models.streamChat(model, this.#request(true), { signal: this.#signal })
      for await (const piece of pieces) {
        if (!emit) {
          emit = open()
          await emit({
            type: 'conversation.response.started',
            created_at: now(),
            conversation_id: conversationId,
          })
        }
        for (const event of this.answer.addPiece(piece)) await emit(event)
      }
      if (!emit) throw new ModelError('server', 'The model provider ended its stream without an answer.')
    } catch (error) {
      throw await this.#fail(error)
    }
    await this.#succeed()
    await emit({ type: 'conversation.response.done', created_at: now(), usage: this.answer.usage() })
  }

  /** Keeps what was said: the event first, since the call was made even if the conversation cannot take it. */
  async #succeed(): Promise<Entry[]> {
    const outputs = this.answer.entries()
    if (this.turn.keep) {
      await this.#needs.record(turnEvent(this.#call, this.answer, { status: 'ok' }))
      await this.turn.commit(outputs)
    }
    return outputs
  }

  /** Records the failed call and gives the error that the caller is told. The conversation stays as it was. */
  async #fail(thrown: unknown): Promise<unknown> {
    const error = conversationError(thrown)
    // Without a provider there was no call, and so there is no event.
    if (!this.turn.keep || (error instanceof ApiError && error.code === 'PROVIDER_NOT_CONFIGURED'))
      return error
    const cancelled = this.#signal.aborted
    const message = cancelled ? 'the caller hung up' : error instanceof Error ? error.message : String(error)
    try {
      await this.#needs.record(
        turnEvent(this.#call, this.answer, { status: cancelled ? 'cancelled' : 'error', error: message }),
      )
    } catch (failure) {
      this.#needs.logger.error({ err: failure }, 'the event of a failed call could not be stored')
    }
    return error
  }
}

function now(): string {
  return new Date().toISOString()
}

function errorEvent(error: unknown): ConversationEvent {
  const known = error instanceof ApiError ? error : (databaseError(error) ?? undefined)
  return {
    type: 'conversation.response.error',
    created_at: now(),
    message: known?.message ?? 'The server made a mistake; its log has the details under the request id.',
    code: known?.status ?? 500,
  }
}

/** Carries out a turn and gives its answer, when everything is kept. */
export async function runTurn(
  needs: TurnNeeds,
  turn: Turn,
  signal: AbortSignal,
): Promise<ConversationResponse> {
  const running = new RunningTurn(needs, turn, signal)
  try {
    const outputs = await running.ask()
    return {
      object: 'conversation.response',
      conversation_id: turn.conversationId,
      outputs: outputs as ConversationResponse['outputs'],
      usage: running.answer.usage(),
      guardrails: null,
    }
  } finally {
    await turn.end()
  }
}

/**
 * Carries out a turn in pieces. The stream is opened when the provider has begun to answer, so that a refusal is
 * still an ordinary error; what fails later is the stream's last event.
 */
export async function streamTurn(
  needs: TurnNeeds,
  turn: Turn,
  signal: AbortSignal,
  open: () => EventStream,
): Promise<void> {
  const running = new RunningTurn(needs, turn, signal)
  let stream: EventStream | undefined
  try {
    await running.stream(() => {
      stream = open()
      return (event) => stream!.send(event.type, event)
    })
  } catch (error) {
    if (!stream) throw error
    if (!signal.aborted) {
      if (!(error instanceof ApiError)) needs.logger.error({ err: error }, 'a streamed turn failed')
      const last = errorEvent(error)
      await stream.send(last.type, last).catch(() => {})
    }
  } finally {
    await turn.end()
    stream?.end()
  }
}
