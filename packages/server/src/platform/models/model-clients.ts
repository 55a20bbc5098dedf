import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionCreateParamsNonStreaming,
} from 'openai/resources/chat/completions'
import type { ProviderSettings } from '../../config/providers-file.ts'
import { Slots } from '../slots.ts'
import { ModelError, noCompletion } from './model-error.ts'
import type { OpenAiClients } from './openai-client.ts'
import type { ProviderConnections } from './provider-connections.ts'
import type { Providers } from './providers.ts'

/** A chat request without its model, which is named beside it. */
export type ChatRequest = Omit<ChatCompletionCreateParamsNonStreaming, 'model' | 'stream'>

export interface ChatOptions {
  /** Gives up waiting and calling; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** From the moment the call is sent; the provider's own `timeout_seconds` if absent. */
  readonly timeoutMs?: number
}

interface Client extends OpenAiClients {
  readonly provider: ProviderSettings
  readonly slots: Slots
  /** What its library throws, in our terms. */
  readonly toModelError: (error: unknown, provider: string) => ModelError
}

/**
 * Calls models on the server's own behalf, for judges and conversations. Each provider has as many slots as its
 * `concurrency`; a call waits for one. Nothing is tried again here: what may be repeated is the caller's decision.
 */
export class ModelClients {
  readonly #providers: Providers
  readonly #connections: ProviderConnections
  readonly #clients = new Map<ProviderSettings, Promise<Client>>()

  constructor(providers: Providers, connections: ProviderConnections) {
    this.#providers = providers
    this.#connections = connections
  }

  /**
   * How many calls of this model can be under way at a time.
   * @throws ApiError PROVIDER_NOT_CONFIGURED
   */
  concurrency(model: string): number {
    return this.#providers.forModel(model).concurrency
  }

  /**
   * Asks a model for one answer.
   * @throws ModelError if the call failed, ApiError PROVIDER_NOT_CONFIGURED, or the signal's reason
   */
  async chat(model: string, request: ChatRequest, options: ChatOptions = {}): Promise<ChatCompletion> {
    const client = await this.#client(model)
    const giveBack = await client.slots.take(options.signal)
    const limit = new Limit(client.provider, options)
    try {
      const answer = await client.whole.chat.completions.create(
        { ...request, model, stream: false },
        { signal: limit.signal },
      )
      if (!Array.isArray(answer?.choices))
        throw noCompletion(client.provider.name, String(JSON.stringify(answer)))
      return answer
    } catch (error) {
      limit.throwIfExceeded()
      throw client.toModelError(error, client.provider.name)
    } finally {
      giveBack()
    }
  }

  /**
   * Asks a model for one answer, in pieces as they come. The slot is kept until the iteration ends.
   * @throws as `chat`, also between two pieces
   */
  async *streamChat(
    model: string,
    request: ChatRequest,
    options: ChatOptions = {},
  ): AsyncGenerator<ChatCompletionChunk, void, void> {
    const client = await this.#client(model)
    const giveBack = await client.slots.take(options.signal)
    const limit = new Limit(client.provider, options)
    try {
      const pieces = await client.streaming.chat.completions.create(
        { ...request, model, stream: true },
        { signal: limit.signal },
      )
      yield* pieces
      // The client ends the iteration quietly when its signal fires.
      limit.throwIfExceeded()
    } catch (error) {
      limit.throwIfExceeded()
      throw client.toModelError(error, client.provider.name)
    } finally {
      giveBack()
    }
  }

  async #client(model: string): Promise<Client> {
    const provider = this.#providers.forModel(model)
    let client = this.#clients.get(provider)
    if (!client) {
      client = this.#connect(provider)
      this.#clients.set(provider, client)
    }
    return client
  }

  async #connect(provider: ProviderSettings): Promise<Client> {
    const { openAiClients, toModelError } = await import('./openai-client.ts')
    const clients = openAiClients(provider, this.#connections.of(provider))
    return { provider, ...clients, slots: new Slots(provider.concurrency), toModelError }
  }
}

/** The caller's signal and the time limit of a call, in one. The client's own limit ends when the headers are there. */
class Limit {
  readonly signal: AbortSignal
  readonly #provider: ProviderSettings
  readonly #caller: AbortSignal | undefined
  readonly #timeout: AbortSignal
  readonly #milliseconds: number

  constructor(provider: ProviderSettings, { signal, timeoutMs }: ChatOptions) {
    this.#provider = provider
    this.#caller = signal
    this.#milliseconds = timeoutMs ?? provider.timeoutSeconds * 1_000
    this.#timeout = AbortSignal.timeout(this.#milliseconds)
    this.signal = signal ? AbortSignal.any([signal, this.#timeout]) : this.#timeout
  }

  /** @throws the caller's reason, or a ModelError of the kind `timeout` */
  throwIfExceeded(): void {
    this.#caller?.throwIfAborted()
    if (this.#timeout.aborted)
      throw new ModelError(
        'timeout',
        `The model provider ${this.#provider.name} did not answer within ${this.#milliseconds / 1_000} s.`,
      )
  }
}
