import type { ExecutionStatus } from '@tramontane/contract/executions'
import { type Kysely, type Selectable, sql } from 'kysely'
import { type Database, withTimeLimit } from '../../platform/database/connection.ts'
import type { Run } from './run.ts'

/** A row of `workflow_runs`; see `run-migrations.ts` for what the columns mean. */
export type RunTable = {
  workspace_id: string
  run_id: string
  execution_id: string
  workflow_name: string
  workflow_id: string | null
  deployment_name: string | null
  parent_execution_id: string | null
  root_execution_id: string
  status: ExecutionStatus
  start_time: Date
  /** Infinity while it is open. */
  end_time: Date | number
  result: unknown
  message: string | null
  next_run_id: string | null
  user_id: string | null
  trace_id: string | null
  schedule_id: string | null
  retried: boolean
}

export type RunTables = { workflow_runs: RunTable }

/** A run, also as lists have it: without its result. */
export function toRun<R>(row: Omit<Selectable<RunTable>, 'result'> & { result: R }): Run & { result: R } {
  return {
    executionId: row.execution_id,
    runId: row.run_id,
    workflowName: row.workflow_name,
    workflowId: row.workflow_id,
    deploymentName: row.deployment_name,
    parentExecutionId: row.parent_execution_id,
    rootExecutionId: row.root_execution_id,
    status: row.status,
    startTime: row.start_time,
    endTime: row.end_time instanceof Date ? row.end_time : null,
    result: row.result,
    message: row.message,
    nextRunId: row.next_run_id,
    userId: row.user_id,
    traceId: row.trace_id,
    scheduleId: row.schedule_id,
  }
}

/** Figures over the runs of one workflow. */
export interface RunFigures {
  readonly count: number
  readonly succeeded: number
  readonly failed: number
  readonly retried: number
  /** Milliseconds; of those that have succeeded. */
  readonly averageLatency: number
  /** Seconds since 1970, and the average latency of those that began in the stretch of time from there. */
  readonly latencies: readonly [number, number][]
}

/** Stretches of time that a series of latencies is divided into, at most. */
const STRETCHES = 100
const FIGURES_TIME_LIMIT_MS = 5_000

/** Runs in SQL, read one at a time or counted; `run-list-store.ts` lists them. */
export class RunStore {
  readonly #database: Kysely<RunTables>

  constructor(database: Database) {
    this.#database = database.withTables<RunTables>()
  }

  /** The newest run of an execution. */
  async findNewest(workspaceId: string, executionId: string): Promise<Run | undefined> {
    const row = await this.#database
      .selectFrom('workflow_runs')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('execution_id', '=', executionId)
      .orderBy('start_time', 'desc')
      .orderBy('run_id', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row && toRun(row)
  }

  async findRun(workspaceId: string, runId: string): Promise<Run | undefined> {
    const [run] = await this.findRuns(workspaceId, [runId])
    return run
  }

  async findRuns(workspaceId: string, runIds: readonly string[]): Promise<Run[]> {
    const rows = await this.#database
      .selectFrom('workflow_runs')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('run_id', 'in', runIds)
      .execute()
    return rows.map(toRun)
  }

  /** The runs of an execution, newest first. @param before only runs older than this one */
  async ofExecution(
    workspaceId: string,
    executionId: string,
    { before, limit }: { before: Run | undefined; limit: number },
  ): Promise<Run[]> {
    let query = this.#database
      .selectFrom('workflow_runs')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('execution_id', '=', executionId)
      .orderBy('start_time', 'desc')
      .orderBy('run_id', 'desc')
      .limit(limit)
    if (before)
      query = query.where(sql<boolean>`(start_time, run_id) < (${before.startTime}, ${before.runId}::uuid)`)
    return (await query.execute()).map(toRun)
  }

  async ofSchedule(workspaceId: string, scheduleId: string, limit: number): Promise<Run[]> {
    const rows = await this.#database
      .selectFrom('workflow_runs')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('schedule_id', '=', scheduleId)
      .orderBy('start_time', 'desc')
      .orderBy('run_id', 'desc')
      .limit(limit)
      .execute()
    return rows.map(toRun)
  }

  /** The names of the workflows that have runs, in alphabetical order. Jumps from name to name in an index. */
  async names(workspaceId: string, limit: number): Promise<string[]> {
    const { rows } = await sql<{ name: string }>`
      with recursive v(name) as (
        (select workflow_name from workflow_runs where workspace_id = ${workspaceId} order by workflow_name limit 1)
        union all
        select (select workflow_name from workflow_runs where workspace_id = ${workspaceId} and workflow_name > v.name order by workflow_name limit 1)
        from v where v.name is not null
      ) select name from v where name is not null limit ${limit}`.execute(this.#database)
    return rows.map(({ name }) => name)
  }

  /** Whether a workflow has runs. */
  async hasRuns(workspaceId: string, workflowName: string): Promise<boolean> {
    const row = await this.#database
      .selectFrom('workflow_runs')
      .select('run_id')
      .where('workspace_id', '=', workspaceId)
      .where('workflow_name', '=', workflowName)
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  /**
   * @param from, to of the start of the runs
   * @throws SQLSTATE 57014 after five seconds
   */
  async figures(workspaceId: string, workflowName: string, from?: Date, to?: Date): Promise<RunFigures> {
    const chosen = sql`
      select status, retried, start_time,
        case when status = 'COMPLETED' then extract(epoch from end_time - start_time) * 1000 end as latency
      from workflow_runs
      where workspace_id = ${workspaceId} and workflow_name = ${workflowName}
        and start_time >= ${from ?? sql`'-infinity'::timestamptz`} and start_time <= ${to ?? sql`'infinity'::timestamptz`}`
    // Materialized: where there are no statistics yet, span and step would be found anew for each run.
    const { rows } = await withTimeLimit(this.#database, FIGURES_TIME_LIMIT_MS, (database) =>
      sql<{
        count: number
        succeeded: number
        failed: number
        retried: number
        latency: number | null
        series: [number, number][] | null
      }>`
      with chosen as materialized (${chosen}),
      span as materialized (select extract(epoch from min(start_time)) as first, extract(epoch from max(start_time)) as last from chosen where latency is not null),
      step as materialized (select first, greatest(1, ceil((last - first) / ${STRETCHES})) as size from span),
      series as (
        select floor(first + floor((extract(epoch from start_time) - first) / size) * size) as at, avg(latency) as latency
        from chosen, step where latency is not null group by at order by at
      )
      select count(*) as count, count(*) filter (where status = 'COMPLETED') as succeeded,
        count(*) filter (where status in ('FAILED', 'TERMINATED', 'TIMED_OUT')) as failed,
        count(*) filter (where retried) as retried, avg(latency)::float8 as latency,
        (select json_agg(json_build_array(at, latency)) from series) as series
      from chosen`.execute(database),
    )
    const row = rows[0]!
    return {
      count: row.count,
      succeeded: row.succeeded,
      failed: row.failed,
      retried: row.retried,
      averageLatency: row.latency ?? 0,
      latencies: row.series ?? [],
    }
  }
}
