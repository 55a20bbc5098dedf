import { createReadStream } from 'node:fs'
import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type pg from 'pg'
import { pino } from 'pino'
import type { Config } from '../config/config.ts'
import { version } from '../platform/version.ts'
import { type ArchiveEntry, wholeEntry, writeArchive } from './archive.ts'
import { copyOut } from './copy-out.ts'
import { MaintenanceError } from './maintenance-error.ts'
import { FORMAT, MANIFEST, type Manifest } from './manifest.ts'
import { openClient, openDatabase } from './open-database.ts'
import { appliedMigrations, listPartitions, listSequences, listTables, quote } from './schema-catalog.ts'
import { snapshotTemporal } from './temporal-backup.ts'

const SNAPSHOT_ATTEMPTS = 5
const DEADLOCK = '40P01'

/** How far a backup or restore is: the table or folder it is at, and the uncompressed bytes done so far in all. */
export interface MaintenanceProgress {
  readonly part: string
  readonly bytes: number
}

/** What a backup holds. */
export interface BackupSummary {
  readonly file: string
  /** Of the file. */
  readonly bytes: number
  readonly tables: number
  readonly files: number
}

/**
 * Backs up the database and the files of an installation into one file, while its server runs or not: the database as
 * it was at one moment, and every file that it knows of at that moment. Memory does not depend on the amount of data.
 * @param options.replace overwrites a file of that name, at the end; else it is refused
 * @param options.signal leaves off; nothing is left behind
 * @throws MaintenanceError or ConfigError, whose message is for the terminal
 */
export async function backup(
  config: Config,
  file: string,
  options: {
    replace?: boolean
    onProgress?: (progress: MaintenanceProgress) => void
    signal?: AbortSignal
  } = {},
): Promise<BackupSummary> {
  const { replace = false, onProgress = () => {}, signal } = options
  await checkTarget(file, replace)
  const database = await openDatabase(config, pino({ level: 'silent' }), { alone: false })
  const partial = `${file}.partial`
  try {
    const client = await openClient(database.url, 'backup')
    let temporal: Awaited<ReturnType<typeof snapshotTemporal>>
    try {
      const ours = await takeSnapshot(client)
      // After ours: what Temporal has done since, our rows catch up with; the other way round they would be ahead of it.
      if (config.temporal.kind === 'managed') temporal = await snapshotTemporal(database.url)
      const manifest: Manifest = temporal ? { ...ours, temporal: temporal.manifest } : ours
      let files = 0
      const entries = watched(
        async function* () {
          yield wholeEntry(MANIFEST, Buffer.from(JSON.stringify(manifest, undefined, 2)))
          for (const table of manifest.tables) yield* copyOut(client, table, 'database')
          if (temporal) yield* temporal.entries()
          for await (const entry of fileEntries(path.join(config.dataDir, 'files'))) {
            files++
            yield entry
          }
        },
        onProgress,
        signal,
      )
      const bytes = await writeArchive(partial, entries)
      // Somebody may have made one meanwhile.
      await checkTarget(file, replace)
      await rename(partial, file)
      await syncDirectory(path.dirname(file))
      return { file, bytes, tables: manifest.tables.length, files }
    } finally {
      await temporal?.close()
      await client.end()
    }
  } finally {
    await rm(partial, { force: true })
    await database.close()
  }
}

async function checkTarget(file: string, replace: boolean): Promise<void> {
  const folder = path.dirname(path.resolve(file))
  const found = await stat(folder).catch(() => undefined)
  if (!found?.isDirectory()) throw new MaintenanceError(`there is no folder ${folder} to write the backup to`)
  const there = await stat(file).catch(() => undefined)
  if (there?.isDirectory()) throw new MaintenanceError(`${file} is a folder: name a file in it`)
  if (there && !replace)
    throw new MaintenanceError(
      `${file} is there already: choose another name, or overwrite it with --replace`,
    )
}

/** From here on the client sees the database as it is now, and no table goes away. */
async function takeSnapshot(client: pg.Client, attemptsLeft = SNAPSHOT_ATTEMPTS): Promise<Manifest> {
  try {
    return await lockAll(client)
  } catch (error) {
    // Retention drops a month, say: it and we wait for each other's tables, and PostgreSQL has sent us back.
    if (attemptsLeft <= 1 || (error as { code?: string }).code !== DEADLOCK) throw error
    await client.query('rollback')
    return takeSnapshot(client, attemptsLeft - 1)
  }
}

async function lockAll(client: pg.Client): Promise<Manifest> {
  await client.query('begin isolation level repeatable read read only')
  const migrations = await appliedMigrations(client)
  if (!migrations)
    throw new MaintenanceError('this database holds no Tramontane: there is nothing to back up')
  const tables = await listTables(client)
  await client.query(`lock table ${tables.map(({ name }) => quote(name)).join(', ')} in access share mode`)
  const postgres = await client.query<{ server_version: string }>('show server_version')
  return {
    format: FORMAT,
    version,
    created_at: new Date().toISOString(),
    postgres: postgres.rows[0]!.server_version,
    migrations,
    tables,
    partitions: await listPartitions(client),
    sequences: await listSequences(client),
  }
}

/** Every file below a folder. Files are written before the database knows them, so that all it knows are there. */
async function* fileEntries(folder: string): AsyncGenerator<ArchiveEntry> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  })
  for (const item of found) {
    if (!item.isFile()) continue
    const location = path.join(item.parentPath, item.name)
    const handle = await open(location).catch((error) => {
      // Removed since the folder was listed, and so from the database too.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    })
    if (!handle) continue
    const { size } = await handle.stat()
    const name = path.relative(folder, location).split(path.sep).join('/')
    // An upload that is under way grows while it is read; it is not the database's yet.
    const content = size === 0 ? [] : createReadStream('', { fd: handle, end: size - 1 })
    yield { name: `files/${name}`, size, content: content as AsyncIterable<Buffer> }
    if (size === 0) await handle.close()
  }
}

/** Reports each entry, and stops between two of them or within a long one when the signal fires. */
async function* watched(
  entries: () => AsyncIterable<ArchiveEntry>,
  onProgress: (progress: MaintenanceProgress) => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<ArchiveEntry> {
  let bytes = 0
  for await (const entry of entries()) {
    signal?.throwIfAborted()
    yield entry
    bytes += entry.size
    onProgress({ part: entry.name.split('/').slice(0, 2).join('/'), bytes })
  }
}

async function syncDirectory(folder: string): Promise<void> {
  const handle = await open(folder)
  await handle.sync().finally(() => handle.close())
}
