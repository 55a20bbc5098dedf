import { storableText } from '@tramontane/contract/filter-check'
import { type Kysely, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import type { LogRecord } from './log-record.ts'

const DELETED_AT_ONCE = 5_000
/** How long an export that comes again is known; exporters give up after minutes. */
const KNOWN_HOURS = 24

function toRow(record: LogRecord, index: number) {
  return {
    offset: index,
    time_nanos: String(record.timeNanos),
    trace_id: record.traceId && `\\x${record.traceId}`,
    span_id: record.spanId && `\\x${record.spanId}`,
    severity_text: storableText(record.severityText),
    body: storableText(record.body),
    attributes: Object.fromEntries(
      [...record.attributes].map(([name, text]) => [storableText(name), storableText(text)]),
    ),
    execution_id: record.executionId && storableText(record.executionId),
    run_id: record.runId && storableText(record.runId),
    activity_id: record.activityId && storableText(record.activityId),
    workflow_name: record.workflowName && storableText(record.workflowName),
    deployment_name: record.deploymentName && storableText(record.deploymentName),
    worker_name: record.workerName && storableText(record.workerName),
  }
}

/** Writes log records in SQL. */
export class LogWriteStore {
  readonly #database: Kysely<Record<never, never>>

  constructor(database: Database) {
    this.#database = database
  }

  /**
   * Stores the records of an export, all or none, in their order.
   * @param hash of the export's body
   * @returns false if an export with this hash is stored already: nothing was changed
   */
  async add(workspaceId: string, hash: Buffer, records: readonly LogRecord[]): Promise<boolean> {
    if (records.length === 0) return false
    const rows = JSON.stringify(records.map(toRow))
    return this.#database.transaction().execute(async (transaction) => {
      const added = await sql`
        insert into log_exports (workspace_id, hash) values (${workspaceId}, ${hash}) on conflict do nothing`.execute(
        transaction,
      )
      if (added.numAffectedRows === 0n) return false
      const counter = await sql<{ sequence: number }>`
        insert into log_counters as counter (workspace_id, sequence) values (${workspaceId}, ${records.length})
        on conflict (workspace_id) do update set sequence = counter.sequence + excluded.sequence
        returning sequence`.execute(transaction)
      const first = counter.rows[0]!.sequence - records.length + 1
      await sql`
        insert into log_records (workspace_id, sequence, time_nanos, trace_id, span_id, severity_text, body, attributes,
          execution_id, run_id, activity_id, workflow_name, deployment_name, worker_name)
        select ${workspaceId}::uuid, ${first}::bigint + r.offset, r.time_nanos, r.trace_id, r.span_id, r.severity_text,
          r.body, r.attributes, r.execution_id, r.run_id, r.activity_id, r.workflow_name, r.deployment_name,
          r.worker_name
        from json_to_recordset(${rows}::json) as r (
          "offset" integer, time_nanos bigint, trace_id bytea, span_id bytea, severity_text text, body text,
          attributes jsonb, execution_id text, run_id text, activity_id text, workflow_name text, deployment_name text,
          worker_name text)`.execute(transaction)
      return true
    })
  }

  /** Deletes some of the records that are older than an instant; returns how many, 0 when none is left. */
  async deleteSomeBefore(nanos: bigint): Promise<number> {
    const deleted = await sql`
      delete from log_records where ctid = any(array(
        select ctid from log_records where time_nanos < ${String(nanos)} limit ${DELETED_AT_ONCE}
      ))`.execute(this.#database)
    return Number(deleted.numAffectedRows ?? 0n)
  }

  /** Forgets exports that nobody sends again any more. */
  async forgetExports(): Promise<void> {
    await sql`
      delete from log_exports where received_at < clock_timestamp() - make_interval(hours => ${KNOWN_HOURS})`.execute(
      this.#database,
    )
  }
}
