import type { EventReader, StoredEvent } from '../events/event-reader.ts'
import type { CampaignRunStore, PendingEvent, Run } from './campaign-run-store.ts'
import type { JudgeFunctions, Prompt } from './judge-functions.ts'

/** An event with its prompt, or with the error that says why it has none. */
export interface JudgeTask extends PendingEvent {
  readonly prompt: Prompt | Error
}

/** Events read and rendered together. Small enough for the memory of 50 large conversations. */
const CHUNK = 50

/** Reads a run's events and writes their prompts, one chunk ahead of those who take them. */
export class PromptFeed {
  readonly #run: Run
  readonly #store: Pick<CampaignRunStore, 'pending'>
  readonly #events: Pick<EventReader, 'getMany'>
  readonly #judges: Pick<JudgeFunctions, 'writePrompts'>
  #position = -1
  #ready: JudgeTask[] = []
  #ended = false
  #reading: Promise<void> | undefined

  constructor(
    run: Run,
    needs: {
      store: Pick<CampaignRunStore, 'pending'>
      events: Pick<EventReader, 'getMany'>
      judges: Pick<JudgeFunctions, 'writePrompts'>
    },
  ) {
    this.#run = run
    this.#store = needs.store
    this.#events = needs.events
    this.#judges = needs.judges
  }

  /** The next task; undefined when there is none left. Rejects if the events could not be read. */
  async next(): Promise<JudgeTask | undefined> {
    while (this.#ready.length === 0 && !this.#ended) await this.#read()
    const task = this.#ready.shift()
    // Those who wait for a read that fails are told; a read ahead that fails is told to the next who waits.
    if (this.#ready.length < CHUNK && !this.#ended) this.#read().catch(() => {})
    return task
  }

  #read(): Promise<void> {
    this.#reading ??= this.#readChunk().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #readChunk(): Promise<void> {
    const pending = await this.#store.pending(this.#run, this.#position, CHUNK)
    this.#ended = pending.length === 0
    if (this.#ended) return
    const tasks = await this.#write(pending)
    this.#position = pending.at(-1)!.position
    this.#ready.push(...tasks)
  }

  async #write(pending: readonly PendingEvent[]): Promise<JudgeTask[]> {
    const ids = pending.map(({ eventId }) => eventId)
    const events = await this.#events.getMany(this.#run.workspaceId, ids)
    const found = new Map(events.map((event) => [event.id, event]))
    const known = pending.flatMap(({ eventId }) => found.get(eventId) ?? [])
    const prompts = await this.#judges.writePrompts(this.#run.judge, known.map(toConversation))
    const next = prompts.values()
    return pending.map((event) => ({
      ...event,
      prompt: found.has(event.eventId)
        ? next.next().value!
        : new Error('The event is not stored any more: its time of retention is over.'),
    }))
  }
}

/** What a judge is given of an event. */
export function toConversation(event: StoredEvent) {
  return {
    messages: [...event.requestMessages, ...event.responseMessages],
    properties: event.metadata,
    enabledTools: event.enabledTools,
  }
}
