import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'
import type { CapturedEvent, RecordEvent } from '../captured-event.ts'
import type { Spool } from './spool.ts'
import { isUnstorable } from './unstorable.ts'

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 2_000
/** A write that hangs on a dead connection must not hold up the trial that would succeed. */
const TRIAL_DEADLINE_MS = 5_000
const CONCURRENCY = 50

/** Stores what is in the spool, as soon as the database takes it. Storing an event twice changes nothing. */
export class SpoolReplay {
  readonly #record: RecordEvent
  readonly #spool: Spool
  readonly #logger: Logger
  readonly #replayed: Counter<'outcome'>
  readonly #stopping = new AbortController()
  /** What is stored of the segment being read: a segment that has to be read again is not stored again. */
  readonly #stored = new Set<string>()
  #running: Promise<void> | undefined
  #isWaiting = false

  constructor(record: RecordEvent, spool: Spool, platform: { logger: Logger; metrics: Registry }) {
    this.#record = record
    this.#spool = spool
    this.#logger = platform.logger
    this.#replayed = new Counter({
      name: 'tramontane_gateway_replayed_events_total',
      help: 'Events taken from the spool: stored, or unstorable and set aside',
      labelNames: ['outcome'],
      registers: [platform.metrics],
    })
  }

  /** Whether the database has failed and has not taken an event of the spool since. */
  get isWaiting(): boolean {
    return this.#isWaiting
  }

  start(): void {
    if (!this.#spool.isEmpty) this.#run()
  }

  /** An event could not be stored, and is in the spool now. */
  wake(): void {
    if (this.#spool.isEmpty) return
    this.#isWaiting = true
    this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  #run(): void {
    this.#running ??= this.#replayAll()
      .catch((error: unknown) => {
        if (!this.#stopping.signal.aborted) this.#logger.error({ err: error }, 'the spool cannot be read')
      })
      .finally(() => {
        this.#running = undefined
        this.#isWaiting = false
      })
  }

  async #replayAll(): Promise<void> {
    let pause = FIRST_PAUSE_MS
    while (!this.#spool.isEmpty) {
      await delay(pause, undefined, { signal: this.#stopping.signal })
      try {
        for (const segment of await this.#spool.segments()) await this.#replaySegment(segment)
        pause = FIRST_PAUSE_MS
      } catch (error) {
        if (this.#stopping.signal.aborted) return
        this.#isWaiting = true
        pause = Math.min(2 * pause, LONGEST_PAUSE_MS)
        this.#logger.warn({ err: error, bytes: this.#spool.bytes }, 'the spool cannot be stored yet')
      }
    }
  }

  /** @throws what the database says while it does not take events; the segment is then read again from its start */
  async #replaySegment(segment: string): Promise<void> {
    const underWay = new Set<Promise<void>>()
    let failure: unknown
    for await (const line of this.#spool.lines(segment)) {
      this.#stopping.signal.throwIfAborted()
      const event = this.#parse(line, segment)
      if (!event || this.#stored.has(event.id)) continue
      const one = this.#store(event)
        .catch((error: unknown) => {
          failure ??= error
        })
        .finally(() => underWay.delete(one))
      underWay.add(one)
      // The first alone: it is the trial that shows whether the database is back.
      if (this.#isWaiting || underWay.size >= CONCURRENCY) await Promise.race(underWay)
      if (failure !== undefined) break
      this.#isWaiting = false
    }
    await Promise.all(underWay)
    if (failure !== undefined) throw failure
    await this.#spool.remove(segment)
    this.#logger.info({ events: this.#stored.size }, 'events of the spool are stored now')
    this.#stored.clear()
  }

  #parse(line: string, segment: string): CapturedEvent | undefined {
    try {
      return JSON.parse(line)
    } catch {
      // A kill while it was being written: its answer was not released.
      this.#logger.warn({ segment }, 'the spool has a torn line, which is left out')
      return undefined
    }
  }

  async #store(event: CapturedEvent): Promise<void> {
    const overdue = new AbortController()
    const deadline = delay(TRIAL_DEADLINE_MS, undefined, { signal: overdue.signal }).then(() => {
      throw new Error(`no answer within ${TRIAL_DEADLINE_MS} ms`)
    })
    try {
      await Promise.race([this.#record(event), deadline])
      this.#stored.add(event.id)
      this.#replayed.inc({ outcome: 'stored' })
    } catch (error) {
      if (!isUnstorable(error)) throw error
      this.#replayed.inc({ outcome: 'unstorable' })
      await this.#spool.setAside(JSON.stringify(event))
      this.#stored.add(event.id)
      this.#logger.error(
        { err: error, event: event.id, workspace: event.workspaceId },
        'an event of the spool cannot be stored; it is set aside',
      )
    } finally {
      overdue.abort()
      deadline.catch(() => {})
    }
  }
}
