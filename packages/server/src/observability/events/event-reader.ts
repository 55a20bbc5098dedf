import type { EventPreview } from '@tramontane/contract/events'
import type { Filter } from '@tramontane/contract/filter'
import { ApiError } from '../../platform/http/errors.ts'
import { isEventId } from './event-id.ts'
import { type EventReadStore, type EventWithPayload, groupColumns } from './event-read-store.ts'
import type { EventSearch } from './event-search.ts'
import type { EventTrafficStore, Traffic } from './event-traffic-store.ts'

/** An event as other features see it. */
export interface StoredEvent {
  readonly id: string
  readonly timestamp: Date
  readonly correlationId: string
  readonly source: string
  readonly status: 'ok' | 'error' | 'cancelled'
  readonly error: string | null
  readonly modelName: string
  readonly apiAgentId: string | null
  readonly invokedTools: readonly string[]
  readonly inputTokens: number
  readonly outputTokens: number
  /** Seconds. */
  readonly totalTimeElapsed: number
  readonly metadata: Readonly<Record<string, string>>
  readonly requestMessages: readonly Readonly<Record<string, unknown>>[]
  readonly responseMessages: readonly Readonly<Record<string, unknown>>[]
  readonly enabledTools: readonly Readonly<Record<string, unknown>>[]
}

function toStoredEvent(row: EventWithPayload): StoredEvent {
  return {
    id: row.event_id,
    timestamp: row.timestamp,
    correlationId: row.correlation_id,
    source: row.source,
    status: row.status as StoredEvent['status'],
    error: row.error,
    modelName: row.model_name,
    apiAgentId: row.api_agent_id,
    invokedTools: row.invoked_tools,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    totalTimeElapsed: row.total_time_elapsed,
    metadata: row.metadata,
    requestMessages: row.request_messages,
    responseMessages: row.response_messages,
    enabledTools: row.enabled_tools,
  }
}

/** How long a selection for background work may take; a request waits for less. */
const SELECTION_LIMIT_MS = 20_000

const MAX_GROUP_KEYS = 100

/** What other features may know of events. */
export class EventReader {
  readonly #store: EventReadStore
  readonly #search: EventSearch
  readonly #traffic: EventTrafficStore

  constructor(store: EventReadStore, search: EventSearch, traffic: EventTrafficStore) {
    this.#store = store
    this.#search = search
    this.#traffic = traffic
  }

  /** An event with its conversation; undefined if the workspace has none with this id. */
  async get(workspaceId: string, id: string): Promise<StoredEvent | undefined> {
    return (await this.getMany(workspaceId, [id]))[0]
  }

  /** What ties an event to others; undefined if the workspace has no event with this id. */
  async correlationOf(workspaceId: string, id: string): Promise<string | undefined> {
    const [row] = isEventId(id) ? await this.#store.rows(workspaceId, [id]) : []
    return row?.correlation_id
  }

  /** The events with these ids that the workspace has, newest first. */
  async getMany(workspaceId: string, ids: readonly string[]): Promise<StoredEvent[]> {
    const rows = await this.#store.full(workspaceId, ids.filter(isEventId))
    return rows.map(toStoredEvent)
  }

  /**
   * The ids of the newest events that a filter selects, newest first: the same that Explorer shows.
   * @throws ApiError FIELDS_NOT_FOUND, FIELDS_BAD_REQUEST or SEARCH_BAD_REQUEST for a filter that cannot be asked;
   *   the database's time-out (DATABASE_TIMEOUT) after 20 s
   */
  selectIds(workspaceId: string, filter: Filter | null, limit: number): Promise<string[]> {
    return this.#search.select(workspaceId, filter, { limit, timeLimitMs: SELECTION_LIMIT_MS })
  }

  /**
   * What came through between each two neighbours of `bounds`, which ascend.
   * @throws the database's time-out (DATABASE_TIMEOUT) after `timeLimitMs`
   */
  traffic(workspaceId: string, bounds: readonly Date[], timeLimitMs: number): Promise<Traffic[]> {
    return this.#traffic.between(workspaceId, bounds, timeLimitMs)
  }

  /** When the newest event happened; undefined if there is none. */
  newest(workspaceId: string): Promise<Date | undefined> {
    return this.#traffic.newest(workspaceId)
  }

  /**
   * What events have in a field by which they can be grouped: event id → value, null where there is none.
   * @throws ApiError FIELDS_BAD_REQUEST
   */
  async valuesOf(
    workspaceId: string,
    ids: readonly string[],
    field: string,
  ): Promise<Map<string, string | null>> {
    const column = groupColumns.find((name) => name === field)
    const metadataKey = field.startsWith('metadata.') ? field.slice('metadata.'.length) : ''
    if (!column && metadataKey === '')
      throw new ApiError(
        'FIELDS_BAD_REQUEST',
        `Answers cannot be grouped by ${JSON.stringify(field)}, only by ${groupColumns.join(', ')} or metadata.<key>.`,
      )
    return this.#store.values(workspaceId, ids, column ? { column } : { metadataKey })
  }

  /** The commonest keys of metadata that these events have. */
  metadataKeysOf(workspaceId: string, ids: readonly string[]): Promise<string[]> {
    return this.#store.metadataKeys(workspaceId, ids, MAX_GROUP_KEYS)
  }

  /** Events as they stand in lists, annotations included, in the order of the ids; those that are gone are left out. */
  async previews(workspaceId: string, ids: readonly string[]): Promise<EventPreview[]> {
    const fields = await this.#search.fields(workspaceId)
    return this.#search.previews(workspaceId, ids.filter(isEventId), fields)
  }
}
