import type { ExecutionStatus } from '@tramontane/contract/executions'
import { type Kysely, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import { storableJson } from '../../platform/database/storable-json.ts'

/** What is known of a run when it is first heard of. Whoever knows more adds it later. */
export interface SeenRun {
  readonly runId: string
  readonly executionId: string
  readonly workflowName: string
  readonly workflowId: string | null
  readonly deploymentName: string | null
  readonly parentExecutionId: string | null
  readonly rootExecutionId: string
  readonly startTime: Date
  /** Temporal has said when it started. */
  readonly isStartExact: boolean
  readonly userId: string | null
  readonly traceId: string | null
  readonly scheduleId: string | null
}

/** How a run ended. */
export interface RunEnd {
  readonly status: ExecutionStatus
  readonly time: Date
  readonly result: unknown
  readonly message: string | null
  readonly newRunId: string | null
}

/** What is to be looked at. */
export interface Watch {
  readonly workspaceId: string
  readonly runId: string
  readonly executionId: string
  /** The run has ended; its events are to be completed. */
  readonly ended: boolean
}

/** An open run is looked at again after so long, if nobody has said anything of it. */
const LOOK_AGAIN_SECONDS = 3_600
/** Two sources of a start time that are nearer than this mean the same. */
const SAME_TIME = sql`interval '100 milliseconds'`

/** Writes runs and what is still to be done about them. */
export class RunWriteStore {
  readonly #database: Kysely<Record<never, never>>

  constructor(database: Database) {
    this.#database = database
  }

  /** Keeps a run that was started just now: as `see`, for one, in the time that its caller waits for. */
  async started(workspaceId: string, run: SeenRun): Promise<void> {
    await sql`
      with started as (
        insert into workflow_runs as r (workspace_id, run_id, execution_id, workflow_name, workflow_id, deployment_name,
          root_execution_id, status, start_time, user_id, trace_id)
        values (${workspaceId}, ${run.runId}, ${run.executionId}, ${run.workflowName}, ${run.workflowId}, ${run.deploymentName},
          ${run.rootExecutionId}, 'RUNNING', ${run.startTime}, ${run.userId}, ${run.traceId})
        on conflict (workspace_id, run_id) do update set workflow_id = excluded.workflow_id,
          user_id = excluded.user_id, trace_id = excluded.trace_id
        returning xmax = 0 as is_new
      )
      insert into workflow_watches (workspace_id, run_id, execution_id, look_at)
      select ${workspaceId}, ${run.runId}, ${run.executionId}, now() + make_interval(secs => ${LOOK_AGAIN_SECONDS})
      from started where is_new on conflict do nothing`.execute(this.#database)
  }

  /**
   * Keeps runs, with a watch for each that is new. Of those that are there, what was not known is filled in.
   * @returns the ids of the new ones
   */
  async see(workspaceId: string, runs: readonly SeenRun[]): Promise<Set<string>> {
    if (runs.length === 0) return new Set()
    const rows = runs.map((run) => ({
      run_id: run.runId,
      execution_id: run.executionId,
      workflow_name: run.workflowName,
      workflow_id: run.workflowId,
      deployment_name: run.deploymentName || null,
      parent_execution_id: run.parentExecutionId,
      root_execution_id: run.rootExecutionId,
      start_time: run.startTime.toISOString(),
      is_exact: run.isStartExact,
      user_id: run.userId,
      trace_id: run.traceId,
      schedule_id: run.scheduleId,
    }))
    // What is known already is left out beforehand: a conflict would lock its row, and so write it.
    const { rows: seen } = await sql<{ run_id: string; is_new: boolean }>`
      with sent as (
        select distinct on (run_id) * from jsonb_to_recordset(${JSON.stringify(storableJson(rows))}::jsonb) as s(
          run_id uuid, execution_id text, workflow_name text, workflow_id uuid, deployment_name text, parent_execution_id text,
          root_execution_id text, start_time timestamptz, is_exact boolean, user_id text, trace_id text, schedule_id text)
        order by run_id
      ), news as (
        select s.* from sent s left join workflow_runs r on r.workspace_id = ${workspaceId} and r.run_id = s.run_id
        where r.run_id is null
          or r.workflow_id is null and s.workflow_id is not null
          or r.deployment_name is null and s.deployment_name is not null
          or r.parent_execution_id is null and s.parent_execution_id is not null
          or r.root_execution_id = r.execution_id and s.root_execution_id <> r.root_execution_id
          or s.is_exact and r.start_time - s.start_time not between -${SAME_TIME} and ${SAME_TIME}
          or r.user_id is null and s.user_id is not null
          or r.trace_id is null and s.trace_id is not null
          or r.schedule_id is null and s.schedule_id is not null
      ), seen as (
        insert into workflow_runs as r (workspace_id, run_id, execution_id, workflow_name, workflow_id, deployment_name,
          parent_execution_id, root_execution_id, status, start_time, user_id, trace_id, schedule_id)
        select ${workspaceId}, run_id, execution_id, workflow_name, workflow_id, deployment_name,
          parent_execution_id, root_execution_id, 'RUNNING', start_time, user_id, trace_id, schedule_id from news
        on conflict (workspace_id, run_id) do update set
          workflow_id = coalesce(r.workflow_id, excluded.workflow_id),
          deployment_name = coalesce(r.deployment_name, excluded.deployment_name),
          parent_execution_id = coalesce(r.parent_execution_id, excluded.parent_execution_id),
          root_execution_id = case when r.root_execution_id = r.execution_id then excluded.root_execution_id else r.root_execution_id end,
          start_time = coalesce((
            select n.start_time from news n where n.run_id = r.run_id and n.is_exact
              and r.start_time - n.start_time not between -${SAME_TIME} and ${SAME_TIME}
          ), r.start_time),
          user_id = coalesce(r.user_id, excluded.user_id),
          trace_id = coalesce(r.trace_id, excluded.trace_id),
          schedule_id = coalesce(r.schedule_id, excluded.schedule_id)
        returning run_id, execution_id, xmax = 0 as is_new
      ), watched as (
        insert into workflow_watches (workspace_id, run_id, execution_id, look_at)
        select ${workspaceId}, run_id, execution_id, now() + make_interval(secs => ${LOOK_AGAIN_SECONDS})
        from seen where is_new on conflict do nothing
      )
      select run_id, is_new from seen`.execute(this.#database)
    return new Set(seen.filter(({ is_new }) => is_new).map(({ run_id }) => run_id))
  }

  /** Which of these runs are known; of each, whether it is open. */
  async known(workspaceId: string, runIds: readonly string[]): Promise<Map<string, { isOpen: boolean }>> {
    if (runIds.length === 0) return new Map()
    const { rows } = await sql<{ run_id: string; is_open: boolean }>`
      select run_id, end_time = 'infinity' as is_open from workflow_runs
      where workspace_id = ${workspaceId} and run_id = any(${[...runIds]}::uuid[])`.execute(this.#database)
    return new Map(rows.map(({ run_id, is_open }) => [run_id, { isOpen: is_open }]))
  }

  /**
   * Keeps how a run ended, once.
   * @param graceSeconds how long the worker's own report of it is waited for before one is made up
   * @returns false if it had ended, or is not known
   */
  async end(workspaceId: string, runId: string, end: RunEnd, graceSeconds: number): Promise<boolean> {
    const result = end.result === null || end.result === undefined ? null : JSON.stringify(end.result)
    const { rows } = await sql`
      with ended as (
        update workflow_runs set status = ${end.status}, end_time = greatest(start_time, ${end.time}),
          result = ${result}::json, message = ${storableJson(end.message)}, next_run_id = ${end.newRunId}
        where workspace_id = ${workspaceId} and run_id = ${runId} and end_time = 'infinity'
        returning run_id
      ), watched as (
        update workflow_watches set ended = true, look_at = now() + make_interval(secs => ${graceSeconds})
        where workspace_id = ${workspaceId} and run_id in (select run_id from ended)
      )
      select run_id from ended`.execute(this.#database)
    return rows.length > 0
  }

  /** Notes that activities of these runs were tried again. @returns those of them that are not known */
  async retried(workspaceId: string, runIds: readonly string[]): Promise<string[]> {
    const ids = [...runIds]
    const { rows } = await sql<{ run_id: string }>`
      with noted as (
        update workflow_runs set retried = true
        where workspace_id = ${workspaceId} and run_id = any(${ids}::uuid[]) and not retried
      )
      select run_id from unnest(${ids}::uuid[]) as told(run_id) where not exists (
        select 1 from workflow_runs r where r.workspace_id = ${workspaceId} and r.run_id = told.run_id
      )`.execute(this.#database)
    return rows.map(({ run_id }) => run_id)
  }

  /** Takes watches that are due, and has them due again after `leaseSeconds` if nothing comes of it. */
  async claim(limit: number, leaseSeconds: number): Promise<Watch[]> {
    const { rows } = await sql<{
      workspace_id: string
      run_id: string
      execution_id: string
      ended: boolean
    }>`
      update workflow_watches w set look_at = now() + make_interval(secs => ${leaseSeconds})
      from (
        select workspace_id, run_id from workflow_watches where look_at <= now()
        order by look_at limit ${limit} for update skip locked
      ) due
      where w.workspace_id = due.workspace_id and w.run_id = due.run_id
      returning w.workspace_id, w.run_id, w.execution_id, w.ended`.execute(this.#database)
    return rows.map((row) => ({
      workspaceId: row.workspace_id,
      runId: row.run_id,
      executionId: row.execution_id,
      ended: row.ended,
    }))
  }

  /** Open runs that were looked at need not be looked at again soon. */
  async looked(workspaceId: string, runIds: readonly string[]): Promise<void> {
    await sql`
      update workflow_watches set look_at = now() + make_interval(secs => ${LOOK_AGAIN_SECONDS})
      where workspace_id = ${workspaceId} and run_id = any(${[...runIds]}::uuid[]) and not ended`.execute(
      this.#database,
    )
  }

  /** A run that was to be looked at has ended: only its events may be left to be completed. */
  async concluded(workspaceId: string, runId: string): Promise<void> {
    await sql`
      update workflow_watches set ended = true, look_at = now()
      where workspace_id = ${workspaceId} and run_id = ${runId} and not ended`.execute(this.#database)
  }

  /** Nothing is left to be done about these runs. */
  async unwatch(workspaceId: string, runIds: readonly string[]): Promise<void> {
    await sql`
      delete from workflow_watches where workspace_id = ${workspaceId} and run_id = any(${[...runIds]}::uuid[])`.execute(
      this.#database,
    )
  }

  /** Watches of runs that began before these, in the same executions; the oldest first. */
  async watchedBefore(workspaceId: string, runIds: readonly string[]): Promise<Watch[]> {
    const { rows } = await sql<{ run_id: string; execution_id: string; ended: boolean }>`
      select distinct r.start_time, w.run_id, w.execution_id, w.ended
      from workflow_runs later
      join workflow_watches w on w.workspace_id = later.workspace_id
        and w.execution_id collate "C" = later.execution_id and w.run_id <> later.run_id
      join workflow_runs r on r.workspace_id = w.workspace_id and r.run_id = w.run_id
      where later.workspace_id = ${workspaceId} and later.run_id = any(${[...runIds]}::uuid[])
        and r.start_time < later.start_time and w.run_id <> all(${[...runIds]}::uuid[])
      order by r.start_time, w.run_id`.execute(this.#database)
    return rows.map((row) => ({
      workspaceId,
      runId: row.run_id,
      executionId: row.execution_id,
      ended: row.ended,
    }))
  }

  /** The runs of an execution about which something is still to be done: open ones, and those whose events are not complete. */
  async watched(workspaceId: string, executionId: string): Promise<string[]> {
    const { rows } = await sql<{ run_id: string }>`
      select run_id from workflow_watches
      where workspace_id = ${workspaceId} and execution_id collate "C" = ${executionId}`.execute(
      this.#database,
    )
    return rows.map(({ run_id }) => run_id)
  }

  /** Deletes runs that ended before an instant, the oldest first, with all that belongs to them; gives how many. */
  async deleteEndedBefore(workspaceId: string, before: Date, limit: number): Promise<number> {
    const { rows } = await sql`
      with gone as (
        delete from workflow_runs where workspace_id = ${workspaceId} and run_id = any(array(
          select run_id from workflow_runs where workspace_id = ${workspaceId} and end_time < ${before}
          order by end_time, run_id limit ${limit}
        )) returning run_id
      ), keys as (
        delete from workflow_search_keys
        where workspace_id = ${workspaceId} and run_id = any(array(select run_id from gone))
      ), watches as (
        delete from workflow_watches
        where workspace_id = ${workspaceId} and run_id = any(array(select run_id from gone))
      )
      select run_id from gone`.execute(this.#database)
    return rows.length
  }
}
