import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { Logger } from 'pino'

const RECONNECT_MS = 1_000
const CONNECT_MS = 5_000
const CLOSE_MS = 2_000

/**
 * Hears what any server on the database tells the others with `pg_notify`, on a connection of its own that is made
 * again when it breaks. What was told meanwhile is not heard: who listens must stay right without it, only slower.
 */
export class NotificationListener {
  readonly #url: string
  readonly #channel: string
  readonly #onPayload: (payload: string) => void
  readonly #logger: Logger
  #client: pg.Client | undefined
  #reconnect: NodeJS.Timeout | undefined
  #stopped = false

  /** @param onPayload gets the text of each notification */
  constructor(
    url: string,
    options: { channel: string; onPayload: (payload: string) => void; logger: Logger },
  ) {
    this.#url = url
    this.#channel = options.channel
    this.#onPayload = options.onPayload
    this.#logger = options.logger
  }

  /** Resolves when the first connection listens, or has failed and is going to be made again. */
  async start(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: `tramontane ${this.#channel}`,
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
    })
    this.#client = client
    client.on('notification', ({ payload }) => this.#onPayload(payload ?? ''))
    client.on('error', (error) => this.#broken(client, error))
    client.on('end', () => this.#broken(client))
    try {
      await client.connect()
      await client.query(`listen ${client.escapeIdentifier(this.#channel)}`)
    } catch (error) {
      this.#broken(client, error)
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#reconnect)
    const client = this.#client
    this.#client = undefined
    // A database that has stalled says no goodbye.
    if (client) await Promise.race([client.end().catch(() => {}), delay(CLOSE_MS, undefined, { ref: false })])
  }

  /** One broken connection is told of several times: as an error, and as ended. */
  #broken(client: pg.Client, error?: unknown): void {
    if (this.#stopped || this.#client !== client) return
    this.#client = undefined
    this.#logger.warn({ err: error, channel: this.#channel }, 'notifications of the database are not heard')
    client.end().catch(() => {})
    this.#reconnect = setTimeout(() => void this.start(), RECONNECT_MS)
  }
}
