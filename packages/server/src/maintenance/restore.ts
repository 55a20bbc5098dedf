import { createWriteStream } from 'node:fs'
import { access, constants, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Writable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { type Logger, pino } from 'pino'
import type { Config } from '../config/config.ts'
import { migrations } from '../migrations.ts'
import { connect } from '../platform/database/connection.ts'
import type { Migration } from '../platform/database/migrator.ts'
import { DATABASES, temporalPaths } from '../platform/temporal/temporal-config.ts'
import { endTemporal } from '../platform/temporal/temporal-process.ts'
import { prepareDatabase } from '../prepare-database.ts'
import { type ArchiveEntry, readArchive } from './archive.ts'
import type { MaintenanceProgress } from './backup.ts'
import { MaintenanceError } from './maintenance-error.ts'
import { MANIFEST, type Manifest, parseManifest } from './manifest.ts'
import { openClient, openDatabase } from './open-database.ts'
import { appliedMigrations, listPartitions, listTables, quote } from './schema-catalog.ts'
import { TEMPORAL_FOLDER } from './temporal-backup.ts'

const STOP_MS = 20_000

/** What was restored. */
export interface RestoreSummary {
  /** When the backup was made, and by which version. */
  readonly createdAt: string
  readonly version: string
  readonly tables: number
  readonly files: number
  /** Whether the backup has executions of a managed Temporal, which the next start of the server brings back. */
  readonly workflows: boolean
  /** Tables of the backup that are none of Tramontane's and were left out. */
  readonly leftOut: readonly string[]
}

/**
 * Restores a backup into an installation that is empty, or whose data may go. The whole backup is checked before
 * anything is changed; the database appears complete or not at all.
 * @param options.replace deletes what the managed database and the files folder hold; an external database must be empty
 * @throws MaintenanceError or ConfigError (also while a server runs on the data directory), for the terminal
 */
export async function restore(
  config: Config,
  file: string,
  options: { replace?: boolean; onProgress?: (progress: MaintenanceProgress) => void } = {},
): Promise<RestoreSummary> {
  const { replace = false, onProgress = () => {} } = options
  const logger = pino({ level: 'silent' })
  const manifest = await verify(file, onProgress)
  const steps = stepsOf(manifest)
  const database = await openDatabase(config, logger, { alone: true })
  const folder = path.join(config.dataDir, 'files')
  const arriving = `${folder}.restoring`
  const temporal = config.temporal.kind === 'managed' ? temporalPaths(config.dataDir) : undefined
  const arrivingTemporal = temporal && `${temporal.restored}.restoring`
  try {
    await checkFolder(folder, replace)
    // One that a killed server left running would go on with what is replaced here.
    if (temporal) await endTemporal(temporal.configFile, STOP_MS)
    await emptyDatabase(database.url, config.database.kind === 'managed', replace)
    await migrateTo(database.url, steps, logger)
    for (const left of [arriving, arrivingTemporal, temporal?.restored])
      if (left) await rm(left, { recursive: true, force: true })
    const folders = { files: arriving, temporal: manifest.temporal && arrivingTemporal }
    const done = await fill(database.url, file, manifest, folders, onProgress)
    await migrateTo(database.url, migrations, logger)
    await rm(folder, { recursive: true, force: true })
    if (done.files > 0) await rename(arriving, folder)
    if (temporal && folders.temporal) {
      await mkdir(folders.temporal, { recursive: true, mode: 0o700 })
      await writeFile(path.join(folders.temporal, MANIFEST), JSON.stringify(manifest.temporal), {
        mode: 0o600,
      })
      await rename(folders.temporal, temporal.restored)
    }
    const workflows = folders.temporal !== undefined
    return { createdAt: manifest.created_at, version: manifest.version, ...done, workflows }
  } finally {
    for (const left of [arriving, arrivingTemporal])
      if (left) await rm(left, { recursive: true, force: true })
    await database.close()
  }
}

/** Reads the whole backup once, which checks every byte of it. */
async function verify(file: string, onProgress: (progress: MaintenanceProgress) => void): Promise<Manifest> {
  await access(file, constants.R_OK).catch((cause: NodeJS.ErrnoException) => {
    throw new MaintenanceError(`${file} cannot be read (${cause.code})`)
  })
  let manifest: Buffer | undefined
  let bytes = 0
  for await (const { name, content } of readArchive(file)) {
    if (name === MANIFEST) manifest = Buffer.concat(await Array.fromAsync(content))
    else for await (const chunk of content) bytes += chunk.length
    onProgress({ part: 'checking', bytes })
  }
  if (!manifest) throw new MaintenanceError(`${file} is no backup of Tramontane: it has no ${MANIFEST}`)
  // Not before the end, where the checksums are: a manifest that was changed is no manifest of another version.
  return parseManifest(manifest)
}

function stepsOf(manifest: Manifest): Migration[] {
  const known = new Set(migrations.map(({ name }) => name))
  const foreign = manifest.migrations.filter((name) => !known.has(name))
  if (foreign.length > 0) {
    throw new MaintenanceError(
      `this backup was made by a newer Tramontane (${manifest.version}, it has ${foreign.join(', ')}): restore it with that version`,
    )
  }
  return migrations.filter(({ name }) => manifest.migrations.includes(name))
}

async function checkFolder(folder: string, replace: boolean): Promise<void> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  if (!replace && found.some((item) => item.isFile()))
    throw new MaintenanceError(
      `${folder} holds files: restore into a new TRAMONTANE_DATA_DIR, or with --replace`,
    )
}

