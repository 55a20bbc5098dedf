import { sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'

/** Which event each key became that came without a time. */
export class EventKeyStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /**
   * Binds keys to events, if they are not bound yet.
   * @param claims the key's hash in hex, and the id of its event if this is the first time that it is sent
   * @returns hash → id of the event that the key stands for
   */
  async claim(
    workspaceId: string,
    claims: readonly { hash: string; id: string }[],
  ): Promise<Map<string, string>> {
    const hashes = claims.map(({ hash }) => hash)
    await sql`
      insert into event_keys (workspace_id, key_hash, event_id)
      select ${workspaceId}, decode(hash, 'hex'), id
      from unnest(${hashes}::text[], ${claims.map(({ id }) => id)}::uuid[]) c(hash, id)
      on conflict do nothing`.execute(this.#database)
    const { rows } = await sql<{ hash: string; event_id: string }>`
      select encode(key_hash, 'hex') as hash, event_id from event_keys
      where workspace_id = ${workspaceId} and key_hash in (select decode(hash, 'hex') from unnest(${hashes}::text[]) h(hash))`.execute(
      this.#database,
    )
    return new Map(rows.map(({ hash, event_id }) => [hash, event_id]))
  }

  /** Forgets keys of events older than the one with this id, at most `limit`. @returns how many */
  async deleteBefore(eventId: string, limit: number): Promise<number> {
    const result = await sql`
      delete from event_keys where ctid = any(array(select ctid from event_keys where event_id < ${eventId} limit ${limit}))`.execute(
      this.#database,
    )
    return Number(result.numAffectedRows ?? 0)
  }
}
