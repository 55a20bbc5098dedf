import { setTimeout as sleep } from 'node:timers/promises'
import type { SentEvent } from '../run-events.ts'
import { ServerError } from './control-plane.ts'

interface Waiting {
  readonly event: SentEvent
  readonly bytes: number
  readonly done: () => void
}

/** The server's limits of a batch, with room to spare. */
const MAX_BATCH_BYTES = 1_000_000
const MAX_BATCH = 500
/** Of events that wait; beyond it, who makes events waits too. */
const MAX_WAITING_BYTES = 16_000_000
const ATTEMPTS = 6
const FIRST_PAUSE_MS = 200

/**
 * Sends a worker's events, in the order in which they came, several in a request while one is under way. Being watched must not
 * stand in the way of work: what the server does not take, after some attempts, is dropped and said in the log.
 */
export class EventPublisher {
  readonly #send: (events: readonly SentEvent[]) => Promise<string | undefined>
  readonly #warn: (message: string, details: Record<string, unknown>) => void
  readonly #waiting: Waiting[] = []
  #bytes = 0
  #sending: Promise<void> | undefined
  #delivered = Promise.withResolvers<void>()

  constructor(
    send: (events: readonly SentEvent[]) => Promise<string | undefined>,
    warn: (message: string, details: Record<string, unknown>) => void,
  ) {
    this.#send = send
    this.#warn = warn
  }

  /**
   * Adds events to those that wait.
   * @returns when the last of them is sent or dropped
   */
  publish(events: readonly SentEvent[]): Promise<void> {
    if (events.length === 0) return Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<void>()
    for (const [index, event] of events.entries()) {
      const bytes = Buffer.byteLength(JSON.stringify(event))
      this.#bytes += bytes
      this.#waiting.push({ event, bytes, done: index === events.length - 1 ? resolve : () => {} })
    }
    this.#sending ??= this.#run()
    return promise
  }

  /** When there is room again: at once, unless the server is much slower than the work. */
  async room(): Promise<void> {
    while (this.#bytes > MAX_WAITING_BYTES) await this.#delivered.promise
  }

  /** When everything that waits now is sent or dropped. */
  async drain(): Promise<void> {
    while (this.#sending) await this.#sending
  }

  async #run(): Promise<void> {
    // One turn later: what happens at the same time goes in one request.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const batch = this.#take()
      await this.#deliver(batch.map(({ event }) => event))
      for (const { bytes, done } of batch) {
        this.#bytes -= bytes
        done()
      }
      this.#delivered.resolve()
      this.#delivered = Promise.withResolvers()
    }
    this.#sending = undefined
  }

  #take(): Waiting[] {
    let bytes = 0
    let count = 0
    for (const waiting of this.#waiting) {
      if (count > 0 && (count === MAX_BATCH || bytes + waiting.bytes > MAX_BATCH_BYTES)) break
      bytes += waiting.bytes
      count++
    }
    return this.#waiting.splice(0, count)
  }

  async #deliver(events: SentEvent[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const refused = await this.#send(events)
        if (refused) this.#warn('The server left out events', { refused })
        return
      } catch (error) {
        const mayPass = error instanceof ServerError && error.isPassing
        if (!mayPass || attempt === ATTEMPTS) {
          const types = [...new Set(events.map(({ event_type }) => event_type))]
          this.#warn('Events were not sent, and are dropped', {
            count: events.length,
            types,
            error: error instanceof Error ? error.message : String(error),
          })
          return
        }
        await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1))
      }
    }
  }
}
