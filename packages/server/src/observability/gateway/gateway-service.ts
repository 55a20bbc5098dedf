import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { Logger } from 'pino'
import type { ProviderSettings } from '../../config/providers-file.ts'
import type { Caller } from '../../platform/http/auth.ts'
import type { JsonObject } from '../../platform/json-object.ts'
import type { ProviderConnections } from '../../platform/models/provider-connections.ts'
import type { Providers } from '../../platform/models/providers.ts'
import { uuidAt } from '../../platform/uuid.ts'
import { CallCapture, type CallEnd, type CallStart } from './call-capture.ts'
import type { EventKeeper } from './event-keeper.ts'
import { mergedModels } from './model-list.ts'
import { headersForProvider } from './passed-headers.ts'
import { Relay, type Witness } from './relay.ts'

/** A call on its way to a provider. */
export interface PassedCall {
  readonly method: 'GET' | 'POST'
  /** As the caller wrote it, from `/v1` on, with its query. */
  readonly path: string
  readonly rawHeaders: readonly string[]
  readonly body: Buffer | undefined
  /** What the body says, as far as it could be read. */
  readonly content: JsonObject
  readonly caller: Caller
  readonly correlationId: string
  /** Headers of ours that the answer carries. */
  readonly headers: OutgoingHttpHeaders
  readonly reply: FastifyReply
}

/** Passes calls on to the model providers, and keeps what is said. */
export class GatewayService {
  readonly #providers: Providers
  readonly #connections: ProviderConnections
  readonly #keeper: EventKeeper
  readonly #logger: Logger
  readonly #addresses = new Map<ProviderSettings, { origin: string; folder: string }>()

  constructor(parts: {
    providers: Providers
    connections: ProviderConnections
    keeper: EventKeeper
    logger: Logger
  }) {
    this.#providers = parts.providers
    this.#connections = parts.connections
    this.#keeper = parts.keeper
    this.#logger = parts.logger
  }

  /**
   * Passes a chat, agent or fim call on and keeps it as an event, before the answer ends.
   * @throws ApiError PROVIDER_NOT_CONFIGURED, PROVIDER_UNREACHABLE or PROVIDER_TIMEOUT
   */
  capture(kind: CallStart['kind'], call: PassedCall): Promise<void> {
    const provider = this.#providerOf(call)
    const timestampMicros = BigInt(Date.now()) * 1000n
    const eventId = uuidAt(timestampMicros)
    call.headers['x-tramontane-event-id'] = eventId
    call.reply.header('x-tramontane-event-id', eventId)
    const capture = new CallCapture({
      eventId,
      workspaceId: call.caller.workspaceId,
      timestampMicros,
      correlationId: call.correlationId,
      kind,
      request: call.content,
    })
    return this.#relay(provider, call, this.#witness(capture))
  }

  /** Passes a call on without keeping anything. @throws as `capture` */
  pass(call: PassedCall): Promise<void> {
    return this.#relay(this.#providerOf(call), call)
  }

  /** The models of all providers; of a single one, its own answer. @throws as `capture` */
  async listModels(call: PassedCall): Promise<unknown> {
    if (this.#providers.all.length <= 1) return this.pass(call)
    return mergedModels(this.#providers, (provider) =>
      this.#connections.of(provider).request(this.#request(provider, call)),
    )
  }

  /** @throws ApiError PROVIDER_NOT_CONFIGURED */
  #providerOf({ content }: PassedCall): ProviderSettings {
    return typeof content.model === 'string'
      ? this.#providers.forModel(content.model)
      : this.#providers.forNoModel()
  }

  #addressOf(provider: ProviderSettings): { origin: string; folder: string } {
    let address = this.#addresses.get(provider)
    if (!address) {
      const { origin, pathname } = new URL(provider.url)
      address = { origin, folder: pathname === '/' ? '' : pathname }
      this.#addresses.set(provider, address)
    }
    return address
  }

  #request(provider: ProviderSettings, call: PassedCall) {
    const { origin, folder } = this.#addressOf(provider)
    return {
      origin,
      path: `${folder}${call.path.slice('/v1'.length)}`,
      method: call.method,
      headers: headersForProvider(call.rawHeaders, provider.apiKey),
      body: call.body ?? null,
    }
  }

  #relay(provider: ProviderSettings, call: PassedCall, witness?: Witness): Promise<void> {
    const relay = new Relay(call.reply, { provider: provider.name, headers: call.headers, witness })
    this.#connections.of(provider).dispatch(this.#request(provider, call), relay)
    return relay.done
  }

  #witness(capture: CallCapture): Witness {
    const keep = async (end: CallEnd) => {
      const event = this.#quietly(() => capture.event(end))
      if (event) await this.#keeper.keep(event)
    }
    return {
      answered: (status, contentType, encoding) => capture.answered(status, contentType, encoding),
      take: (chunk) => this.#quietly(() => capture.take(chunk)),
      completed: () => keep({ status: 'ok' }),
      failed: (error) => keep({ status: 'error', error }),
      cancelled: () => void keep({ status: capture.isFinished ? 'ok' : 'cancelled' }),
    }
  }

  /** Reading what passes must never break what passes: a fault in it is logged, and that is all. */
  #quietly<T>(read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      this.#logger.error({ err: error }, 'a call could not be read for its event')
      return undefined
    }
  }
}
