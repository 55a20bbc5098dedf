import { setTimeout as delay } from 'node:timers/promises'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'

// Counts and token sums are bigint in SQL; all of ours stay far below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

const CLOSE_MS = 2_000

/** A handle on the database; each store narrows it to its own tables with `withTables`. */
export type Database = Kysely<Record<never, never>>

export interface DatabaseConnection {
  readonly database: Database
  readonly pool: pg.Pool
  close(): Promise<void>
}

/**
 * Opens a pool of connections.
 * @param options.max connections at most
 * @param options.statementTimeoutMs a query that takes longer is cancelled (SQLSTATE 57014); 0: no limit
 * @param options.onError is told of idle connections that break, until `close`
 */
export function connect(
  url: string,
  options: { name: string; max: number; statementTimeoutMs: number; onError: (error: Error) => void },
): DatabaseConnection {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max,
    application_name: `tramontane ${options.name}`,
    statement_timeout: options.statementTimeoutMs,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
  })
  let isClosing = false
  const onError = (error: Error) => {
    if (!isClosing) options.onError(error)
  }
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', onError)
  pool.on('connect', (client) => client.on('error', onError))
  const database = new Kysely<Record<never, never>>({ dialect: new PostgresDialect({ pool }) })
  return {
    database,
    pool,
    // A query that still runs has nobody left who waits for it, but the pool would wait for its end.
    close: () => {
      isClosing = true
      return Promise.race([database.destroy(), delay(CLOSE_MS, undefined, { ref: false })])
    },
  }
}

/** Runs `work` with a time limit for each of its statements, in one transaction. */
export function withTimeLimit<DB, T>(
  database: Kysely<DB>,
  milliseconds: number,
  work: (limited: Kysely<DB>) => Promise<T>,
): Promise<T> {
  return database.transaction().execute(async (transaction) => {
    await sql`select set_config('statement_timeout', ${String(milliseconds)}, true)`.execute(transaction)
    return work(transaction)
  })
}
