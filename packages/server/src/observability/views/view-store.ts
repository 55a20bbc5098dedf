import type { SavedView, ViewKind } from '@tramontane/contract/views'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import { newUuid } from '../../platform/uuid.ts'

type ViewTable = {
  workspace_id: string
  id: string
  kind: ViewKind
  name: string
  state: Record<string, unknown>
  owner_id: string
  created_at: Date
  updated_at: Date
}

type Tables = { saved_views: ViewTable }

/** A name is unique among a workspace's views of a kind, whatever its case; see `violates`. */
export const UNIQUE_NAME = 'saved_views_name'

const stored = (state: Record<string, unknown>) =>
  sql<Record<string, unknown>>`${JSON.stringify(state)}::json`

function toView({ workspace_id: _, created_at, updated_at, ...row }: Selectable<ViewTable>): SavedView {
  return { ...row, created_at: created_at.toISOString(), updated_at: updated_at.toISOString() }
}

/** Saved views in SQL. */
export class ViewStore {
  readonly #database: Kysely<Tables>

  constructor(database: Database) {
    this.#database = database.withTables<Tables>()
  }

  /** By name, all of them: how many there may be is decided when one is made. */
  async list(workspaceId: string, kind: ViewKind): Promise<SavedView[]> {
    const rows = await this.#database
      .selectFrom('saved_views')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('kind', '=', kind)
      .orderBy(sql`lower(name)`)
      .execute()
    return rows.map(toView)
  }

  async count(workspaceId: string, kind: ViewKind): Promise<number> {
    const { count } = await this.#database
      .selectFrom('saved_views')
      .select((select) => select.fn.countAll<number>().as('count'))
      .where('workspace_id', '=', workspaceId)
      .where('kind', '=', kind)
      .executeTakeFirstOrThrow()
    return count
  }

  /** @throws a violation of UNIQUE_NAME */
  async add(
    workspaceId: string,
    ownerId: string,
    { kind, name, state }: Pick<SavedView, 'kind' | 'name' | 'state'>,
  ): Promise<SavedView> {
    const row = await this.#database
      .insertInto('saved_views')
      .values({
        workspace_id: workspaceId,
        id: newUuid(),
        kind,
        name,
        state: stored(state),
        owner_id: ownerId,
        created_at: sql<Date>`clock_timestamp()`,
        updated_at: sql<Date>`clock_timestamp()`,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    return toView(row)
  }

  /** What is undefined stays. @returns undefined if there is no such view @throws a violation of UNIQUE_NAME */
  async update(
    workspaceId: string,
    id: string,
    { name, state }: { name?: string | undefined; state?: Record<string, unknown> | undefined },
  ): Promise<SavedView | undefined> {
    const row = await this.#database
      .updateTable('saved_views')
      .set({
        ...(name === undefined ? {} : { name }),
        ...(state === undefined ? {} : { state: stored(state) }),
        updated_at: sql<Date>`clock_timestamp()`,
      })
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst()
    return row && toView(row)
  }

  /** @returns whether there was one */
  async delete(workspaceId: string, id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#database
      .deleteFrom('saved_views')
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .executeTakeFirst()
    return numDeletedRows > 0n
  }
}
