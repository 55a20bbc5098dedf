import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { TemporalConnection, type TemporalEndpoint } from './temporal-connection.ts'

/** A workflow engine: where it is, and whether calls can be made. */
export interface Engine {
  /** Null when calls can be made; else a sentence that says what is missing and how to get it. */
  readonly unavailable: string | null
  /** `host:port` of its frontend; null while there is none. */
  readonly address: string | null
  stop(): Promise<void>
}

/** No engine, and the sentence that says why. */
export class NoEngine implements Engine {
  readonly unavailable: string
  readonly address = null

  constructor(unavailable: string) {
    this.unavailable = unavailable
  }

  async stop(): Promise<void> {}
}

const PROBE_MS = 5_000
const RETRY_MS = 1_000

/** A Temporal that somebody else runs; it is asked every few seconds whether it is there. */
export class ExternalEngine implements Engine {
  readonly address: string
  readonly #connection: TemporalConnection
  readonly #logger: Logger
  readonly #stopping = new AbortController()
  readonly #probing: Promise<void>
  #unavailable: string | null

  constructor(endpoint: TemporalEndpoint, logger: Logger) {
    this.address = endpoint.address
    this.#logger = logger
    this.#connection = new TemporalConnection(endpoint)
    this.#unavailable = `The connection to Temporal at ${this.address} is being made; try again in a moment.`
    this.#probing = this.#probe()
  }

  get unavailable(): string | null {
    return this.#unavailable
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#connection.close()
    await this.#probing
  }

  async #probe(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const before = this.#unavailable
      try {
        const { serverVersion } = await this.#connection.withDeadline(PROBE_MS, () =>
          this.#connection.workflowService.getSystemInfo({}),
        )
        this.#unavailable = null
        if (before !== null)
          this.#logger.info({ address: this.address, version: serverVersion }, 'Temporal is ready')
      } catch (error) {
        if (signal.aborted) return
        this.#unavailable = `Temporal at ${this.address} (TRAMONTANE_TEMPORAL_ADDRESS) does not answer: ${reasonOf(error)}.`
        if (before !== this.#unavailable)
          this.#logger.error({ err: error, address: this.address }, 'Temporal does not answer')
      }
      const wait = this.#unavailable === null ? PROBE_MS : RETRY_MS
      await delay(wait, undefined, { signal }).catch(() => {})
    }
  }
}

function reasonOf(error: unknown): string {
  const { details, message } = error as { details?: string; message?: string }
  return (details || message || 'no reason was given')
    .split('\n')[0]!
    .replace(/[.\s]+$/, '')
    .slice(0, 300)
}
