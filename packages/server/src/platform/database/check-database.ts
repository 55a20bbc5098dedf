import { sql } from 'kysely'
import { ConfigError } from '../../config/config-error.ts'
import type { DatabaseConnection } from './connection.ts'

const MINIMUM_VERSION = 150_000

/**
 * Looks whether a database can be used at all, so that a wrong setting is one clear line and not a failing query.
 * @throws ConfigError naming what is wrong
 */
export async function checkDatabase({ database }: DatabaseConnection): Promise<void> {
  const found = await sql<{ number: number; version: string; encoding: string }>`
    select current_setting('server_version_num')::integer as number, current_setting('server_version') as version,
      current_setting('server_encoding') as encoding`
    .execute(database)
    .catch((cause: Error) => {
      throw new ConfigError(
        `the database of TRAMONTANE_DATABASE_URL cannot be used: ${reason(cause)}; start it, or mend the URL`,
      )
    })
  const { number, version, encoding } = found.rows[0]!
  if (number < MINIMUM_VERSION)
    throw new ConfigError(
      `the database is PostgreSQL ${version}, but must be 15 or newer: upgrade it, or use another`,
    )
  if (encoding !== 'UTF8')
    throw new ConfigError(
      `the database has the encoding ${encoding}, but must have UTF8: create another with "encoding 'UTF8'"`,
    )
}

function reason(error: Error): string {
  // Several addresses of one name: the error of all of them has no text of its own.
  if (error instanceof AggregateError) return error.errors.map((one: Error) => one.message).join('; ')
  return error.message
}
