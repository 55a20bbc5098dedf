import { randomBytes } from 'node:crypto'
import pg from 'pg'

const TEMPLATE = 'tramontane_template'

/** The PostgreSQL that `scripts/test.ts` started, with the migrated template database in it. */
function adminUrl(): string {
  const url = process.env.TRAMONTANE_TEST_POSTGRES
  if (!url)
    throw new Error('run tests with `npm test` (or `npm test -- <path>`): it starts the PostgreSQL they need')
  return url
}

async function asAdmin(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl() })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** A database of a test's own: an empty clone of the migrated template. */
export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

/** @param options.migrated false: an empty database without our schema */
export async function createTestDatabase({
  migrated = true,
}: {
  migrated?: boolean
} = {}): Promise<TestDatabase> {
  // Copied as files: written through the log, as is usual, the template takes seven times as long.
  const name = `test_${randomBytes(8).toString('hex')}`
  await asAdmin(
    migrated ? `create database ${name} template ${TEMPLATE} strategy file_copy` : `create database ${name}`,
  )
  const url = new URL(adminUrl())
  url.pathname = `/${name}`
  return { url: url.href, drop: () => asAdmin(`drop database if exists ${name} with (force)`) }
}
