import { sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import type { EventRow } from './event-row.ts'

/** Keys of a workspace that are remembered; who makes up a key for each event does not fill the table. */
export const MAX_METADATA_KEYS = 1_000
const MAX_CACHED = 50_000

/** Which metadata keys a workspace uses: kept while writing, so that nobody has to scan for them. */
export class MetadataKeys {
  readonly #database: Database
  readonly #known = new Set<string>()

  constructor(database: Database) {
    this.#database = database
  }

  /** Remembers the keys of these rows; called before the rows are committed, so that none is ever missing. */
  async remember(rows: readonly EventRow[]): Promise<void> {
    const fresh = new Map<string, { workspace_id: string; key: string }>()
    for (const { workspace_id, metadata } of rows) {
      for (const key of Object.keys(metadata)) {
        const name = `${workspace_id} ${key}`
        if (!this.#known.has(name)) fresh.set(name, { workspace_id, key })
      }
    }
    if (fresh.size === 0) return
    await sql`
      with named as (
        select distinct * from json_to_recordset(${JSON.stringify([...fresh.values()])}::json) as r(workspace_id uuid, key text)
      ), fresh as (
        select workspace_id, key, row_number() over (partition by workspace_id order by key) as place from named
        where not exists (select from metadata_keys k where k.workspace_id = named.workspace_id and k.key = named.key)
      ), known as (
        select workspace_id, count(*) as keys from metadata_keys
        where workspace_id in (select workspace_id from fresh) group by workspace_id
      )
      insert into metadata_keys select workspace_id, key from fresh left join known using (workspace_id)
      where place + coalesce(known.keys, 0) <= ${MAX_METADATA_KEYS}
      on conflict do nothing`.execute(this.#database)
    if (this.#known.size + fresh.size > MAX_CACHED) this.#known.clear()
    for (const name of fresh.keys()) this.#known.add(name)
  }

  /** The keys that events of the workspace have, in order. */
  async list(workspaceId: string): Promise<string[]> {
    const { rows } = await sql<{
      key: string
    }>`select key from metadata_keys where workspace_id = ${workspaceId} order by key limit ${MAX_METADATA_KEYS}`.execute(
      this.#database,
    )
    return rows.map(({ key }) => key)
  }
}
