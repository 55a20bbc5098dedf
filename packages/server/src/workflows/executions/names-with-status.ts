import type { ExecutionStatus } from '@tramontane/contract/executions'
import { sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'

/**
 * The names of the workflows that have a run which stands so; lists of workflows are filtered by it. It hops from name to
 * name in the index, so that it costs as much as there are names, however many runs each has.
 */
export async function namesWithStatus(
  database: Database,
  workspaceId: string,
  statuses: readonly ExecutionStatus[],
): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    with recursive names as (
      (select workflow_name as name from workflow_runs where workspace_id = ${workspaceId} order by workflow_name limit 1)
      union all
      select (
        select r.workflow_name from workflow_runs r
        where r.workspace_id = ${workspaceId} and r.workflow_name > n.name order by r.workflow_name limit 1
      ) from names n where n.name is not null
    )
    select name from names where name is not null and exists (
      select from workflow_runs r
      where r.workspace_id = ${workspaceId} and r.workflow_name = names.name and r.status = any(${[...statuses]}::text[])
    )`.execute(database)
  return rows.map(({ name }) => name)
}
