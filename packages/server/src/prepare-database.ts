import { runMigrations } from 'graphile-worker'
import type { Logger } from 'pino'
import { migrations } from './migrations.ts'
import { checkDatabase } from './platform/database/check-database.ts'
import type { DatabaseConnection } from './platform/database/connection.ts'
import { type Migration, migrate } from './platform/database/migrator.ts'

/**
 * Brings the schema up to date, ours and graphile-worker's.
 * @param steps of ours; fewer than all to make the schema of an older version
 * @throws NewerSchemaError if the database is of a newer server, ConfigError if it cannot be used
 */
export async function prepareDatabase(
  connection: DatabaseConnection,
  logger: Logger,
  steps: readonly Migration[] = migrations,
): Promise<void> {
  await checkDatabase(connection)
  const applied = await migrate(connection.database, steps, () => runMigrations({ pgPool: connection.pool }))
  if (applied.length > 0) logger.info({ applied }, 'the database schema is up to date now')
}
