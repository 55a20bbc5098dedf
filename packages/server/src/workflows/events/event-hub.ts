import type { Logger } from 'pino'
import { answerInTime } from '../../platform/database/answer-in-time.ts'
import { NotificationListener } from '../../platform/database/notification-listener.ts'
import { EventFeed } from './event-feed.ts'
import { NEW_EVENTS, type WorkflowEventStore } from './workflow-event-store.ts'

/** How often the counters are looked at for what no notification told. */
const POLL_MS = 1_000
/** How long the first reader of a workspace waits for the database. */
const PATIENCE_MS = 10_000

/** A feed that somebody needs. */
export interface HeldFeed {
  readonly feed: EventFeed
  /** Nobody needs it any more for this. */
  release(): void
}

/** The feeds of the workspaces whose events somebody reads, and what wakes them. */
export class EventHub {
  readonly #store: WorkflowEventStore
  readonly #namespaceOf: (workspaceId: string) => string
  readonly #logger: Logger
  readonly #listener: NotificationListener
  readonly #feeds = new Map<string, { feed: EventFeed; holders: number }>()
  #poll: NodeJS.Timeout | undefined
  #polling: Promise<void> | undefined

  /** @param parts.namespaceOf Temporal's name for a workspace */
  constructor(parts: {
    store: WorkflowEventStore
    databaseUrl: string
    namespaceOf: (workspaceId: string) => string
    logger: Logger
  }) {
    this.#store = parts.store
    this.#namespaceOf = parts.namespaceOf
    this.#logger = parts.logger
    this.#listener = new NotificationListener(parts.databaseUrl, {
      channel: NEW_EVENTS,
      onPayload: (workspaceId) => this.wake(workspaceId),
      logger: parts.logger,
    })
    void this.#listener.start()
  }

  async stop(): Promise<void> {
    clearInterval(this.#poll)
    for (const { feed } of this.#feeds.values()) feed.stop()
    this.#feeds.clear()
    await this.#listener.stop()
  }

  /** The workspace may have new events. */
  wake(workspaceId: string): void {
    this.#feeds.get(workspaceId)?.feed.wake()
  }

  /** The feed of a workspace, which runs while somebody holds it. @throws ApiError DATABASE_UNAVAILABLE, the database's error */
  async hold(workspaceId: string): Promise<HeldFeed> {
    const known = this.#feeds.get(workspaceId)
    if (known && !known.feed.hasFailed) return this.#held(known)
    const feed = new EventFeed({
      workspaceId,
      namespace: this.#namespaceOf(workspaceId),
      position: await answerInTime(this.#store.position(workspaceId), PATIENCE_MS),
      store: this.#store,
      logger: this.#logger,
    })
    // Another reader may have come first meanwhile.
    const other = this.#feeds.get(workspaceId)
    if (other && !other.feed.hasFailed) return this.#held(other)
    const entry = { feed, holders: 0 }
    this.#feeds.set(workspaceId, entry)
    this.#poll ??= setInterval(() => this.#look(), POLL_MS)
    // What was stored since the position was read.
    feed.wake()
    return this.#held(entry)
  }

  #held(entry: { feed: EventFeed; holders: number }): HeldFeed {
    entry.holders++
    let isHeld = true
    return {
      feed: entry.feed,
      release: () => {
        if (!isHeld) return
        isHeld = false
        if (--entry.holders === 0) this.#drop(entry.feed)
      },
    }
  }

  #drop(feed: EventFeed): void {
    feed.stop()
    if (this.#feeds.get(feed.workspaceId)?.feed === feed) this.#feeds.delete(feed.workspaceId)
    if (this.#feeds.size > 0) return
    clearInterval(this.#poll)
    this.#poll = undefined
  }

  #look(): void {
    this.#polling ??= this.#wakeThoseBehind()
      .catch((error: unknown) =>
        this.#logger.debug({ err: error }, 'whether there are new events is not known'),
      )
      .finally(() => {
        this.#polling = undefined
      })
  }

  async #wakeThoseBehind(): Promise<void> {
    const positions = await this.#store.positions([...this.#feeds.keys()])
    for (const [workspaceId, position] of positions) {
      const feed = this.#feeds.get(workspaceId)?.feed
      if (feed && feed.position < position) feed.wake(position)
    }
  }
}
