import type { EventRecordInput } from '@tramontane/contract/event-record'
import type { Filter } from '@tramontane/contract/filter'
import { isEventId } from './event-id.ts'
import type { EventReadStore, EventWithPayload } from './event-read-store.ts'
import type { EventSearch } from './event-search.ts'

/** Events that are found at once. */
const BATCH = 200
/** Events whose conversations are read at once: each may have megabytes. */
const READ = 20
const BATCH_LIMIT_MS = 20_000

/** An event in the form in which it can be imported again; sent back to this server, it changes nothing. */
function toRecord(row: EventWithPayload): EventRecordInput {
  return {
    event_id: row.event_id,
    timestamp: row.timestamp.toISOString(),
    correlation_id: row.correlation_id,
    model_name: row.model_name,
    request_messages: row.request_messages,
    response_messages: row.response_messages,
    enabled_tools: row.enabled_tools,
    invoked_tools: row.invoked_tools,
    input_tokens: row.input_tokens,
    output_tokens: row.output_tokens,
    total_time_elapsed: row.total_time_elapsed,
    api_agent_id: row.api_agent_id,
    metadata: row.metadata,
    status: row.status as 'ok' | 'error' | 'cancelled',
    error: row.error,
    response_id: row.response_id,
  }
}

/** Writes events as lines of JSON. */
export class EventExport {
  readonly #search: EventSearch
  readonly #events: EventReadStore

  constructor(search: EventSearch, events: EventReadStore) {
    this.#search = search
    this.#events = events
  }

  /**
   * The lines of the events that a filter selects, newest first, some at a time.
   * @returns when the first events have been found, so that a filter that cannot be asked is refused beforehand
   * @throws as a search
   */
  async matching(workspaceId: string, filter: Filter | null, limit: number): Promise<AsyncGenerator<string>> {
    const first = await this.#next(workspaceId, filter, { limit })
    return this.#pages(workspaceId, filter, { first, limit })
  }

  /** The lines of the events with these ids that the workspace has. */
  async *withIds(workspaceId: string, ids: readonly string[]): AsyncGenerator<string> {
    const known = ids.filter(isEventId)
    yield* this.#lines(workspaceId, known)
  }

  async *#pages(
    workspaceId: string,
    filter: Filter | null,
    { first, limit }: { first: string[]; limit: number },
  ): AsyncGenerator<string> {
    let left = limit
    for (let ids = first; ids.length > 0; ) {
      yield* this.#lines(workspaceId, ids)
      left -= ids.length
      if (ids.length < BATCH || left <= 0) return
      ids = await this.#next(workspaceId, filter, { limit: left, before: ids.at(-1)! })
    }
  }

  #next(
    workspaceId: string,
    filter: Filter | null,
    { limit, before }: { limit: number; before?: string },
  ): Promise<string[]> {
    return this.#search.select(workspaceId, filter, {
      limit: Math.min(BATCH, limit),
      timeLimitMs: BATCH_LIMIT_MS,
      ...(before === undefined ? {} : { before }),
    })
  }

  async *#lines(workspaceId: string, ids: readonly string[]): AsyncGenerator<string> {
    for (let at = 0; at < ids.length; at += READ)
      for (const row of await this.#events.full(workspaceId, ids.slice(at, at + READ)))
        yield `${JSON.stringify(toRecord(row))}\n`
  }
}
