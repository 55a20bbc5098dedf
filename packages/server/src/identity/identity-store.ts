import type { Role } from '@tramontane/contract/identity'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { Database } from '../platform/database/connection.ts'

interface KeyTable {
  id: string
  workspace_id: string
  name: string
  role: Role
  prefix: string
  hash: Buffer
  created_at: Date
  revoked_at: Date | null
}

interface WorkspaceTable {
  id: string
  name: string
  created_at: Date
}

export type Key = Omit<Selectable<KeyTable>, 'hash'>
export type Workspace = Selectable<WorkspaceTable>

/** The channel on which servers tell each other the ids of keys that were revoked. */
export const REVOKED_KEYS = 'tramontane_revoked_keys'

const keyColumns = ['id', 'workspace_id', 'name', 'role', 'prefix', 'created_at', 'revoked_at'] as const

/** Workspaces and keys in SQL. */
export class IdentityStore {
  readonly #database: Kysely<{ keys: KeyTable; workspaces: WorkspaceTable }>

  constructor(database: Database) {
    this.#database = database.withTables<{ keys: KeyTable; workspaces: WorkspaceTable }>()
  }

  /** The key that is not revoked and has this hash. */
  findKey(hash: Buffer): Promise<Key | undefined> {
    return this.#database
      .selectFrom('keys')
      .select(keyColumns)
      .where('hash', '=', hash)
      .where('revoked_at', 'is', null)
      .executeTakeFirst()
  }

  listKeys(workspaceId: string): Promise<Key[]> {
    return this.#database
      .selectFrom('keys')
      .select(keyColumns)
      .where('workspace_id', '=', workspaceId)
      .orderBy('created_at')
      .orderBy('id')
      .execute()
  }

  countKeys(workspaceId: string): Promise<number> {
    return this.#database
      .selectFrom('keys')
      .select((select) => select.fn.countAll<number>().as('count'))
      .where('workspace_id', '=', workspaceId)
      .executeTakeFirstOrThrow()
      .then((row) => row.count)
  }

  /** Adds a key; one with the same hash is left as it is, but takes effect again if it was revoked. */
  async addKey(
    key: Pick<KeyTable, 'id' | 'workspace_id' | 'name' | 'role' | 'prefix' | 'hash'>,
  ): Promise<Key> {
    return this.#database
      .insertInto('keys')
      .values({ ...key, created_at: new Date(), revoked_at: null })
      .onConflict((conflict) => conflict.constraint('keys_hash').doUpdateSet({ revoked_at: null }))
      .returning(keyColumns)
      .executeTakeFirstOrThrow()
  }

  /** Revokes a key, and tells every server when that is committed. @returns whether the workspace has such a key */
  async revokeKey(workspaceId: string, id: string): Promise<boolean> {
    const done = await sql`
      with revoked as (
        update keys set revoked_at = coalesce(revoked_at, ${new Date()}) where workspace_id = ${workspaceId} and id = ${id}
        returning id
      ) select pg_notify(${REVOKED_KEYS}, id::text) from revoked`.execute(this.#database)
    return done.rows.length > 0
  }

  /** Those of some keys that are not valid any more. */
  async findRevoked(ids: readonly string[]): Promise<string[]> {
    const rows = await this.#database
      .selectFrom('keys')
      .select('id')
      .where('id', 'in', ids)
      .where('revoked_at', 'is not', null)
      .execute()
    return rows.map(({ id }) => id)
  }

  listWorkspaces(): Promise<Workspace[]> {
    return this.#database.selectFrom('workspaces').selectAll().orderBy('created_at').orderBy('id').execute()
  }

  findWorkspace(name: string): Promise<Workspace | undefined> {
    return this.#database.selectFrom('workspaces').selectAll().where('name', '=', name).executeTakeFirst()
  }

  /** Adds a workspace; undefined if the name is taken. */
  addWorkspace(workspace: { id: string; name: string }): Promise<Workspace | undefined> {
    return this.#database
      .insertInto('workspaces')
      .values({ ...workspace, created_at: new Date() })
      .onConflict((conflict) => conflict.constraint('workspaces_name').doNothing())
      .returningAll()
      .executeTakeFirst()
  }
}
