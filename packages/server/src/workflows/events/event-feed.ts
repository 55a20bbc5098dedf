import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import { answerInTime } from '../../platform/database/answer-in-time.ts'
import { EventFrame, type StoredEvent } from './stored-event.ts'
import type { WorkflowEventStore } from './workflow-event-store.ts'

const PAGE = { limit: 500, maxBytes: 4 * 1024 * 1024 }
/** How long events may stay unread until the readers are told so. */
const PATIENCE_MS = 30_000
const RETRY_MS = 500

/** Gets the events after those that it got before; all of a workspace, in order. */
export interface FeedReader {
  onFrames(frames: readonly EventFrame[]): void
  /** Events cannot be read any more. */
  onFailure(): void
}

/**
 * Reads the new events of one workspace, each once, for all streams of this server. It begins at the newest event at
 * its start; what was before is the readers' own business (`event-follower.ts`).
 */
export class EventFeed {
  readonly workspaceId: string
  readonly #namespace: string
  readonly #store: WorkflowEventStore
  readonly #logger: Logger
  readonly #readers = new Set<FeedReader>()
  #position: number
  #counted = 0
  #isWanted = false
  #reading: Promise<void> | undefined
  #isStopped = false
  #hasFailed = false

  /** @param parts.position the sequence of the newest event that is there */
  constructor(parts: {
    workspaceId: string
    namespace: string
    position: number
    store: WorkflowEventStore
    logger: Logger
  }) {
    this.workspaceId = parts.workspaceId
    this.#namespace = parts.namespace
    this.#position = parts.position
    this.#store = parts.store
    this.#logger = parts.logger
  }

  /** The sequence of the last event that was handed over. */
  get position(): number {
    return this.#position
  }

  /** From now on the reader gets every event after `position`. @returns what ends that */
  join(reader: FeedReader): () => void {
    this.#readers.add(reader)
    return () => this.#readers.delete(reader)
  }

  /** Events of a workspace, as frames of its streams. */
  frames(events: readonly StoredEvent[]): EventFrame[] {
    return events.map((event) => new EventFrame(event, this.#namespace))
  }

  /** Whether its readers were told that it gives up. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /**
   * There may be new events.
   * @param counted what the workspace's counter was seen to be: not every number up to it need be an event's
   */
  wake(counted = 0): void {
    this.#counted = Math.max(this.#counted, counted)
    this.#isWanted = true
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
      if (this.#isWanted && !this.#isStopped) this.wake()
    })
  }

  stop(): void {
    this.#isStopped = true
  }

  async #read(): Promise<void> {
    let unreadSince: number | undefined
    while (this.#isWanted && !this.#isStopped) {
      this.#isWanted = false
      try {
        await this.#readPages()
        unreadSince = undefined
      } catch (error) {
        unreadSince ??= Date.now()
        this.#logger.warn(
          { err: error, workspace: this.workspaceId },
          'new events cannot be read; trying again',
        )
        if (Date.now() - unreadSince > PATIENCE_MS) return this.#fail()
        await pause(RETRY_MS)
        this.#isWanted = true
      }
    }
  }

  async #readPages(): Promise<void> {
    for (let goesOn = true; goesOn && !this.#isStopped; ) {
      const counted = this.#counted
      const page = await answerInTime(
        this.#store.page(this.workspaceId, {}, { after: this.#position, ...PAGE }),
        PATIENCE_MS,
      )
      this.#position = page.isFull ? page.position : Math.max(page.position, counted)
      goesOn = page.isFull
      if (page.events.length === 0) continue
      const frames = this.frames(page.events)
      for (const reader of this.#readers) reader.onFrames(frames)
    }
  }

  #fail(): void {
    this.#isStopped = true
    this.#hasFailed = true
    for (const reader of this.#readers) reader.onFailure()
  }
}
