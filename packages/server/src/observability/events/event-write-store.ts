import { type Kysely, sql, type Transaction } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import { firstUuidAt } from '../../platform/uuid.ts'
import { identifiesCall } from '../captured-event.ts'
import type { EventRow } from './event-row.ts'

/** Of a row as JSON; `store_calls` in `stored-call-migrations.ts` has them too. */
const COLUMNS = `workspace_id uuid, event_id uuid, correlation_id text, timestamp timestamptz, source text,
  status text, error text, model_name text, api_agent_id text, last_user_message_preview text,
  response_messages_preview text, first_system_message text, invoked_tools text[], input_tokens integer,
  output_tokens integer, total_time_elapsed double precision, metadata jsonb, response_id text, nb_messages integer,
  likeness_1 integer, likeness_2 integer, likeness_3 integer, likeness_4 integer`
const PAYLOAD_COLUMNS =
  'workspace_id uuid, event_id uuid, request_messages text, response_messages text, enabled_tools text'

const columns = sql.raw(COLUMNS)
const payloadColumns = sql.raw(PAYLOAD_COLUMNS)
const columnNames = sql.raw(
  COLUMNS.split(',')
    .map((column) => column.trim().split(/\s+/)[0])
    .join(', '),
)

/** How far the times of a call's two reports, the gateway's and the span's, may lie apart to be joined. */
const JOIN_WINDOW_MS = 24 * 3600 * 1000
const LOCK_BUCKETS = 1024

function split(rows: readonly EventRow[]): { searchable: string; payloads: string } {
  const searchable: unknown[] = []
  const payloads: unknown[] = []
  for (const { request_messages, response_messages, enabled_tools, ...row } of rows) {
    searchable.push(row)
    const { workspace_id, event_id } = row
    payloads.push({ workspace_id, event_id, request_messages, response_messages, enabled_tools })
  }
  return { searchable: JSON.stringify(searchable), payloads: JSON.stringify(payloads) }
}

/** One parameter for each table, whatever the number of rows. */
async function insert(database: Kysely<Record<never, never>>, rows: readonly EventRow[]): Promise<string[]> {
  const { searchable, payloads } = split(rows)
  // The payloads travel as strings inside the JSON: unpacked, `json` would refuse an escaped NUL.
  const { rows: stored } = await sql<{ event_id: string }>`
    with stored as (
      insert into events (${columnNames}) select ${columnNames} from json_to_recordset(${searchable}::json) as r(${columns})
      on conflict do nothing returning workspace_id, event_id
    ), payloads as (
      insert into event_payloads
      select workspace_id, event_id, request_messages::json, response_messages::json, enabled_tools::json
      from json_to_recordset(${payloads}::json) as r(${payloadColumns}) join stored using (workspace_id, event_id)
      on conflict do nothing
    ) select event_id from stored`.execute(database)
  return stored.map(({ event_id }) => event_id)
}

function bucketOf({ workspace_id, response_id }: EventRow): number {
  let hash = 0
  for (const character of `${workspace_id}${response_id}`)
    hash = (hash * 31 + character.charCodeAt(0)) % 4_294_967_291
  return hash % LOCK_BUCKETS
}

/** The locks of these reports' response ids, in the order in which they are taken. */
function bucketsOf(reports: readonly EventRow[]): number[] {
  return [...new Set(reports.map(bucketOf))].sort((a, b) => a - b)
}

/**
 * Makes the two reports of one call wait for each other: a span's takes the lock of its response id alone, the
 * gateway's share it (`store_calls`). The locks are taken in one order everywhere, so that no two wait in a circle.
 */
async function lockResponses(
  transaction: Transaction<Record<never, never>>,
  spans: readonly EventRow[],
): Promise<void> {
  await sql`
    select pg_advisory_xact_lock(7444011, bucket) from unnest(${bucketsOf(spans)}::int[]) as l(bucket)`.execute(
    transaction,
  )
}

