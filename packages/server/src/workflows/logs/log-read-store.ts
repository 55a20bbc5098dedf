import { type Kysely, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import type { LogFilter, LogOrigin, StoredLogRecord } from './log-record.ts'
import type { LogWindow } from './log-window.ts'

// An alias, not an interface: `withTables` wants a type that fits an index signature.
type Tables = {
  log_counters: { workspace_id: string; sequence: number }
  log_records: {
    workspace_id: string
    sequence: number
    time_nanos: string
    trace_id: Buffer | null
    span_id: Buffer | null
    severity_text: string
    body: string
    attributes: Record<string, string>
    execution_id: string | null
    run_id: string | null
    activity_id: string | null
    workflow_name: string | null
    deployment_name: string | null
    worker_name: string | null
  }
}

const COLUMNS = {
  executionId: 'execution_id',
  runId: 'run_id',
  activityId: 'activity_id',
  workflowName: 'workflow_name',
  deploymentName: 'deployment_name',
  workerName: 'worker_name',
} as const satisfies Record<keyof LogOrigin, keyof Tables['log_records']>

function toRecord(row: Tables['log_records']): StoredLogRecord {
  return {
    sequence: row.sequence,
    timeNanos: BigInt(row.time_nanos),
    traceId: row.trace_id?.toString('hex') ?? null,
    spanId: row.span_id?.toString('hex') ?? null,
    severityText: row.severity_text,
    body: row.body,
    attributes: new Map(Object.entries(row.attributes)),
    executionId: row.execution_id,
    runId: row.run_id,
    activityId: row.activity_id,
    workflowName: row.workflow_name,
    deploymentName: row.deployment_name,
    workerName: row.worker_name,
  }
}

/** Reads log records in SQL. */
export class LogReadStore {
  readonly #database: Kysely<Tables>

  constructor(database: Database) {
    this.#database = database.withTables<Tables>()
  }

  /** The records of a window by time, in its order, from where it stands. */
  async page(
    workspaceId: string,
    filter: LogFilter,
    window: LogWindow,
    limit: number,
  ): Promise<StoredLogRecord[]> {
    const { after, before, order, position } = window
    let query = this.#matching(workspaceId, filter)
    if (after !== null) query = query.where('time_nanos', '>=', String(after))
    if (before !== null) query = query.where('time_nanos', '<', String(before))
    if (position) {
      const place = sql`(time_nanos, sequence)`
      const from = sql`(${String(position.nanos)}::bigint, ${position.sequence}::bigint)`
      query = query.where(
        order === 'asc' ? sql<boolean>`${place} > ${from}` : sql<boolean>`${place} < ${from}`,
      )
    }
    const rows = await query
      .orderBy('log_records.time_nanos', order)
      .orderBy('sequence', order)
      .limit(limit)
      .execute()
    return rows.map(toRecord)
  }

  /** Records in the order of their commits, whose sequence is greater than `from` and at most `to`. */
  async between(
    workspaceId: string,
    filter: LogFilter,
    range: { from: number; to: number; after: bigint | null; limit: number },
  ): Promise<StoredLogRecord[]> {
    let query = this.#matching(workspaceId, filter)
      .where('sequence', '>', range.from)
      .where('sequence', '<=', range.to)
    if (range.after !== null) query = query.where('time_nanos', '>=', String(range.after))
    const rows = await query.orderBy('sequence').limit(range.limit).execute()
    return rows.map(toRecord)
  }

  /** The lowest sequence of what matches, from an instant on; undefined if nothing does. */
  async first(workspaceId: string, filter: LogFilter, after: bigint | null): Promise<number | undefined> {
    let query = this.#filtered(workspaceId, filter)
    if (after !== null) query = query.where('time_nanos', '>=', String(after))
    const row = await query
      .select((select) => select.fn.min('sequence').as('first'))
      .executeTakeFirstOrThrow()
    return row.first ?? undefined
  }

  /** The sequence up to which all records of the workspace are committed; 0 before the first. */
  async head(workspaceId: string): Promise<number> {
    const row = await this.#database
      .selectFrom('log_counters')
      .select('sequence')
      .where('workspace_id', '=', workspaceId)
      .executeTakeFirst()
    return row?.sequence ?? 0
  }

  #filtered(workspaceId: string, filter: LogFilter) {
    let query = this.#database.selectFrom('log_records').where('workspace_id', '=', workspaceId)
    for (const [part, value] of Object.entries(filter)) {
      if (value !== undefined) query = query.where(COLUMNS[part as keyof LogOrigin], '=', value)
    }
    return query
  }

  #matching(workspaceId: string, filter: LogFilter) {
    return (
      this.#filtered(workspaceId, filter)
        .selectAll()
        // As text: the driver reads a bigint as a number, which nanoseconds do not fit into.
        .select(sql<string>`time_nanos::text`.as('time_nanos'))
    )
  }
}
