import { execFile } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import pg from 'pg'
import type { Logger } from 'pino'
import { findRestored, loadRestored, type RestoredDatabase } from './restored-databases.ts'
import { DATABASES } from './temporal-config.ts'

const run = promisify(execFile)
const TOOL_MS = 30 * 60_000

/** What a schema is made of, in the tool. */
const SCHEMAS: Readonly<Record<string, string>> = {
  [DATABASES.main]: 'postgresql/v12/temporal',
  [DATABASES.visibility]: 'postgresql/v12/visibility',
}

const next = (database: string) => `${database}_next`
const old = (database: string) => `${database}_old`

/**
 * Makes Temporal's databases, or brings their schema up to what this version of Temporal needs. Whole or not at all,
 * whenever it is killed: the new state is made beside the old one, and takes its name in one transaction. Nothing may be
 * connected to the databases meanwhile. What a restore has brought takes the place of what is there.
 * @param parts.database the managed PostgreSQL; the name of the database in it does not matter
 * @param parts.schemaFile remembers what was looked at, so that an ordinary start costs two queries
 */
export async function prepareSchema(parts: {
  sqlTool: string
  version: string
  database: string
  schemaFile: string
  /** Where a restore lays down what is to become of the databases. */
  restored: string
  signal: AbortSignal
  logger: Logger
}): Promise<void> {
  const { database: url, schemaFile, version } = parts
  const admin = await openDatabase(url, 'postgres')
  try {
    const { rows } = await admin.query<{ datname: string }>('select datname from pg_database')
    const there = new Set(rows.map(({ datname }) => datname))
    const known = readKnown(schemaFile)
    const names = Object.keys(SCHEMAS)
    const found: Record<string, string | undefined> = {}
    for (const name of names) found[name] = there.has(name) ? await schemaVersion(url, name) : undefined
    const restored = findRestored(parts.restored)
    if (
      restored === undefined &&
      known?.version === version &&
      names.every((name) => found[name] !== undefined && found[name] === known[name])
    )
      return
    if (restored === undefined && typeof known?.version === 'string' && isOlder(version, known.version))
      throw new Error(
        `its databases were made by Temporal ${known.version}, and this is ${version}: use that version or a newer one`,
      )
    parts.logger.info({ version, found }, 'preparing the databases of Temporal')
    for (const name of names)
      for (const left of [next(name), old(name)])
        if (there.has(left)) await admin.query(`drop database ${left} with (force)`)
    for (const name of names) {
      const backup = restored?.get(name)
      const update = ['update-schema', '--schema-name', SCHEMAS[name]!]
      if (backup || !there.has(name)) {
        await admin.query(`create database ${next(name)}`)
        await tool(parts, next(name), ['setup-schema', '-v', '0.0'])
      } else {
        await admin.query(`create database ${next(name)} template ${name}`)
        await setRecordedName(url, next(name), next(name))
      }
      if (backup) {
        await tool(parts, next(name), [...update, '-v', backup.schema_version])
        await load(url, next(name), parts.restored, backup)
      }
      await tool(parts, next(name), update)
      await setRecordedName(url, next(name), name)
    }
    await admin.query('begin')
    for (const name of names) {
      if (there.has(name)) await admin.query(`alter database ${name} rename to ${old(name)}`)
      await admin.query(`alter database ${next(name)} rename to ${name}`)
    }
    await admin.query('commit')
    for (const name of names) {
      if (there.has(name)) await admin.query(`drop database ${old(name)} with (force)`)
      found[name] = await schemaVersion(url, name)
    }
    // Before anything runs on them: from here on they change.
    rmSync(parts.restored, { recursive: true, force: true })
    writeFileSync(schemaFile, JSON.stringify({ version, ...found }), { mode: 0o600 })
  } finally {
    await admin.end()
  }
}

function readKnown(schemaFile: string): Record<string, unknown> | undefined {
  try {
    return existsSync(schemaFile) ? JSON.parse(readFileSync(schemaFile, 'utf8')) : undefined
  } catch {
    return undefined
  }
}

/** Whether a version is of an older minor than another one. */
function isOlder(version: string, other: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map((part) => Number.parseInt(part, 10))
  return major < otherMajor || (major === otherMajor && minor < otherMinor)
}

/** Forgets who was a member of the cluster: nobody is, and Temporal would wait for those that were killed. */
export async function forgetMembers(url: string): Promise<void> {
  const client = await openDatabase(url, DATABASES.main)
  try {
    await client.query('delete from cluster_membership')
  } finally {
    await client.end()
  }
}

async function schemaVersion(url: string, database: string): Promise<string | undefined> {
  const client = await openDatabase(url, database)
  try {
    const { rows } = await client.query<{ curr_version: string }>('select curr_version from schema_version')
    return rows[0]?.curr_version
  } finally {
    await client.end()
  }
}

async function load(url: string, name: string, folder: string, backup: RestoredDatabase): Promise<void> {
  const client = await openDatabase(url, name)
  try {
    await loadRestored(client, folder, backup)
  } finally {
    await client.end()
  }
}

/** Temporal finds the version of a schema under the name of its database. */
async function setRecordedName(url: string, database: string, name: string): Promise<void> {
  const client = await openDatabase(url, database)
  try {
    await client.query('update schema_version set db_name = $1', [name])
  } finally {
    await client.end()
  }
}

async function openDatabase(url: string, database: string): Promise<pg.Client> {
  const target = new URL(url)
  target.pathname = `/${database}`
  const client = new pg.Client({ connectionString: target.href, application_name: 'tramontane temporal' })
  client.on('error', () => {})
  await client.connect()
  return client
}

async function tool(
  { sqlTool, database, signal }: { sqlTool: string; database: string; signal: AbortSignal },
  name: string,
  args: readonly string[],
): Promise<void> {
  const { hostname, port, username, password } = new URL(database)
  try {
    await run(sqlTool, args, {
      signal,
      timeout: TOOL_MS,
      // Not in the arguments, which every user of the machine can read.
      env: {
        SQL_PLUGIN: 'postgres12',
        SQL_HOST: hostname,
        SQL_PORT: port,
        SQL_USER: decodeURIComponent(username),
        SQL_PASSWORD: decodeURIComponent(password),
        SQL_DATABASE: name,
      },
    })
  } catch (cause) {
    signal.throwIfAborted()
    const { stderr = '', stdout = '' } = cause as { stderr?: string; stdout?: string }
    const said = `${stdout}\n${stderr}`.trim().split('\n').at(-1) || (cause as Error).message
    throw new Error(`temporal-sql-tool ${args[0]} failed: ${said.slice(0, 500)}`, { cause })
  }
}
