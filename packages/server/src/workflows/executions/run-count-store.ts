import { sql } from 'kysely'
import { type Database, withTimeLimit } from '../../platform/database/connection.ts'

/** Runs of a workspace, counted. */
export interface RunCounts {
  /** Open at this moment. */
  readonly running: number
  readonly started: number
  /** Ended without having done what they should. */
  readonly failed: number
}

/** Counts runs within their indexes. */
export class RunCountStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /**
   * What is open now, and what has begun and failed since an instant.
   * @throws SQLSTATE 57014 after `timeLimitMs`
   */
  since(workspaceId: string, since: Date, timeLimitMs: number): Promise<RunCounts> {
    return withTimeLimit(this.#database, timeLimitMs, async (database) => {
      const { rows } = await sql<RunCounts>`
        select
          (select count(*) from workflow_runs
            where workspace_id = ${workspaceId} and status = 'RUNNING')::float8 as running,
          (select count(*) from workflow_runs
            where workspace_id = ${workspaceId} and start_time >= ${since})::float8 as started,
          (select count(*) from workflow_runs
            where workspace_id = ${workspaceId} and status in ('FAILED', 'TIMED_OUT', 'TERMINATED')
              and end_time >= ${since} and end_time < 'infinity')::float8 as failed`.execute(database)
      return rows[0]!
    })
  }
}
