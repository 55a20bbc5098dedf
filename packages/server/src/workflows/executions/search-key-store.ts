import { type Kysely, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'

/** Search keys of runs: what workers say of them to have them found. */
export class SearchKeyStore {
  readonly #database: Kysely<Record<never, never>>

  constructor(database: Database) {
    this.#database = database
  }

  /**
   * Sets keys, as far as the run may have more.
   * @returns the keys that are kept
   */
  async set(
    workspaceId: string,
    runId: string,
    keys: readonly { readonly key: string; readonly value: string | null }[],
    maxKeys: number,
  ): Promise<string[]> {
    if (keys.length === 0) return []
    const { rows } = await sql<{ key: string }>`
      with sent as (
        select key, value, row_number() over () as place
        from jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as s(key text, value text)
      ), there as (
        select key from workflow_search_keys where workspace_id = ${workspaceId} and run_id = ${runId}
      ), fresh as (
        select key from sent where key not in (select key from there)
        order by place limit greatest(0, ${maxKeys} - (select count(*) from there))
      )
      insert into workflow_search_keys (workspace_id, run_id, key, value)
      select ${workspaceId}, ${runId}, key, value from sent
      where key in (select key from there) or key in (select key from fresh)
      on conflict (workspace_id, run_id, key) do update set value = excluded.value
      returning key`.execute(this.#database)
    return rows.map(({ key }) => key)
  }

  /** @returns the keys that there were */
  async delete(workspaceId: string, runId: string, keys: readonly string[]): Promise<string[]> {
    const { rows } = await sql<{ key: string }>`
      delete from workflow_search_keys
      where workspace_id = ${workspaceId} and run_id = ${runId} and key = any(${[...keys]})
      returning key`.execute(this.#database)
    return rows.map(({ key }) => key)
  }
}
