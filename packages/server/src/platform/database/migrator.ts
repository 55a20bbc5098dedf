import { type Kysely, sql, type Transaction } from 'kysely'
import type { Database } from './connection.ts'
import { NewerSchemaError } from './newer-schema-error.ts'

/** One step of the schema, forward only. Never edited once released: a mistake is mended by a later step. */
export interface Migration {
  /** Sortable and unique: `0003-judges`. */
  readonly name: string
  readonly up: (transaction: Transaction<Record<never, never>>) => Promise<void>
}

// An alias, not an interface: `withTables` wants a type that fits an index signature.
type MigrationTable = {
  tramontane_migrations: { name: string; applied_at: Date }
}

/** Any number, the same in every server: whoever holds this lock migrates. */
const LOCK = 7_444_001

/**
 * Brings the schema up to the last of `migrations`, each step in its own transaction. Servers that start together
 * wait for the one that came first.
 * @param before what has to be there before the first step; called under the same lock
 * @returns the names of the steps that were applied now
 * @throws NewerSchemaError if the database has steps that this server does not know
 */
export async function migrate(
  database: Database,
  migrations: readonly Migration[],
  before: () => Promise<unknown> = async () => {},
): Promise<string[]> {
  return database.connection().execute(async (connection) => {
    // A step over all events takes as long as it takes, and so does waiting for the server that does it.
    await sql`set statement_timeout = 0`.execute(connection)
    await sql`select pg_advisory_lock(${LOCK})`.execute(connection)
    try {
      await checkKnown(connection, migrations)
      await before()
      return await applyMissing(connection, migrations)
    } finally {
      await sql`select pg_advisory_unlock(${LOCK})`.execute(connection)
      await sql`reset statement_timeout`.execute(connection)
    }
  })
}

async function appliedSteps(connection: Kysely<Record<never, never>>): Promise<Set<string>> {
  await sql`create table if not exists tramontane_migrations (name text primary key, applied_at timestamptz not null default now())`.execute(
    connection,
  )
  const rows = await connection
    .withTables<MigrationTable>()
    .selectFrom('tramontane_migrations')
    .select('name')
    .execute()
  return new Set(rows.map((row) => row.name))
}

async function checkKnown(
  connection: Kysely<Record<never, never>>,
  migrations: readonly Migration[],
): Promise<void> {
  const known = new Set(migrations.map((migration) => migration.name))
  const foreign = [...(await appliedSteps(connection))].filter((name) => !known.has(name))
  if (foreign.length > 0) {
    throw new NewerSchemaError(
      `the database was made by a newer Tramontane (it has ${foreign.join(', ')}): start that version, or restore a backup made before the upgrade`,
    )
  }
}

async function applyMissing(
  connection: Kysely<Record<never, never>>,
  migrations: readonly Migration[],
): Promise<string[]> {
  const applied = await appliedSteps(connection)
  const done: string[] = []
  for (const migration of migrations) {
    if (applied.has(migration.name)) continue
    await connection.transaction().execute(async (transaction) => {
      await migration.up(transaction)
      await transaction
        .withTables<MigrationTable>()
        .insertInto('tramontane_migrations')
        .values({ name: migration.name, applied_at: new Date() })
        .execute()
    })
    done.push(migration.name)
  }
  return done
}
