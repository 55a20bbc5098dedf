import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { z } from 'zod'

const MANIFEST = 'manifest.json'

const manifest = z.object({
  databases: z.array(
    z.object({
      name: z.string(),
      schema_version: z.string(),
      tables: z.array(z.object({ name: z.string(), columns: z.array(z.string()) })),
      sequences: z.array(z.object({ name: z.string(), last_value: z.string().nullable() })),
    }),
  ),
})

/** One of Temporal's databases as a backup has it. */
export type RestoredDatabase = z.infer<typeof manifest>['databases'][number]

/**
 * What a restore laid down for the next start, by the names of the databases; undefined if there was none since.
 * @throws if it cannot be read
 */
export function findRestored(folder: string): ReadonlyMap<string, RestoredDatabase> | undefined {
  const file = path.join(folder, MANIFEST)
  if (!existsSync(file)) return undefined
  const { databases } = manifest.parse(JSON.parse(readFileSync(file, 'utf8')))
  return new Map(databases.map((database) => [database.name, database]))
}

/** Fills a database that has the schema of the backup, and nothing else but what the schema itself puts in. */
export async function loadRestored(
  client: pg.Client,
  folder: string,
  database: RestoredDatabase,
): Promise<void> {
  const { tables, sequences } = database
  await client.query('begin')
  await client.query(`truncate ${tables.map(({ name }) => quote(name)).join(', ')}`)
  for (const { name, columns } of tables) {
    const pieces = path.join(folder, database.name, name)
    if (!existsSync(pieces)) continue
    for (const piece of readdirSync(pieces).sort()) {
      const copy = `copy ${quote(name)} (${columns.map(quote).join(', ')}) from stdin`
      await pipeline(createReadStream(path.join(pieces, piece)), client.query(copyFrom(copy)))
    }
  }
  for (const { name, last_value } of sequences)
    if (last_value !== null) await client.query('select setval($1, $2)', [quote(name), last_value])
  await client.query('commit')
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
