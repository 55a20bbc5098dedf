import type pg from 'pg'
import { DATABASES } from '../platform/temporal/temporal-config.ts'
import type { ArchiveEntry } from './archive.ts'
import { copyOut } from './copy-out.ts'
import type { TemporalManifest } from './manifest.ts'
import { openClient } from './open-database.ts'
import { listSequences, listTables, quote } from './schema-catalog.ts'

/** Made by `temporal-sql-tool`, or only true of a cluster that runs. */
const LEFT_OUT = ['schema_version', 'schema_update_history', 'cluster_membership']

/** The folder of a backup in which each of Temporal's databases has a folder. */
export const TEMPORAL_FOLDER = 'temporal'

/** Temporal's databases as they were at one moment, each at its own. */
export interface TemporalSnapshot {
  readonly manifest: TemporalManifest
  entries(): AsyncGenerator<ArchiveEntry>
  close(): Promise<void>
}

/**
 * Takes snapshots of the managed Temporal's databases, while it runs or not. First that of the executions: what is still to
 * be listed of them is noted there, so nothing is missing from a list that is a little newer.
 * @param url of the managed PostgreSQL
 * @returns undefined if there are none, as before its first start
 */
export async function snapshotTemporal(url: string): Promise<TemporalSnapshot | undefined> {
  const clients = new Map<string, pg.Client>()
  const close = async () => {
    for (const client of clients.values()) await client.end()
  }
  try {
    const databases: TemporalManifest['databases'] = []
    for (const name of [DATABASES.main, DATABASES.visibility]) {
      const client = await openTemporal(url, name)
      if (!client) {
        await close()
        return undefined
      }
      clients.set(name, client)
      await client.query('begin isolation level repeatable read read only')
      const { rows } = await client.query<{ version: string }>(
        'select curr_version as version from schema_version',
      )
      const tables = (await listTables(client)).filter((table) => !LEFT_OUT.includes(table.name))
      await client.query(
        `lock table ${tables.map((table) => quote(table.name)).join(', ')} in access share mode`,
      )
      const sequences = await listSequences(client)
      databases.push({ name, schema_version: rows[0]!.version, tables, sequences })
    }
    return {
      manifest: { databases },
      entries: async function* () {
        for (const { name, tables } of databases)
          for (const table of tables) yield* copyOut(clients.get(name)!, table, `${TEMPORAL_FOLDER}/${name}`)
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const NO_SUCH_DATABASE = '3D000'

async function openTemporal(url: string, name: string): Promise<pg.Client | undefined> {
  const target = new URL(url)
  target.pathname = `/${name}`
  try {
    return await openClient(target.href, 'backup')
  } catch (error) {
    if ((error as { code?: string }).code === NO_SUCH_DATABASE) return undefined
    throw error
  }
}
