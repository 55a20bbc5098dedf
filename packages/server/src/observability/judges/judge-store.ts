import type { Judge, JudgeAnswerDefinition, JudgeDefinition } from '@tramontane/contract/judges'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import { newUuid } from '../../platform/uuid.ts'

type JudgeTable = {
  workspace_id: string
  id: string
  name: string
  description: string
  model_name: string
  output: JudgeAnswerDefinition
  output_type: string
  instructions: string
  tools: string[]
  owner_id: string
  created_at: Date
  updated_at: Date
  deleted_at: Date | null
  up_revision: string | null
  down_revision: string | null
  base_revision: string | null
}

type Tables = { judges: JudgeTable }

/** Which judges a list shows. */
export interface JudgeFilter {
  /** Is part of the name, whatever its case. */
  readonly q: string | undefined
  readonly types: readonly string[] | undefined
  readonly models: readonly string[] | undefined
}

/** A name is unique among a workspace's living judges; see `violates`. */
export const UNIQUE_NAME = 'judges_name'

function toJudge({ output_type: _, ...row }: Selectable<JudgeTable>): Judge {
  return {
    ...row,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    deleted_at: row.deleted_at?.toISOString() ?? null,
  }
}

function contentOf({ name, description, model_name, output, instructions, tools }: JudgeDefinition) {
  return {
    name,
    description,
    model_name,
    output: sql<JudgeAnswerDefinition>`${JSON.stringify(output)}::json`,
    output_type: output.type,
    instructions,
    tools: sql<string[]>`${JSON.stringify(tools)}::json`,
  }
}

/** Judges and their revisions in SQL. */
export class JudgeStore {
  readonly #database: Kysely<Tables>

  constructor(database: Database) {
    this.#database = database.withTables<Tables>()
  }

  /** @throws a violation of UNIQUE_NAME */
  async add(workspaceId: string, ownerId: string, definition: JudgeDefinition): Promise<Judge> {
    const row = await this.#database
      .insertInto('judges')
      .values({
        workspace_id: workspaceId,
        id: newUuid(),
        owner_id: ownerId,
        ...contentOf(definition),
        created_at: sql<Date>`clock_timestamp()`,
        updated_at: sql<Date>`clock_timestamp()`,
      } as never)
      .returningAll()
      .executeTakeFirstOrThrow()
    return toJudge(row)
  }

  /** A judge or a revision that is not deleted. */
  async find(workspaceId: string, id: string): Promise<Judge | undefined> {
    const row = await this.#living(workspaceId).selectAll().where('id', '=', id).executeTakeFirst()
    return row && toJudge(row)
  }

  /** The contents of a judge, the newest first, from this one back to the first, and how many they are. */
  async revisions(
    workspaceId: string,
    id: string,
    { limit, offset }: { limit: number; offset: number },
  ): Promise<{ judges: Judge[]; count: number }> {
    const { rows } = await sql<{ id: string }>`
      with recursive chain as (
        select id, down_revision, 0 as depth from judges
        where workspace_id = ${workspaceId} and id = ${id} and deleted_at is null
        union all
        select judges.id, judges.down_revision, depth + 1 from judges join chain on judges.id = chain.down_revision
        where judges.workspace_id = ${workspaceId}
      )
      select id from chain order by depth`.execute(this.#database)
    const ids = rows.slice(offset, offset + limit).map((row) => row.id)
    const found = await this.#living(workspaceId)
      .selectAll()
      .where('id', '=', sql<string>`any(${ids}::uuid[])`)
      .execute()
    const byId = new Map(found.map((row) => [row.id, toJudge(row)]))
    return { judges: ids.flatMap((one) => byId.get(one) ?? []), count: rows.length }
  }

  async count(workspaceId: string, filter: JudgeFilter): Promise<number> {
    const row = await this.#filtered(workspaceId, filter)
      .select((select) => select.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    return row.count
  }

  /** Newest first. */
  async list(
    workspaceId: string,
    filter: JudgeFilter,
    { limit, offset }: { limit: number; offset: number },
  ): Promise<Judge[]> {
    const rows = await this.#filtered(workspaceId, filter)
      .selectAll()
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit)
      .offset(offset)
      .execute()
    return rows.map(toJudge)
  }

  /**
   * Replaces a judge's content while nobody else does.
   * @param check sees the judge as it is now, locked; throwing leaves everything as it was
   * @returns false if there is no such judge
   * @throws a violation of UNIQUE_NAME
   */
  replace(
    workspaceId: string,
    id: string,
    definition: JudgeDefinition,
    check: (current: Judge) => void,
  ): Promise<boolean> {
    return this.#database.transaction().execute(async (transaction) => {
      const row = await transaction
        .selectFrom('judges')
        .selectAll()
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .forUpdate()
        .executeTakeFirst()
      if (!row) return false
      check(toJudge(row))
      const revision = newUuid()
      await this.#keepAs(transaction, row, revision)
      await transaction
        .updateTable('judges')
        .set({
          ...contentOf(definition),
          updated_at: sql<Date>`clock_timestamp()`,
          down_revision: revision,
          base_revision: row.base_revision ?? revision,
        })
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', id)
        .execute()
      return true
    })
  }

  /**
   * Deletes a judge with its revisions; what judged with it keeps its own copy.
   * @returns false if there is no such judge
   */
  async delete(workspaceId: string, id: string): Promise<boolean> {
    const done = await sql`
      with recursive chain as (
        select id, down_revision from judges
        where workspace_id = ${workspaceId} and id = ${id} and deleted_at is null
        union all
        select judges.id, judges.down_revision from judges join chain on judges.id = chain.down_revision
        where judges.workspace_id = ${workspaceId}
      )
      update judges set deleted_at = clock_timestamp()
      where workspace_id = ${workspaceId} and id in (select id from chain)`.execute(this.#database)
    return (done.numAffectedRows ?? 0n) > 0n
  }

  /** Keeps a row's content under an id of its own, between the judge and its earlier revision. */
  async #keepAs(transaction: Kysely<Tables>, row: Selectable<JudgeTable>, revision: string): Promise<void> {
    await sql`
      insert into judges (workspace_id, id, name, description, model_name, output, output_type, instructions, tools,
        owner_id, created_at, updated_at, up_revision, down_revision, base_revision)
      select workspace_id, ${revision}, name, description, model_name, output, output_type, instructions, tools,
        owner_id, created_at, updated_at, id, down_revision, base_revision
      from judges where workspace_id = ${row.workspace_id} and id = ${row.id}`.execute(transaction)
    if (row.down_revision === null) return
    await transaction
      .updateTable('judges')
      .set({ up_revision: revision })
      .where('workspace_id', '=', row.workspace_id)
      .where('id', '=', row.down_revision)
      .execute()
  }

  #living(workspaceId: string) {
    return this.#database
      .selectFrom('judges')
      .where('workspace_id', '=', workspaceId)
      .where('deleted_at', 'is', null)
  }

  #filtered(workspaceId: string, { q, types, models }: JudgeFilter) {
    let query = this.#living(workspaceId).where('up_revision', 'is', null)
    if (q) query = query.where(sql<boolean>`position(lower(${q}) in lower(name)) > 0`)
    if (types) query = query.where('output_type', 'in', types)
    if (models) query = query.where('model_name', 'in', models)
    return query
  }
}
