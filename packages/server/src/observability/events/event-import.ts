import { createHash } from 'node:crypto'
import type { EventRecord } from '@tramontane/contract/event-record'
import { canonicalInstant } from '@tramontane/contract/filter-check'
import { ApiError } from '../../platform/http/errors.ts'
import { microsOf, uuidAt } from '../../platform/uuid.ts'
import type { CapturedEvent } from '../captured-event.ts'
import { microsOfInstant } from './condition-sql.ts'
import type { EventKeyStore } from './event-key-store.ts'
import { isStorableTime } from './event-writer.ts'

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

/** Stores events together; gives the ids of those that were not there yet. */
export type RecordBatch = (events: readonly CapturedEvent[]) => Promise<Set<string>>

export interface ImportResult {
  readonly imported: number
  readonly duplicates: number
  readonly event_ids: string[]
}

function refused(index: number, field: string, why: string): ApiError {
  return new ApiError('VALIDATION_ERROR', `body.events.${index}.${field}: ${why}`, {
    issues: [{ loc: ['body', 'events', index, field], msg: why, type: 'value_error' }],
  })
}

/** Undefined for an instant that no year of four digits has. */
function microsOfTimestamp(timestamp: string): bigint | undefined {
  const instant = canonicalInstant(timestamp)
  return instant === null ? undefined : microsOfInstant(instant)
}

/** Logs that exist already: batches of records become events. */
export class EventImport {
  readonly #record: RecordBatch
  readonly #keys: EventKeyStore

  constructor(record: RecordBatch, keys: EventKeyStore) {
    this.#record = record
    this.#keys = keys
  }

  /**
   * Stores a batch, all or nothing. A record with its own `event_id` that was sent before is a duplicate.
   * @throws ApiError VALIDATION_ERROR naming the record and its field
   */
  async import(workspaceId: string, records: readonly EventRecord[]): Promise<ImportResult> {
    const ids = await this.#idsOf(workspaceId, records)
    const events = records.map((record, index) => ({
      id: ids[index]!,
      workspaceId,
      source: 'import' as const,
      timestampMicros: String(microsOf(ids[index]!)),
      record,
    }))
    const stored = await this.#record(events)
    return { imported: stored.size, duplicates: records.length - stored.size, event_ids: ids }
  }

  /** An id for each record: the same for the same `event_id`, whenever it is sent. */
  async #idsOf(workspaceId: string, records: readonly EventRecord[]): Promise<string[]> {
    const now = BigInt(Date.now()) * 1000n
    const ids = records.map((record, index) => {
      const { event_id, timestamp } = record
      const micros = timestamp === undefined ? undefined : microsOfTimestamp(timestamp)
      if (timestamp !== undefined && (micros === undefined || !isStorableTime(micros)))
        throw refused(index, 'timestamp', 'must lie between 1970 and 24 hours from now')
      if (event_id === undefined) return uuidAt(micros ?? now)
      if (UUID_V7.test(event_id)) return ownId(workspaceId, event_id.toLowerCase(), micros, index)
      return micros === undefined ? undefined : uuidAt(micros, `${workspaceId} ${event_id}`)
    })
    const keys = records.flatMap(({ event_id }, index) => (ids[index] === undefined ? [event_id!] : []))
    const byKey = await this.#claim(workspaceId, keys, now)
    return ids.map((id, index) => id ?? byKey.get(records[index]!.event_id!)!)
  }

  /** Keys that come without a time: the first time that one was seen is its time, also when it is sent again. */
  async #claim(workspaceId: string, keys: readonly string[], now: bigint): Promise<Map<string, string>> {
    if (keys.length === 0) return new Map()
    const hashes = new Map(keys.map((key) => [key, createHash('sha256').update(key).digest('hex')]))
    const claims = [...hashes].map(([key, hash]) => ({ hash, id: uuidAt(now, `${workspaceId} ${key}`) }))
    const byHash = await this.#keys.claim(workspaceId, claims)
    return new Map([...hashes].map(([key, hash]) => [key, byHash.get(hash)!]))
  }
}

/** A UUIDv7 says a time itself; it is kept if the record says the same one, to the millisecond, or none. */
function ownId(workspaceId: string, id: string, micros: bigint | undefined, index: number): string {
  const own = microsOf(id)
  if (micros !== undefined && micros / 1000n !== own / 1000n) return uuidAt(micros, `${workspaceId} ${id}`)
  if (!isStorableTime(own))
    throw refused(index, 'event_id', 'is a UUIDv7 of a time that is more than 24 hours ahead')
  return id
}
