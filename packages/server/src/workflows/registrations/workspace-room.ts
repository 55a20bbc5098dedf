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
  await sql`
    with unused as (
      delete from workflow_deployments d where d.workspace_id = ${workspaceId} and d.id in (
        select o.id from workflow_deployments o
        where o.workspace_id = ${workspaceId} and not exists (
          select from deployment_workers k where k.workspace_id = o.workspace_id and k.deployment_id = o.id
        )
        order by o.updated_at limit ${Math.max(wanted, AT_A_TIME)}
      )
      returning id
    )
    delete from workflow_registrations
    where workspace_id = ${workspaceId} and deployment_id in (select id from unused)`.execute(transaction)
  await sql`
    delete from workflows w where w.workspace_id = ${workspaceId} and not exists (
      select from workflow_registrations r where r.workspace_id = w.workspace_id and r.workflow_id = w.id
    )`.execute(transaction)
  const count = await countOf()
  if (count + wanted > MOST)
    throw new ApiError(
      'VALIDATION_ERROR',
      `The workspace has ${count} ${what} and may have ${MOST}; those without a worker for 30 days give way, and there are none.`,
    )
}
