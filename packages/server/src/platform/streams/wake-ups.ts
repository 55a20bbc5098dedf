import { createHash } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { sql } from 'kysely'
import type { Logger } from 'pino'
import type { Database } from '../database/connection.ts'
import { NotificationListener } from '../database/notification-listener.ts'

/** After this long a waiter looks by itself: a notification may have been lost with its connection. */
const LOOK_MS = 2_000
/** Topics in one notification, which may have 8,000 bytes. */
const MAX_TOLD = 400

/** Topics are told in short: whoever is woken by mistake finds nothing new. */
function shortOf(topic: string): string {
  return createHash('sha256').update(topic).digest('base64url').slice(0, 16)
}

/**
 * Tells those who follow something (a topic, such as the log of an execution) that more of it has been committed: at
 * once within this server, by `pg_notify` between servers. It only saves waiting; who is woken reads what there is.
 */
export class WakeUps {
  readonly #channel: string
  readonly #database: Database
  readonly #logger: Logger
  readonly #listener: NotificationListener
  readonly #waiting = new Map<string, Set<() => void>>()
  /** What other servers have not been told yet. */
  readonly #untold = new Set<string>()
  #isTelling = false

  constructor(options: { channel: string; database: Database; databaseUrl: string; logger: Logger }) {
    this.#channel = options.channel
    this.#database = options.database
    this.#logger = options.logger
    this.#listener = new NotificationListener(options.databaseUrl, {
      channel: options.channel,
      onPayload: (payload) => this.#wake(payload.split(' ')),
      logger: options.logger,
    })
  }

  start(): Promise<void> {
    return this.#listener.start()
  }

  stop(): Promise<void> {
    return this.#listener.stop()
  }

  /** Says that more of these topics was committed. */
  announce(topics: Iterable<string>): void {
    const shorts = [...topics].map(shortOf)
    this.#wake(shorts)
    for (const short of shorts) this.#untold.add(short)
    if (!this.#isTelling) void this.#tell()
  }

  /**
   * Resolves when more of a topic is announced, at the latest after two seconds, or when `signal` fires. To miss
   * nothing: first call it, then read, then wait.
   */
  next(topic: string, signal: AbortSignal): Promise<void> {
    const short = shortOf(topic)
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(short) ?? new Set()
      this.#waiting.set(short, waiting)
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        waiting.delete(done)
        if (waiting.size === 0 && this.#waiting.get(short) === waiting) this.#waiting.delete(short)
        resolve()
      }
      const timer = setTimeout(done, LOOK_MS)
      setMaxListeners(0, signal)
      signal.addEventListener('abort', done)
      waiting.add(done)
      if (signal.aborted) done()
    })
  }

  #wake(shorts: readonly string[]): void {
    for (const short of shorts) for (const done of [...(this.#waiting.get(short) ?? [])]) done()
  }

  /** One notification at a time, however much is committed meanwhile. */
  async #tell(): Promise<void> {
    this.#isTelling = true
    while (this.#untold.size > 0) {
      const told = [...this.#untold].slice(0, MAX_TOLD)
      for (const short of told) this.#untold.delete(short)
      await sql`select pg_notify(${this.#channel}, ${told.join(' ')})`
        .execute(this.#database)
        .catch((error: unknown) =>
          this.#logger.debug({ err: error }, 'other servers were not told; they look by themselves'),
        )
    }
    this.#isTelling = false
  }
}