/** Makes sure that the database holds nothing; a managed one is made anew if it may be replaced. */
async function emptyDatabase(url: string, managed: boolean, replace: boolean): Promise<void> {
  const client = await openClient(url, 'restore')
  const applied = await appliedMigrations(client).finally(() => client.end())
  if (applied === undefined) return
  if (!managed) {
    throw new MaintenanceError(
      'the database of TRAMONTANE_DATABASE_URL holds a Tramontane already: make an empty database and name that one',
    )
  }
  if (!replace)
    throw new MaintenanceError(
      'this installation holds data already: restore into a new TRAMONTANE_DATA_DIR, or with --replace, which deletes it',
    )
  const target = new URL(url)
  const name = target.pathname.slice(1)
  target.pathname = '/postgres'
  const admin = await openClient(target.href, 'restore')
  try {
    for (const temporal of Object.values(DATABASES))
      await admin.query(`drop database if exists ${quote(temporal)} with (force)`)
    await admin.query(`drop database ${quote(name)} with (force)`)
    await admin.query(`create database ${quote(name)}`)
  } finally {
    await admin.end()
  }
}

async function migrateTo(url: string, steps: readonly Migration[], logger: Logger): Promise<void> {
  const connection = connect(url, { name: 'restore', max: 2, statementTimeoutMs: 0, onError: () => {} })
  try {
    await prepareDatabase(connection, logger, steps)
  } finally {
    await connection.close()
  }
}

/** Fills the tables in one transaction, and puts the files into a folder. */
async function fill(
  url: string,
  file: string,
  manifest: Manifest,
  folders: { files: string; temporal: string | undefined },
  onProgress: (progress: MaintenanceProgress) => void,
): Promise<{ tables: number; files: number; leftOut: string[] }> {
  const client = await openClient(url, 'restore')
  try {
    await client.query('begin')
    const ours = new Set((await listTables(client)).map(({ name }) => name))
    const tables = manifest.tables.filter(({ name }) => ours.has(name))
    const leftOut = manifest.tables.filter(({ name }) => !ours.has(name)).map(({ name }) => name)
    const each = async (statement: (table: string) => string) => {
      for (const name of ours) await client.query(statement(quote(name)))
    }
    // The steps of the schema may have put in rows that the backup has too.
    await client.query(`truncate ${[...ours].map(quote).join(', ')}`)
    await each((table) => `alter table ${table} disable trigger user`)
    await addPartitions(client, manifest.partitions, ours)
    const files = await unpack(
      client,
      file,
      new Map(tables.map((table) => [table.name, table])),
      folders,
      onProgress,
    )
    for (const { name, last_value } of manifest.sequences) {
      if (last_value !== null)
        await client.query('select setval(to_regclass($1), $2) where to_regclass($1) is not null', [
          quote(name),
          last_value,
        ])
    }
    await each((table) => `alter table ${table} enable trigger user`)
    await client.query('commit')
    await client.query('analyze')
    return { tables: tables.length, files, leftOut }
  } finally {
    await client.end()
  }
}

async function addPartitions(
  client: pg.Client,
  partitions: Manifest['partitions'],
  ours: ReadonlySet<string>,
): Promise<void> {
  const there = new Set((await listPartitions(client)).map(({ name }) => name))
  const parents = new Set([...ours, ...there])
  for (const { name, parent, bound } of partitions) {
    if (there.has(name) || !parents.has(parent)) continue
    await client.query(`create table ${quote(name)} partition of ${quote(parent)} ${bound}`)
    parents.add(name)
  }
}

/** Reads the archive once more: rows into their tables, files and Temporal's databases into their folders. */
async function unpack(
  client: pg.Client,
  file: string,
  tables: ReadonlyMap<string, Manifest['tables'][number]>,
  folders: { files: string; temporal: string | undefined },
  onProgress: (progress: MaintenanceProgress) => void,
): Promise<number> {
  let files = 0
  let bytes = 0
  let current: { name: string; stream: Writable } | undefined
  const finishTable = async () => {
    current?.stream.end()
    if (current) await finished(current.stream)
    current = undefined
  }
  for await (const entry of readArchive(file)) {
    const [part, name = ''] = entry.name.split('/')
    const table = part === 'database' ? tables.get(name) : undefined
    if (current?.name !== table?.name) await finishTable()
    if (table) {
      current ??= { name, stream: startCopy(client, table) }
      await writeAll(current.stream, entry.content)
    } else if (part === 'files') {
      await unpackFile(entry, 'files/', folders.files)
      files++
    } else if (part === TEMPORAL_FOLDER && folders.temporal !== undefined) {
      await unpackFile(entry, `${TEMPORAL_FOLDER}/`, folders.temporal)
    } else for await (const _ of entry.content);
    bytes += entry.size
    onProgress({ part: `${part}/${name}`, bytes })
  }
  await finishTable()
  return files
}

function startCopy(client: pg.Client, { name, columns }: Manifest['tables'][number]): Writable {
  const list = columns.map(quote).join(', ')
  const stream = client.query(copyFrom(`copy ${quote(name)} (${list}) from stdin`))
  // Told again by the write or the end that waits for it.
  stream.on('error', () => {})
  return stream
}

async function writeAll(stream: Writable, content: ArchiveEntry['content']): Promise<void> {
  for await (const chunk of content) {
    await new Promise<void>((resolve, reject) => {
      stream.write(chunk, (error) => (error ? reject(stream.errored ?? error) : resolve()))
    })
  }
}

async function unpackFile(entry: ArchiveEntry, prefix: string, folder: string): Promise<void> {
  const target = path.resolve(folder, entry.name.slice(prefix.length))
  if (!target.startsWith(folder + path.sep))
    throw new MaintenanceError(`the backup has a file outside of its folder: ${entry.name}`)
  await mkdir(path.dirname(target), { recursive: true, mode: 0o700 })
  await pipeline(entry.content, createWriteStream(target, { mode: 0o600, flush: true }))
}
