import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import { conditions, type EventFilter, matches } from './event-filter.ts'
import type { StoredEvent } from './stored-event.ts'
import type { NewEventRow } from './workflow-event-row.ts'

/** The channel on which servers tell each other the workspaces that have new events. */
export const NEW_EVENTS = 'tramontane_workflow_events'

/** Events in the order of their sequences, and how far the table was looked through for them. */
export interface EventPage {
  readonly events: readonly StoredEvent[]
  /** Every event up to here that was asked for is in this page or in those before. */
  readonly position: number
  /** Whether the page ended because it was full. */
  readonly isFull: boolean
}

/** Which part of the table a page is taken from, and how large it may be. */
export interface PageRange {
  /** Only events with a greater sequence. */
  readonly after: number
  /** The last sequence that is looked at; absent: all that there are. */
  readonly upTo?: number
  readonly limit: number
  /** At least one event is given, however large it is. */
  readonly maxBytes: number
}

const COLUMNS = sql.raw(
  `sequence, event_id, recorded_at, event_type, event_timestamp, workflow_name, workflow_exec_id, workflow_run_id,
  root_workflow_exec_id, parent_workflow_exec_id, continued_run_id, first_execution_run_id, schedule_id, task_id,
  activity_name, stream, attributes, further, bytes`,
)

/** Without a type, so that each column's own text goes into the array. */
function column<T>(
  rows: readonly NewEventRow[],
  type: string,
  of: (row: NewEventRow) => T,
): RawBuilder<unknown> {
  return sql`${rows.map(of)}::${sql.raw(type)}[]`
}

/** Events of workflows in SQL. */
export class WorkflowEventStore {
  readonly #database: Kysely<Record<never, never>>

  constructor(database: Database) {
    this.#database = database
  }

