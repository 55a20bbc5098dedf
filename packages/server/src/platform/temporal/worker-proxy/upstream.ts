import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from 'node:http2'
import type { Logger } from 'pino'
import { GRPC, Refusal } from './grpc-status.ts'

/** Where Temporal is, and how one gets in. */
export interface UpstreamSettings {
  /** `host:port`; asked for each call, since a Temporal that starts again may be elsewhere. */
  readonly address: () => string | null
  /** What is missing while there is no address. */
  readonly unavailable: () => string | null
  readonly tls: Pick<SecureClientSessionOptions, 'ca' | 'cert' | 'key'> | null
  readonly apiKey: string | null
  readonly logger: Logger
}

interface Connection {
  readonly address: string
  readonly session: ClientHttp2Session
  /** Temporal closes it in order, and takes no new calls on it; it does so every five minutes. */
  isEnding: boolean
  calls: number
}

const CONNECT_MS = 10_000
const TRIES = 10
/** A connection carries this many calls at most, polls above all; more get another one. */
const CALLS_PER_CONNECTION = 500
const CONNECTION_WINDOW = 16 * 1_048_576
const STREAM_WINDOW = 1_048_576
/** Temporal allows one every 10 s. A Temporal that hangs is found out by it. */
const PING_MS = 30_000
const PONG_MS = 15_000
const SESSION_MEMORY_MB = 256

/** Connections to Temporal's frontend, made as they are needed. */
export class Upstream {
  readonly #settings: UpstreamSettings
  readonly #connections = new Set<Connection>()
  #connecting: { address: string; connection: Promise<Connection> } | undefined
  #isClosed = false
  readonly #pings: NodeJS.Timeout

  constructor(settings: UpstreamSettings) {
    this.#settings = settings
    this.#pings = setInterval(() => this.#ping(), PING_MS)
    this.#pings.unref()
  }

  /**
   * Begins a call.
   * @throws Refusal UNAVAILABLE if Temporal cannot be reached
   */
  async call(headers: OutgoingHttpHeaders): Promise<ClientHttp2Stream> {
    const { apiKey } = this.#settings
    const all = apiKey === null ? headers : { ...headers, authorization: `Bearer ${apiKey}` }
    for (let tries = 0; tries < TRIES; tries++) {
      const connection = await this.#usable()
      // While it was waited for, others may have filled it, or it may have broken.
      if (!isUsable(connection, connection.address)) continue
      const stream = connection.session.request(all)
      connection.calls++
      stream.once('close', () => {
        connection.calls--
      })
      return stream
    }
    throw unavailable('Temporal takes no calls at the moment; try again.')
  }

  /** Breaks off what is under way. */
  close(): void {
    this.#isClosed = true
    clearInterval(this.#pings)
    for (const { session } of this.#connections) session.destroy()
  }

  #usable(): Connection | Promise<Connection> {
    const address = this.#settings.address()
    if (address === null)
      throw unavailable(this.#settings.unavailable() ?? 'Temporal is not there yet; try again in a moment.')
    if (this.#isClosed) throw unavailable('The server is stopping; try again in a moment.')
    for (const connection of this.#connections) if (isUsable(connection, address)) return connection
    if (this.#connecting?.address === address) return this.#connecting.connection
    const connecting = {
      address,
      connection: this.#connect(address).finally(() => {
        if (this.#connecting === connecting) this.#connecting = undefined
      }),
    }
    this.#connecting = connecting
    return connecting.connection
  }

  #connect(address: string): Promise<Connection> {
    const { tls, logger } = this.#settings
    return new Promise((resolve, reject) => {
      const session = connect(`${tls ? 'https' : 'http'}://${address}`, {
        ...tls,
        maxSessionMemory: SESSION_MEMORY_MB,
        settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
      })
      const connection: Connection = { address, session, isEnding: false, calls: 0 }
      const timer = setTimeout(
        () => session.destroy(new Error(`no answer within ${CONNECT_MS} ms`)),
        CONNECT_MS,
      )
      let lastError: Error | undefined
      session.on('error', (error) => {
        lastError = error
      })
      session.once('close', () => {
        clearTimeout(timer)
        this.#connections.delete(connection)
        reject(
          unavailable(this.#settings.unavailable() ?? 'Temporal does not answer at the moment; try again.'),
        )
        if (lastError) logger.debug({ err: lastError, address }, 'a connection to Temporal broke')
      })
      session.on('goaway', () => {
        connection.isEnding = true
      })
      session.once('remoteSettings', () => {
        clearTimeout(timer)
        session.setLocalWindowSize(CONNECTION_WINDOW)
        this.#connections.add(connection)
        if (this.#isClosed) session.destroy()
        resolve(connection)
      })
    })
  }

  #ping(): void {
    for (const { session, calls } of this.#connections) {
      if (calls === 0 || session.destroyed) continue
      const timer = setTimeout(
        () => session.destroy(new Error(`Temporal did not answer a ping within ${PONG_MS} ms`)),
        PONG_MS,
      )
      timer.unref()
      if (!session.ping(() => clearTimeout(timer))) clearTimeout(timer)
    }
  }
}

function isUsable({ address, session, isEnding, calls }: Connection, wanted: string): boolean {
  if (address !== wanted || isEnding || session.closed || session.destroyed) return false
  return (
    calls <
    Math.min(CALLS_PER_CONNECTION, session.remoteSettings.maxConcurrentStreams ?? CALLS_PER_CONNECTION)
  )
}

function unavailable(message: string): Refusal {
  return new Refusal(GRPC.unavailable, 'unavailable', message)
}
