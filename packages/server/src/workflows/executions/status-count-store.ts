import type { ExecutionStatus } from '@tramontane/contract/executions'
import { maxRunCount } from '@tramontane/contract/runs'
import { sql } from 'kysely'
import { type Database, withTimeLimit } from '../../platform/database/connection.ts'
import { type RunListStore, type RunSelection, STATUSES } from './run-list-store.ts'

/** How many runs stand so. */
export interface StatusCount {
  readonly status: ExecutionStatus
  readonly count: number
  /** False: there are more, or may be. */
  readonly isExact: boolean
}

/** What no index has together with the status is read row by row, so far; less far, if more is to be looked up for each row. */
const READ_LIMIT = 1_000
const READ_LIMIT_WITH_KEYS = 200

/** Counts runs by status, but only so far: what it costs does not grow with what there is. */
export class StatusCountStore {
  readonly #database: Database
  readonly #lists: RunListStore

  constructor(database: Database, lists: RunListStore) {
    this.#database = database
    this.#lists = lists
  }

  /** @throws SQLSTATE 57014 after `timeLimitMs` */
  count(selection: Omit<RunSelection, 'after' | 'limit'>, timeLimitMs: number): Promise<StatusCount[]> {
    const { rootExecutionId, deploymentName, userId, search, searchKeys, withoutNames } = selection
    const isServed =
      [rootExecutionId, deploymentName, userId, search, withoutNames].every((one) => one === undefined) &&
      searchKeys.length === 0
    return isServed ? this.#inIndex(selection, timeLimitMs) : this.#among(selection, timeLimitMs)
  }

  /** Reads the part of an index that begins with the status, or with name and status; the rows themselves are not read. */
  #inIndex(selection: Omit<RunSelection, 'after' | 'limit'>, timeLimitMs: number): Promise<StatusCount[]> {
    const { workspaceId, names, startAfter, startBefore, endAfter, endBefore } = selection
    const statuses = selection.statuses ?? STATUSES
    const conditions = [sql<boolean>`workspace_id = ${workspaceId}`, sql<boolean>`status = s.status`]
    if (startAfter) conditions.push(sql`start_time >= ${startAfter}`)
    if (startBefore) conditions.push(sql`start_time <= ${startBefore}`)
    if (endAfter) conditions.push(sql`end_time >= ${endAfter}`, sql`end_time < 'infinity'`)
    if (endBefore) conditions.push(sql`end_time <= ${endBefore}`)
    // No run ends before it starts, so that a bound of the one is also one of the other.
    if (endBefore && !startBefore) conditions.push(sql`start_time <= ${endBefore}`)
    if (startAfter && !endAfter) conditions.push(sql`end_time >= ${startAfter}`)
    const within = sql.join(conditions, sql` and `)
    const found = names
      ? // One name after the other, until there are enough.
        sql`select from unnest(${[...names]}::text[]) n(name), lateral (
          select from workflow_runs where ${within} and workflow_name = n.name limit ${maxRunCount + 1}
        ) r`
      : sql`select from workflow_runs where ${within}`
    return withTimeLimit(this.#database, timeLimitMs, async (database) => {
      await sql`select set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true),
        set_config('enable_bitmapscan', 'off', true)`.execute(database)
      const { rows } = await sql<{ status: ExecutionStatus; count: number }>`
        select s.status, (select count(*) from (${found} limit ${maxRunCount + 1}) r) as count
        from unnest(${[...statuses]}::text[]) with ordinality s(status, place) order by s.place`.execute(
        database,
      )
      return rows.map(({ status, count }) => ({
        status,
        count: Math.min(count, maxRunCount),
        isExact: count <= maxRunCount,
      }))
    })
  }

  async #among(
    selection: Omit<RunSelection, 'after' | 'limit'>,
    timeLimitMs: number,
  ): Promise<StatusCount[]> {
    const limit = selection.searchKeys.length > 0 ? READ_LIMIT_WITH_KEYS : READ_LIMIT
    const runs = await this.#lists.list({ ...selection, after: undefined, limit: limit + 1 }, timeLimitMs)
    const isExact = runs.length <= limit
    const shown = runs.slice(0, limit)
    return (selection.statuses ?? STATUSES).map((status) => ({
      status,
      count: shown.filter((run) => run.status === status).length,
      isExact,
    }))
  }
}