/** What other reports of the same calls are found by, and between which ids they lie. */
function reportsOf(rows: readonly EventRow[]): { wanted: string; from: string; to: string } {
  const wanted = rows.map(({ workspace_id, response_id, event_id }) => ({
    workspace_id,
    response_id,
    event_id,
  }))
  const times = rows.map(({ timestamp }) => Date.parse(timestamp))
  return {
    wanted: JSON.stringify(wanted),
    from: firstUuidAt(BigInt(Math.max(0, Math.min(...times) - JOIN_WINDOW_MS)) * 1000n),
    to: firstUuidAt(BigInt(Math.max(...times) + JOIN_WINDOW_MS) * 1000n),
  }
}

/** Writes events. */
export class EventWriteStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Inserts the rows that are not there yet, all or nothing. @returns the ids of those that were new */
  insert(rows: readonly EventRow[]): Promise<string[]> {
    return insert(this.#database, rows)
  }

  /**
   * As `insert`, for the calls and for the spans each, but one call is one event, whoever reports it: a span's row gives way to an event with its response
   * id, and the row of a gateway or a conversation takes the place of a span's.
   */
  async insertJoined(rows: readonly EventRow[]): Promise<string[]> {
    // Calls first: spans of the same batch give way to them.
    const calls = await this.#insertCalls(rows.filter(({ source }) => source !== 'telemetry'))
    const spans = await this.#insertSpans(rows.filter(({ source }) => source === 'telemetry'))
    return [...calls, ...spans]
  }

  /** In one round trip: the gateway's answers wait for it. */
  async #insertCalls(rows: readonly EventRow[]): Promise<string[]> {
    const reports = rows.filter(({ response_id }) => identifiesCall(response_id))
    if (reports.length === 0) return rows.length === 0 ? [] : this.insert(rows)
    const { searchable, payloads } = split(rows)
    const { wanted, from, to } = reportsOf(reports)
    const { rows: stored } = await sql<{ event_id: string }>`
      select event_id from store_calls(${bucketsOf(reports)}::int[], ${wanted}::json, ${from}::uuid, ${to}::uuid,
        ${searchable}::json, ${payloads}::json) as stored(event_id)`.execute(this.#database)
    return stored.map(({ event_id }) => event_id)
  }

  async #insertSpans(rows: readonly EventRow[]): Promise<string[]> {
    const reports = rows.filter(({ response_id }) => identifiesCall(response_id))
    if (reports.length === 0) return rows.length === 0 ? [] : this.insert(rows)
    return this.#database.transaction().execute(async (transaction) => {
      await lockResponses(transaction, reports)
      const joined = await this.#joinedSpans(transaction, reports)
      return insert(
        transaction,
        rows.filter((row) => !joined.has(row)),
      )
    })
  }

  /** Deletes events older than the one with this id, at most `limit`. @returns how many */
  async deleteBefore(eventId: string, limit: number): Promise<number> {
    const { rows } = await sql<{ count: number }>`
      with old as (
        select workspace_id, event_id from events where event_id < ${eventId} limit ${limit}
      ), gone as (
        delete from events e using old where e.workspace_id = old.workspace_id and e.event_id = old.event_id
      ), payloads_gone as (
        delete from event_payloads p using old where p.workspace_id = old.workspace_id and p.event_id = old.event_id
      ) select count(*) from old`.execute(this.#database)
    return rows[0]!.count
  }

  /** The spans whose call has an event already, in the database or earlier in this batch. */
  async #joinedSpans(
    transaction: Transaction<Record<never, never>>,
    spans: readonly EventRow[],
  ): Promise<Set<EventRow>> {
    const key = (row: { workspace_id: string; response_id: string | null }) =>
      `${row.workspace_id} ${row.response_id}`
    const { wanted, from, to } = reportsOf(spans)
    const { rows } = await sql<{ workspace_id: string; response_id: string }>`
      select r.workspace_id, r.response_id
      from json_to_recordset(${wanted}::json) as r(workspace_id uuid, response_id text, event_id uuid)
      where exists (
        select from events e where e.workspace_id = r.workspace_id and e.response_id = r.response_id
          and e.event_id <> r.event_id and e.event_id >= ${sql.lit(from)}::uuid and e.event_id < ${sql.lit(to)}::uuid
      )`.execute(transaction)
    const joined = new Set<EventRow>()
    const taken = new Set(rows.map(key))
    for (const span of spans) {
      if (taken.has(key(span))) joined.add(span)
      taken.add(key(span))
    }
    return joined
  }
}
