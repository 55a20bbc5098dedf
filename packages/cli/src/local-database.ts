import { existsSync } from 'node:fs'
import path from 'node:path'
import { readConfig } from '@tramontane/server/config/read-config'
import { openDatabase } from '@tramontane/server/maintenance/open-database'
import { connect, type DatabaseConnection } from '@tramontane/server/platform/database/connection'
import { createLogger } from '@tramontane/server/platform/logger'
import { CliError } from './cli-error.ts'

type Logger = ReturnType<typeof createLogger>

/**
 * Works on the database of this machine's settings, beside a running server or without one.
 * @param options.mustExist refuses to make a new managed database
 * @throws CliError, or the server's ConfigError
 */
export async function withLocalDatabase<T>(
  work: (connection: DatabaseConnection, logger: Logger) => Promise<T>,
  { mustExist = false } = {},
): Promise<T> {
  const config = readConfig()
  if (mustExist && config.database.kind === 'managed' && !existsSync(path.join(config.dataDir, 'postgres')))
    throw new CliError(`there is no database in ${config.dataDir}: set TRAMONTANE_DATA_DIR as for the server`)
  // The log goes to the standard output, which is the command's answer here.
  const logger = createLogger('silent')
  const opened = await openDatabase(config, logger, { alone: false })
  try {
    const connection = connect(opened.url, {
      name: 'cli',
      max: 2,
      statementTimeoutMs: 0,
      // A query that is under way fails by itself; idle connections may go.
      onError: () => {},
    })
    try {
      return await work(connection, logger)
    } finally {
      await connection.close()
    }
  } finally {
    await opened.close()
  }
}
