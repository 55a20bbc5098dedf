import { type Kysely, type Selectable, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'

type Tables = {
  workflow_schedules: {
    workspace_id: string
    id: string
    workflow_name: string
    user_id: string | null
    declared_in: string | null
    created_at: Date
  }
}

/** What is known of a schedule without asking Temporal. */
export interface KnownSchedule {
  readonly id: string
  readonly workflowName: string
  /** The key that made it. */
  readonly userId: string | null
  /** The deployment whose code declares it; null if somebody made it. */
  readonly declaredIn: string | null
  readonly createdAt: Date
}

/** Which schedules a list shows. */
export interface ScheduleFilter {
  readonly workflowName?: string | undefined
  readonly userId?: string | undefined
  /** How the workflow's name begins. */
  readonly prefix?: string | undefined
}

function toKnown(row: Selectable<Tables['workflow_schedules']>): KnownSchedule {
  return {
    id: row.id,
    workflowName: row.workflow_name,
    userId: row.user_id,
    declaredIn: row.declared_in,
    createdAt: row.created_at,
  }
}

/** The index of schedules in SQL. */
export class ScheduleStore {
  readonly #database: Kysely<Tables>

  constructor(database: Database) {
    this.#database = database.withTables<Tables>()
  }

  /** Notes a schedule, or what has become of it. */
  async keep(workspaceId: string, known: KnownSchedule): Promise<void> {
    await this.#database
      .insertInto('workflow_schedules')
      .values({
        workspace_id: workspaceId,
        id: known.id,
        workflow_name: known.workflowName,
        user_id: known.userId,
        declared_in: known.declaredIn,
        created_at: known.createdAt,
      })
      .onConflict((conflict) =>
        conflict.columns(['workspace_id', 'id']).doUpdateSet({
          workflow_name: known.workflowName,
          user_id: known.userId,
          declared_in: known.declaredIn,
          created_at: known.createdAt,
        }),
      )
      .execute()
  }

  async forget(workspaceId: string, id: string): Promise<void> {
    await this.#of(workspaceId, id).execute()
  }

  /** Those of these ids that are not known. */
  async unknown(workspaceId: string, ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return []
    const { rows } = await sql<{ id: string }>`
      select asked.id from unnest(${[...ids]}::text[]) as asked (id)
      where not exists (
        select from workflow_schedules s where s.workspace_id = ${workspaceId} and s.id = asked.id
      )`.execute(this.#database)
    return rows.map(({ id }) => id)
  }

  async find(workspaceId: string, id: string): Promise<KnownSchedule | undefined> {
    const row = await this.#database
      .selectFrom('workflow_schedules')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .executeTakeFirst()
    return row && toKnown(row)
  }

  /** Newest first. @param after the last one of the page before */
  async list(
    workspaceId: string,
    filter: ScheduleFilter,
    page: { after: { createdAt: Date; id: string } | undefined; limit: number },
  ): Promise<KnownSchedule[]> {
    let query = this.#database
      .selectFrom('workflow_schedules')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
    if (filter.workflowName !== undefined) query = query.where('workflow_name', '=', filter.workflowName)
    if (filter.userId !== undefined) query = query.where('user_id', '=', filter.userId)
    if (filter.prefix !== undefined)
      query = query.where(sql<boolean>`starts_with(lower(workflow_name), lower(${filter.prefix}))`)
    if (page.after)
      query = query.where(
        sql<boolean>`(created_at, id) < (${page.after.createdAt}::timestamptz, ${page.after.id}::text)`,
      )
    const rows = await query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(page.limit).execute()
    return rows.map(toKnown)
  }

  /** The schedules that a deployment's code declares for a workflow. */
  async declared(
    workspaceId: string,
    workflowName: string,
    deploymentName: string,
  ): Promise<KnownSchedule[]> {
    const rows = await this.#database
      .selectFrom('workflow_schedules')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('workflow_name', '=', workflowName)
      .where('declared_in', '=', deploymentName)
      .execute()
    return rows.map(toKnown)
  }

  #of(workspaceId: string, id: string) {
    return this.#database
      .deleteFrom('workflow_schedules')
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
  }
}
