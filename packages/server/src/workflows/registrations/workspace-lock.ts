import { type QueryExecutorProvider, sql } from 'kysely'

/**
 * Until the transaction's end, nobody else writes the workspace's workflows, registrations or deployments: so no two
 * transactions can wait for each other. Heartbeats do not need it.
 */
export async function holdWorkspace(transaction: QueryExecutorProvider, workspaceId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('workflows of ' || ${workspaceId}::text, 0))`.execute(
    transaction,
  )
}