  /**
   * Stores events in one statement, and so in one transaction, and tells every server. The workspace's counter is
   * raised by as many as are new; its row stays locked until the commit, so that whoever stores next gets greater
   * sequences and becomes visible later. Where two servers are sent the same event at once, a number stays unused.
   * @param rows no two with the same `event_id` or identity
   * @returns the ids of those that were not there
   */
  async insert(workspaceId: string, rows: readonly NewEventRow[]): Promise<Set<string>> {
    const text = (of: (row: NewEventRow) => string | null) => column(rows, 'text', of)
    const { rows: stored } = await sql<{ event_id: string }>`
      with incoming as (
        select * from unnest(
          ${text(({ event }) => event.event_id)}, ${column(rows, 'uuid', ({ identity }) => identity)},
          ${text(({ event }) => event.event_type)}, ${column(rows, 'bigint', ({ event }) => String(event.event_timestamp))},
          ${text(({ event }) => event.workflow_name)}, ${text(({ event }) => event.workflow_exec_id)},
          ${text(({ event }) => event.workflow_run_id)}, ${text(({ event }) => event.root_workflow_exec_id)},
          ${text(({ event }) => event.parent_workflow_exec_id)}, ${text(({ event }) => event.continued_run_id)},
          ${text(({ event }) => event.first_execution_run_id)}, ${text(({ event }) => event.schedule_id)},
          ${text(({ task_id }) => task_id)}, ${text(({ activity_name }) => activity_name)},
          ${text(({ stream }) => stream)}, ${text(({ attributes }) => attributes)}, ${text(({ further }) => further)},
          ${column(rows, 'integer', ({ bytes }) => bytes)}
        ) with ordinality as sent (event_id, identity, event_type, event_timestamp, workflow_name, workflow_exec_id,
          workflow_run_id, root_workflow_exec_id, parent_workflow_exec_id, continued_run_id, first_execution_run_id,
          schedule_id, task_id, activity_name, stream, attributes, further, bytes, place)
      ), fresh as (
        select incoming.*, row_number() over (order by place) as number from incoming
        where not exists (
          select from workflow_events known
          where known.workspace_id = ${workspaceId} and known.event_id = incoming.event_id
        ) and not exists (
          select from workflow_events known
          where known.workspace_id = ${workspaceId} and known.identity = incoming.identity
        )
      ), counter as (
        insert into workflow_event_counters as counters (workspace_id, sequence)
        select ${workspaceId}, count(*) from fresh having count(*) > 0
        on conflict (workspace_id) do update set sequence = counters.sequence + excluded.sequence
        returning sequence
      ), stored as (
        insert into workflow_events (workspace_id, event_id, identity, event_type, event_timestamp, workflow_name,
          workflow_exec_id, workflow_run_id, root_workflow_exec_id, parent_workflow_exec_id, continued_run_id,
          first_execution_run_id, schedule_id, task_id, activity_name, stream, attributes, further, bytes, sequence)
        select ${workspaceId}, event_id, identity, event_type, event_timestamp, workflow_name, workflow_exec_id,
          workflow_run_id, root_workflow_exec_id, parent_workflow_exec_id, continued_run_id, first_execution_run_id,
          schedule_id, task_id, activity_name, stream, attributes::json, further::json, bytes,
          counter.sequence - (select count(*) from fresh) + number
        from fresh, counter
        order by number
        on conflict do nothing
        returning event_id
      ), told as (
        select pg_notify(${NEW_EVENTS}, ${workspaceId}) from counter
      )
      select event_id from stored where (select count(*) from told) >= 0`.execute(this.#database)
    return new Set(stored.map(({ event_id }) => event_id))
  }

  /** The sequence of the newest event that a workspace has or had; 0 if it never had one. */
  async position(workspaceId: string): Promise<number> {
    const { rows } = await sql<{ sequence: number }>`
      select sequence from workflow_event_counters where workspace_id = ${workspaceId}`.execute(
      this.#database,
    )
    return rows[0]?.sequence ?? 0
  }

  /** The positions of several workspaces. */
  async positions(workspaceIds: readonly string[]): Promise<Map<string, number>> {
    const { rows } = await sql<{ workspace_id: string; sequence: number }>`
      select workspace_id, sequence from workflow_event_counters
      where workspace_id = any(${[...workspaceIds]}::uuid[])`.execute(this.#database)
    return new Map(rows.map((row) => [row.workspace_id, row.sequence]))
  }

  /** Reads events in order. Large payloads are only fetched for those that fit into the page. */
  async page(workspaceId: string, filter: EventFilter, range: PageRange): Promise<EventPage> {
    const where = [
      sql`workspace_id = ${workspaceId}`,
      sql`sequence > ${range.after}`,
      ...(range.upTo === undefined ? [] : [sql`sequence <= ${range.upTo}`]),
      ...conditions(filter),
    ]
    const { rows } = await sql<StoredEvent & { found: number }>`
      select sequence, event_id, recorded_at, event_type, event_timestamp::text, workflow_name, workflow_exec_id,
        workflow_run_id, root_workflow_exec_id, parent_workflow_exec_id, continued_run_id, first_execution_run_id,
        schedule_id, task_id, activity_name, stream, attributes::text, further::text, bytes, found
      from (
        select chosen.*, sum(bytes) over (order by sequence) - bytes as bytes_before, count(*) over () as found from (
          select ${COLUMNS} from workflow_events where ${sql.join(where, sql` and `)}
          order by sequence limit ${range.limit}
        ) chosen
      ) sized
      where bytes_before < ${range.maxBytes}
      order by sequence`.execute(this.#database)
    const found = rows[0]?.found ?? 0
    const isFull = found === range.limit || rows.length < found
    const last = rows.at(-1)?.sequence ?? range.after
    return {
      events: rows.filter((row) => matches(row, filter)),
      position: isFull ? last : Math.max(last, range.upTo ?? 0),
      isFull,
    }
  }

  /** The run, the kind and the task of those of these events that there are. */
  async withIdentities(
    workspaceId: string,
    identities: readonly string[],
  ): Promise<{ runId: string; type: string; taskId: string }[]> {
    const { rows } = await sql<{ runId: string; type: string; taskId: string }>`
      select workflow_run_id as "runId", event_type as type, task_id as "taskId" from workflow_events
      where workspace_id = ${workspaceId} and identity = any(${[...identities]}::uuid[])`.execute(
      this.#database,
    )
    return rows
  }

  /** Whether an execution has events. */
  async has(workspaceId: string, executionId: string): Promise<boolean> {
    const { rows } = await sql`
      select 1 from workflow_events where workspace_id = ${workspaceId} and workflow_exec_id = ${executionId}
      limit 1`.execute(this.#database)
    return rows.length > 0
  }

  /** Deletes the oldest events of a workspace that were stored before an instant, and gives how many. */
  async deleteBefore(workspaceId: string, before: Date, limit: number): Promise<number> {
    const done = await sql`
      delete from workflow_events
      where workspace_id = ${workspaceId} and recorded_at < ${before} and sequence = any(array(
        select sequence from workflow_events where workspace_id = ${workspaceId} order by sequence limit ${limit}
      ))`.execute(this.#database)
    return Number(done.numAffectedRows ?? 0)
  }

  /** The workspaces that have or had events. */
  async workspaces(): Promise<string[]> {
    const { rows } = await sql<{ workspace_id: string }>`
      select workspace_id from workflow_event_counters`.execute(this.#database)
    return rows.map(({ workspace_id }) => workspace_id)
  }
}
