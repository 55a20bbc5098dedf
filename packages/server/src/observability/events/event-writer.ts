import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'
import { GroupCommit } from '../../platform/database/group-commit.ts'
import { ApiError } from '../../platform/http/errors.ts'
import { microsOf } from '../../platform/uuid.ts'
import { type CapturedEvent, identifiesCall } from '../captured-event.ts'
import type { EventPartitions } from './event-partitions.ts'
import { type EventRow, toRow } from './event-row.ts'
import type { EventWriteStore } from './event-write-store.ts'
import type { MetadataKeys } from './metadata-keys.ts'

/** Clocks differ; but a time far ahead is a mistake that would sit at the top of every page until it comes. */
const MAX_AHEAD_MS = 24 * 3600 * 1000

/** Events held in memory while the database stalls. */
const MAX_WAITING = 10_000

interface Entry {
  readonly row: EventRow
  readonly micros: bigint
  readonly source: CapturedEvent['source']
  /** Set when the item itself is at fault, so that the others of its batch are committed without it. */
  error?: unknown
}

/**
 * Whether an event can have this time.
 * @param micros microseconds since 1970
 */
export function isStorableTime(micros: bigint): boolean {
  return micros >= 0n && Number(micros / 1000n) <= Date.now() + MAX_AHEAD_MS
}

function toEntry(event: CapturedEvent): Entry {
  const micros = microsOf(event.id)
  if (!isStorableTime(micros))
    throw new ApiError(
      'VALIDATION_ERROR',
      'timestamp: must lie between 1970 and 24 hours from now; check the clock that made it, and that it counts the unit it says.',
    )
  return { row: toRow(event), micros, source: event.source }
}

function sqlState(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** Whether the database refused what was to be stored, rather than to work at all. */
function isDataError(error: unknown): boolean {
  return /^(22|23|54)/.test(sqlState(error))
}

/** No partition of relation found for row: another server has dropped it meanwhile. */
function lacksPartition(error: unknown): boolean {
  return sqlState(error) === '23514'
}

/** Writes events, many in one commit, each exactly once. */
export class EventWriter {
  readonly #store: EventWriteStore
  readonly #partitions: EventPartitions
  readonly #metadataKeys: MetadataKeys
  readonly #logger: Logger
  readonly #stored: Counter<'source'>
  readonly #group: GroupCommit<Entry>

  constructor(
    parts: { store: EventWriteStore; partitions: EventPartitions; metadataKeys: MetadataKeys },
    platform: { logger: Logger; metrics: Registry },
  ) {
    this.#store = parts.store
    this.#partitions = parts.partitions
    this.#metadataKeys = parts.metadataKeys
    this.#logger = platform.logger
    this.#stored = new Counter({
      name: 'tramontane_events_stored_total',
      help: 'Events committed, by how they came in',
      labelNames: ['source'],
      registers: [platform.metrics],
    })
    this.#group = new GroupCommit((entries) => this.#writeAll(entries), { maxBatch: 200, maxConcurrent: 2 })
  }

  /**
   * Stores an event; resolves when it is committed, also if it was there already.
   * @throws ApiError VALIDATION_ERROR for a time that cannot be, TOO_MANY_REQUESTS while the database is far behind; the
   *   database's error if it does not answer
   */
  async record(event: CapturedEvent): Promise<void> {
    if (this.#group.waiting >= MAX_WAITING)
      throw new ApiError('TOO_MANY_REQUESTS', 'More events wait to be stored than the server can hold.', {
        retryAfter: 1,
      })
    const entry = toEntry(event)
    await this.#group.add(entry)
    if (entry.error !== undefined) throw entry.error
  }

  /**
   * Stores events together, all or nothing.
   * @returns the ids of those that were not there yet
   */
  async recordBatch(events: readonly CapturedEvent[]): Promise<Set<string>> {
    if (events.length === 0) return new Set()
    return new Set(await this.#write(events.map(toEntry)))
  }

  async #writeAll(entries: readonly Entry[]): Promise<void> {
    try {
      await this.#write(entries)
    } catch (error) {
      if (!isDataError(error)) throw error
      for (const entry of entries) await this.#writeAlone(entry)
    }
  }

  async #writeAlone(entry: Entry): Promise<void> {
    try {
      await this.#write([entry])
    } catch (error) {
      if (!isDataError(error)) throw error
      this.#logger.error({ err: error, event: entry.row.event_id }, 'an event cannot be stored')
      entry.error = error
    }
  }

  async #write(entries: readonly Entry[]): Promise<string[]> {
    const rows = entries.map(({ row }) => row)
    await this.#metadataKeys.remember(rows)
    const stored = await this.#insert(entries, rows).catch((error: unknown) => {
      if (!lacksPartition(error)) throw error
      this.#partitions.forget()
      return this.#insert(entries, rows)
    })
    this.#count(entries, stored)
    return stored
  }

  async #insert(entries: readonly Entry[], rows: readonly EventRow[]): Promise<string[]> {
    await this.#partitions.ensure(entries.map(({ micros }) => micros))
    const mayJoin = entries.some(({ source, row }) => source !== 'import' && identifiesCall(row.response_id))
    return mayJoin ? this.#store.insertJoined(rows) : this.#store.insert(rows)
  }

  #count(entries: readonly Entry[], stored: readonly string[]): void {
    const isNew = new Set(stored)
    for (const { row, source } of entries) if (isNew.has(row.event_id)) this.#stored.inc({ source })
  }
}
