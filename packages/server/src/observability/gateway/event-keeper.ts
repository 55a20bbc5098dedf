import type { Logger } from 'pino'
import { Counter, Gauge, type Registry } from 'prom-client'
import { byteSize, counted } from '../../platform/amounts.ts'
import type { CapturedEvent, RecordEvent } from '../captured-event.ts'
import { type Spool, SpoolFullError } from './spool.ts'
import { SpoolReplay } from './spool-replay.ts'
import { isUnstorable } from './unstorable.ts'

/** How long an answer waits for the database, and then for the disk. A stalled database is a failing one. */
const COMMIT_DEADLINE_MS = 500
const SPOOL_DEADLINE_MS = 1_000

/**
 * Keeps the event of each call before its answer ends: in the database, or, if that fails or stalls, in the spool,
 * from where it goes to the database later under the same id. Never fails, and never takes much longer than its
 * deadlines: the answer matters more than its event.
 */
export class EventKeeper {
  readonly #record: RecordEvent
  readonly #spool: Spool
  readonly #logger: Logger
  readonly #replay: SpoolReplay
  readonly #kept: Counter<'outcome'>
  readonly #underWay = new Set<Promise<void>>()
  #lost = 0

  constructor(record: RecordEvent, spool: Spool, platform: { logger: Logger; metrics: Registry }) {
    this.#record = record
    this.#spool = spool
    this.#logger = platform.logger
    this.#replay = new SpoolReplay(record, spool, platform)
    this.#kept = new Counter({
      name: 'tramontane_gateway_events_total',
      help: 'Events of gateway calls: committed in time, spooled to be stored later, unstorable and set aside, or lost',
      labelNames: ['outcome'],
      registers: [platform.metrics],
    })
    new Gauge({
      name: 'tramontane_gateway_spool_bytes',
      help: 'Bytes of events that wait on disk for the database',
      registers: [platform.metrics],
      collect() {
        this.set(spool.bytes)
      },
    })
  }

  /** Begins with what an earlier process left in the spool. */
  start(): void {
    this.#replay.start()
  }

  /** Resolves when the event is kept, or cannot be, or it takes too long. Never rejects. */
  keep(event: CapturedEvent): Promise<void> {
    return this.#awaited(this.#keep(event))
  }

  /** Says why the server should get no more traffic, if so. */
  async check(): Promise<string | undefined> {
    if (!this.#spool.isFull) return undefined
    return `the gateway's spool is full (${byteSize(this.#spool.bytes)} wait for the database); not kept since the start: ${counted(this.#lost, 'event')}`
  }

  /** Waits for the events under way and leaves the spool as it is, for the next start. */
  async stop(): Promise<void> {
    await this.#replay.stop()
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
    await this.#spool.close()
  }

  async #keep(event: CapturedEvent): Promise<void> {
    // While the database is known to fail, no answer waits for it: the replay finds out when it is back.
    if (!this.#replay.isWaiting) {
      const failure = await settledWithin(COMMIT_DEADLINE_MS, this.#record(event))
      if (failure === undefined) return this.#kept.inc({ outcome: 'committed' })
      this.#logger.warn({ err: failure, event: event.id }, 'an event was not stored in time')
      if (isUnstorable(failure)) return this.#onDisk(event, 'unstorable')
    }
    await this.#onDisk(event, 'spooled')
    this.#replay.wake()
  }

  /** A disk that stalls as well holds up no answer either; what it says later still counts. */
  async #onDisk(event: CapturedEvent, outcome: 'spooled' | 'unstorable'): Promise<void> {
    const line = JSON.stringify(event)
    const write = outcome === 'spooled' ? this.#spool.append(line) : this.#spool.setAside(line)
    const written = write.then(
      () => this.#kept.inc({ outcome }),
      (error: unknown) => this.#lose(event, error),
    )
    await settledWithin(SPOOL_DEADLINE_MS, this.#awaited(written))
  }

  #lose(event: CapturedEvent, error: unknown): void {
    this.#lost++
    this.#kept.inc({ outcome: 'lost' })
    const why = error instanceof SpoolFullError ? 'the spool is full' : 'the spool cannot be written'
    this.#logger.error(
      { err: error, event: event.id, workspace: event.workspaceId },
      `an event is lost: ${why}`,
    )
  }

  /** Something that must be over before the server stops. */
  #awaited(work: Promise<void>): Promise<void> {
    this.#underWay.add(work)
    return work.finally(() => this.#underWay.delete(work))
  }
}

/** What went wrong with a promise, or that it took too long; undefined if it was fulfilled in time. */
function settledWithin(milliseconds: number, promise: Promise<void>): Promise<unknown> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(new Error(`no answer within ${milliseconds} ms`)), milliseconds)
    promise.then(
      () => {
        clearTimeout(timer)
        resolve(undefined)
      },
      (error: unknown) => {
        clearTimeout(timer)
        resolve(error ?? new Error('failed without a reason'))
      },
    )
  })
}
