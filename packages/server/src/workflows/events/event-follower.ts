import { setTimeout as pause } from 'node:timers/promises'
import { answerInTime } from '../../platform/database/answer-in-time.ts'
import type { LiveStream } from '../../platform/http/live-stream.ts'
import type { InstantUnit } from '../../platform/http/nanoseconds.ts'
import type { Slots } from '../../platform/slots.ts'
import type { EventFeed } from './event-feed.ts'
import { type EventFilter, isIndexed, matches } from './event-filter.ts'
import type { EventFrame, StoredEvent } from './stored-event.ts'
import type { WorkflowEventStore } from './workflow-event-store.ts'

/** Small, since every stream has its own. */
const PAGE = { limit: 500, maxBytes: 256 * 1024 }
/** Where no index finds the events of a filter: how many are looked at in one query. */
const WINDOW = 20_000
/** How near to the feed a reader must be to join it; what comes until the rest is read is held. */
const NEAR = 500
const MAX_HELD_BYTES = 16 * 1024 * 1024
const PATIENCE_MS = 30_000
const RETRY_MS = 500

/** What a stream shows, and from where on. */
export interface Following {
  readonly filter: EventFilter
  /** The last sequence that the reader has; only greater ones are sent. */
  readonly after: number
  readonly unit: InstantUnit
  /** Is told of each event that was sent. */
  readonly onSent?: (event: StoredEvent) => void
  /** Is told when everything that was there at the beginning has been sent. */
  readonly onCaughtUp?: () => void
}

/**
 * One stream's way through the events of its workspace:
 *
 * 1. **Backfill.** Pages are read from the database, from `after` on, as fast as the reader takes them, up to near
 *    the feed's position.
 * 2. **Cutover.** The stream joins the feed at its position P of that moment. The feed hands over every event after P, none
 *    before; they are held while the pages up to P are read.
 * 3. **Live.** What was held is sent, and from then on each event as it comes.
 *
 * Sequences become visible in order (`workflow_event_counters`), so that a page up to a sequence holds all that there
 * will ever be up to it: nothing is between two pages, nor between P and what follows. Whatever goes wrong, the reader
 * has everything up to one event and nothing after it.
 */
export class EventFollower {
  readonly #feed: EventFeed
  readonly #store: WorkflowEventStore
  readonly #slots: Slots
  readonly #stream: LiveStream
  readonly #following: Following
  /** Up to here everything has been sent, or does not match. */
  #position: number
  /** Events that came while the pages before them were read; undefined when live. */
  #held: EventFrame[] | undefined = []
  #heldBytes = 0

  /** @param parts.slots how many pages are read at a time, for all streams */
  constructor(
    parts: { feed: EventFeed; store: WorkflowEventStore; slots: Slots; stream: LiveStream },
    following: Following,
  ) {
    this.#feed = parts.feed
    this.#store = parts.store
    this.#slots = parts.slots
    this.#stream = parts.stream
    this.#following = following
    this.#position = following.after
  }

  /** Sends events until the stream is over. Never rejects: what goes wrong is told within the stream. */
  async run(): Promise<void> {
    const { over } = this.#stream
    let leave: (() => void) | undefined
    try {
      while (!over.aborted && this.#position < this.#feed.position - NEAR)
        await this.#sendPage(this.#feed.position)
      leave = this.#feed.join({
        onFrames: (frames) => this.#take(frames),
        onFailure: () => this.#cannotRead(),
      })
      const joinedAt = this.#feed.position
      if (this.#feed.hasFailed) return this.#cannotRead()
      while (!over.aborted && this.#position < joinedAt) await this.#sendPage(joinedAt)
      // No `await` from the last page to here: nothing can come in between.
      this.#goLive()
      if (!over.aborted) await new Promise<void>((resolve) => over.addEventListener('abort', () => resolve()))
    } catch {
      this.#cannotRead()
    } finally {
      leave?.()
    }
  }

  /** Whether all events up to a sequence that is there have been sent. If not, they are on their way from now on. */
  hasSent(sequence: number): boolean {
    const position = this.#held === undefined ? this.#feed.position : this.#position
    if (position < sequence) this.#feed.wake(sequence)
    return position >= sequence
  }

  #cannotRead(): void {
    this.#stream.breakOff('WF_1400', 'events cannot be read from the database', 'read_error')
  }

  /** Reads and sends the next events up to a sequence, and waits until the reader has taken them. */
  async #sendPage(upTo: number): Promise<void> {
    const { filter } = this.#following
    const page = await this.#readPage(isIndexed(filter) ? upTo : Math.min(upTo, this.#position + WINDOW))
    if (!page) return
    this.#send(this.#feed.frames(page.events))
    this.#position = page.position
    await this.#stream.ready()
  }

  /** @returns undefined if the stream is over. @throws the database's error, if it goes on for too long */
  async #readPage(upTo: number) {
    const { over } = this.#stream
    const range = { after: this.#position, upTo, ...PAGE }
    const startedAt = Date.now()
    while (!over.aborted) {
      const giveBack = await this.#slots.take()
      try {
        const page = this.#store.page(this.#feed.workspaceId, this.#following.filter, range)
        return await answerInTime(page, PATIENCE_MS)
      } catch (error) {
        if (Date.now() - startedAt > PATIENCE_MS) throw error
      } finally {
        giveBack()
      }
      await pause(RETRY_MS, undefined, { signal: over }).catch(() => {})
    }
    return undefined
  }

  /** What the feed hands over. */
  #take(frames: readonly EventFrame[]): void {
    const wanted = frames.filter(
      ({ event }) => event.sequence > this.#following.after && matches(event, this.#following.filter),
    )
    if (this.#held === undefined) {
      this.#send(wanted)
      return
    }
    this.#held.push(...wanted)
    this.#heldBytes += wanted.reduce((sum, { event }) => sum + event.bytes, 0)
    if (this.#heldBytes > MAX_HELD_BYTES)
      this.#stream.breakOff('WF_1400', 'events come faster than this reader takes them')
  }

  #goLive(): void {
    const held = this.#held!
    this.#held = undefined
    this.#send(held)
    this.#following.onCaughtUp?.()
  }

  #send(frames: readonly EventFrame[]): void {
    if (frames.length === 0 || this.#stream.over.aborted) return
    this.#stream.send(frames.map((frame) => frame.bytes(this.#following.unit)))
    const { onSent } = this.#following
    if (onSent) for (const { event } of frames) onSent(event)
  }
}
