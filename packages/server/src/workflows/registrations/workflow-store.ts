import type { Workflow, WorkflowSummary, WorkflowWithStatus } from '@tramontane/contract/workflows'
import { type Kysely, type SelectQueryBuilder, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import { isUuid } from '../../platform/uuid.ts'
import type { Place } from './list-cursor.ts'
import { activeRegistrations, isName, type RegistrationTables } from './registration-tables.ts'
import { toSummary, toWorkflow } from './workflow-answer.ts'
import {
  type DeploymentFilter,
  deploymentConditions,
  type WorkflowFilter,
  workflowConditions,
} from './workflow-filter.ts'
import { holdWorkspace } from './workspace-lock.ts'

/** Which workflows a list shows; those of the SDK are never shown. */
export interface WorkflowListFilter extends WorkflowFilter {
  readonly deployment: DeploymentFilter
  readonly tags?: readonly string[] | undefined
  /** Only these. */
  readonly names?: readonly string[] | undefined
}

export interface WorkflowPage {
  readonly byDisplayName: boolean
  readonly order: 'asc' | 'desc'
  readonly limit: number
  /** Where the page before ended; as `placeOf` gave it. */
  readonly after: Place | undefined
}

/** What a user says of a workflow; undefined leaves as it is, an empty text goes back to what the code says. */
export interface WorkflowChange {
  readonly displayName?: string | undefined
  readonly description?: string | undefined
  readonly availableInChatAssistant?: boolean | undefined
  readonly tags?: readonly string[] | undefined
}

type ListTables = RegistrationTables & { w: RegistrationTables['workflows'] }

const sortKey = sql<string>`lower(w.display_name) collate "C"`

/** Workflows in SQL; how they come to be is the business of `register-store.ts`. */
export class WorkflowStore {
  readonly #database: Kysely<RegistrationTables>

  constructor(database: Database) {
    this.#database = database.withTables<RegistrationTables>()
  }

  /** A page of the list, and where it ended if more follow. */
  async list(
    workspaceId: string,
    filter: WorkflowListFilter,
    page: WorkflowPage,
  ): Promise<{ workflows: WorkflowSummary[]; next: Place | null }> {
    const compare = page.order === 'asc' ? sql`>` : sql`<`
    let query: SelectQueryBuilder<ListTables, 'w', object> = this.#database
      .selectFrom('workflows as w')
      .where('w.workspace_id', '=', workspaceId)
      .where('w.is_technical', '=', false)
      .where((where) =>
        where.and([
          ...workflowConditions(where, filter),
          ...deploymentConditions(workspaceId, filter.deployment),
          ...(filter.tags ? [sql<boolean>`w.tags @> ${[...filter.tags]}::text[]`] : []),
          ...(filter.names ? [sql<boolean>`w.name = any(${[...filter.names]}::text[])`] : []),
        ]),
      )
    if (page.byDisplayName) {
      if (page.after)
        query = query.where(
          sql<boolean>`(${sortKey}, w.id) ${compare} (${page.after[0]} collate "C", ${page.after[1]}::uuid)`,
        )
      query = query.orderBy(sortKey, page.order)
    } else if (page.after) query = query.where(sql<boolean>`w.id ${compare} ${page.after[0]}::uuid`)
    const rows = await query
      .selectAll('w')
      .select(sortKey.as('sort_key'))
      .orderBy('w.id', page.order)
      .limit(page.limit + 1)
      .execute()
    const shown = rows.slice(0, page.limit)
    const last = rows.length > page.limit ? shown.at(-1)! : undefined
    return {
      workflows: shown.map(toSummary),
      next: last ? (page.byDisplayName ? [last.sort_key, last.id] : [last.id]) : null,
    }
  }

  /** By name or id; of a workflow whose id another one has as its name, the id is meant. */
  async find(workspaceId: string, identifier: string): Promise<WorkflowWithStatus | undefined> {
    if (!isName(identifier)) return undefined
    const row = await this.#database
      .selectFrom('workflows as w')
      .selectAll('w')
      .select(
        sql<boolean>`exists (
          select from workflow_registrations r
          where r.workspace_id = w.workspace_id and r.workflow_id = w.id and r.id in ${activeRegistrations(workspaceId)}
        )`.as('active'),
      )
      .where('w.workspace_id', '=', workspaceId)
      .where((where) =>
        where.or([
          where('w.name', '=', identifier),
          ...(isUuid(identifier) ? [where('w.id', '=', identifier)] : []),
        ]),
      )
      .orderBy((order) => order('w.name', '=', identifier))
      .limit(1)
      .executeTakeFirst()
    return row && { ...toWorkflow(row), active: row.active }
  }

  /** @returns undefined if there is no such workflow (any more) */
  async change(workspaceId: string, id: string, change: WorkflowChange): Promise<Workflow | undefined> {
    const { displayName, description, availableInChatAssistant, tags } = change
    // What the code says is kept with its definitions; the newest one counts.
    const ofCode = (column: 'display_name' | 'description') => sql<string>`(
      select r.${sql.ref(column)} from workflow_registrations r
      where r.workspace_id = ${workspaceId} and r.workflow_id = ${id} order by r.registered_at desc, r.id desc limit 1
    )`
    const row = await this.#database
      .updateTable('workflows')
      .set({
        updated_at: sql<Date>`clock_timestamp()`,
        ...(displayName !== undefined && {
          display_name: displayName || sql<string>`coalesce(${ofCode('display_name')}, name)`,
          display_name_edited: displayName !== '',
        }),
        ...(description !== undefined && {
          description: description || ofCode('description'),
          description_edited: description !== '',
        }),
        ...(availableInChatAssistant !== undefined && {
          available_in_chat_assistant: availableInChatAssistant,
        }),
        ...(tags !== undefined && { tags: [...tags] }),
      })
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst()
    return row && toWorkflow(row)
  }

  /** Puts workflows into the archive, or takes them out. @returns those that there are */
  async setArchived(workspaceId: string, ids: readonly string[], archived: boolean): Promise<Workflow[]> {
    return this.#database.transaction().execute(async (transaction) => {
      await holdWorkspace(transaction, workspaceId)
      const rows = await transaction
        .updateTable('workflows')
        .set({ archived, updated_at: sql<Date>`clock_timestamp()` })
        .where('workspace_id', '=', workspaceId)
        .where(sql<boolean>`id = any(${[...ids]}::uuid[])`)
        .returningAll()
        .execute()
      return rows.map(toWorkflow)
    })
  }
}
