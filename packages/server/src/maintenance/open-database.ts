import pg from 'pg'
import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { claimDataDirectory } from '../platform/data-directory.ts'
import { findRunningPostgres, startManagedPostgres } from '../platform/database/managed-postgres.ts'

/** A database to work on, whether its server runs or not. */
export interface OpenDatabase {
  readonly url: string
  /** Stops what was started for it. */
  close(): Promise<void>
}

/**
 * Opens the configured database beside a running server, or starts the managed PostgreSQL if no server does.
 * @param options.alone takes the data directory for itself, so that no server can run meanwhile
 * @throws ConfigError if it cannot be opened, or `alone` is asked for while a server runs
 */
export async function openDatabase(
  config: Config,
  logger: Logger,
  options: { alone: boolean },
): Promise<OpenDatabase> {
  const external = config.database.kind === 'external' ? config.database.url : undefined
  if (!options.alone) {
    const running = external ?? findRunningPostgres(config.dataDir)
    if (running) return { url: running, close: async () => {} }
  }
  const claim = claimDataDirectory(config.dataDir)
  try {
    if (external) return { url: external, close: async () => claim.release() }
    const binaries = config.database.kind === 'managed' ? config.database.binaries : null
    const postgres = await startManagedPostgres(config.dataDir, logger, { binaries })
    return {
      url: postgres.url,
      close: async () => {
        await postgres.stop()
        claim.release()
      },
    }
  } catch (error) {
    claim.release()
    throw error
  }
}

/**
 * A connection without time limits, for work that takes as long as it takes.
 * @param options.answerMs for work that asks whether the database answers: connecting, and each query, fail after this time
 */
export async function openClient(
  url: string,
  name: string,
  { answerMs }: { answerMs?: number } = {},
): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: `tramontane ${name}`,
    keepAlive: true,
    connectionTimeoutMillis: answerMs,
    query_timeout: answerMs,
  })
  client.on('error', () => {})
  await client.connect()
  await client.query(
    "set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set client_encoding = 'UTF8'",
  )
  return client
}
