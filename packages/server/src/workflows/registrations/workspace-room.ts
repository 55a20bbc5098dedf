import { sql, type Transaction } from 'kysely'
import { ApiError } from '../../platform/http/errors.ts'
import type { RegistrationTables } from './registration-tables.ts'

const MOST = 10_000
/** So many are given up at a time, so that it is not to be done again with the next worker. */
const AT_A_TIME = 100

/**
 * Sees that a workspace has room for more deployments or workflows: it may have 10,000 of each. Where it has not, what
 * nobody uses any more gives way: the deployments that have changed last longest ago and whose workers are forgotten,
 * and the workflows that no deployment has registered.
 * @throws ApiError VALIDATION_ERROR if all are in use
 */
export async function makeRoom(
  transaction: Transaction<RegistrationTables>,
  workspaceId: string,
  what: 'deployments' | 'workflows',
  wanted: number,
): Promise<void> {
  const countOf = async () => {
    const { count } = await transaction
      .selectFrom(what === 'workflows' ? 'workflows' : 'workflow_deployments')
      .select((select) => select.fn.countAll<number>().as('count'))
      .where('workspace_id', '=', workspaceId)
      .executeTakeFirstOrThrow()
    return count
  }
  if ((await countOf()) + wanted <= MOST) return
  // Each inner query is worked out once, whatever the planner believes: it may know only of workspaces with little in them,
  // and would then compare every row with every other.
  await sql`
    with unused as materialized (
      select id from workflow_deployments
      where workspace_id = ${workspaceId} and id not in (
        select deployment_id from deployment_workers where workspace_id = ${workspaceId}
      )
      order by updated_at limit ${Math.max(wanted, AT_A_TIME)}
    ), given_up as (
      delete from workflow_deployments
      where workspace_id = ${workspaceId} and id = any (array(select id from unused))
    )
    delete from workflow_registrations
    where workspace_id = ${workspaceId} and deployment_id = any (array(select id from unused))`.execute(
    transaction,
  )
  await sql`
    delete from workflows where workspace_id = ${workspaceId} and id not in (
      select workflow_id from workflow_registrations where workspace_id = ${workspaceId}
    )`.execute(transaction)
  const count = await countOf()
  if (count + wanted > MOST)
    throw new ApiError(
      'VALIDATION_ERROR',
      `The workspace has ${count} ${what} and may have ${MOST}; those without a worker for 30 days give way, and there are none.`,
    )
}
