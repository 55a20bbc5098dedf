import type { WorkflowRegistration } from '@tramontane/contract/workflows'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import { activeRegistrations, type RegistrationTables } from './registration-tables.ts'
import { toWorkflow, type WorkflowRow } from './workflow-answer.ts'
import { type WorkflowFilter, workflowConditions } from './workflow-filter.ts'

/** Which registrations a list shows; those of the SDK's own workflows only if their workflow is named. */
export interface RegistrationFilter extends WorkflowFilter {
  readonly workflowId?: string | undefined
  readonly deploymentName?: string | undefined
  readonly activeOnly: boolean
  /** A part of the deployment's name, or the beginning of an id. */
  readonly registrationSearch?: string | undefined
}

/** A page holds definitions of so many bytes at most, and one in any case. */
const PAGE_BYTES = 8 * 1024 * 1024

type Row = Pick<
  Selectable<RegistrationTables['workflow_registrations']>,
  'id' | 'deployment_id' | 'definition' | 'workflow_id'
> & { deployment_name: string; workflow: WorkflowRow; active: boolean }

function toRegistration(row: Row, withWorkflow: boolean): WorkflowRegistration {
  return {
    id: row.id,
    deployment_id: row.deployment_id,
    task_queue: row.deployment_name,
    definition: row.definition,
    workflow_id: row.workflow_id,
    workflow: withWorkflow ? toWorkflow(row.workflow) : null,
    deployment_name: row.deployment_name,
    compatible_with_chat_assistant: false,
  }
}

function idsThatFit(listed: readonly { id: string; definition_bytes: number }[]): string[] {
  const fitting: string[] = []
  let bytes = 0
  for (const { id, definition_bytes } of listed) {
    bytes += definition_bytes
    if (bytes > PAGE_BYTES && fitting.length > 0) break
    fitting.push(id)
  }
  return fitting
}

function searched(text: string) {
  const escaped = text.replaceAll(/[\\%_]/g, '\\$&')
  return text === ''
    ? []
    : [sql<boolean>`(d.name ilike ${`%${escaped}%`} or r.id::text like lower(${`${escaped}%`}))`]
}

/** Reads registrations as the API shows them. */
export class RegistrationListStore {
  readonly #database: Kysely<RegistrationTables>

  constructor(database: Database) {
    this.#database = database.withTables<RegistrationTables>()
  }

  /**
   * Newest first.
   * @param page.before the id that the page before ended with
   * @returns a page, which may be shorter than asked for, and whether more follow
   */
  async list(
    workspaceId: string,
    filter: RegistrationFilter,
    page: { limit: number; before: string | undefined; withWorkflow: boolean },
  ): Promise<{ registrations: WorkflowRegistration[]; hasMore: boolean }> {
    const ids = await this.#database
      .selectFrom('workflow_registrations as r')
      .innerJoin('workflows as w', (join) =>
        join.onRef('w.workspace_id', '=', 'r.workspace_id').onRef('w.id', '=', 'r.workflow_id'),
      )
      .innerJoin('workflow_deployments as d', (join) =>
        join.onRef('d.workspace_id', '=', 'r.workspace_id').onRef('d.id', '=', 'r.deployment_id'),
      )
      .select(['r.id', 'r.definition_bytes'])
      .where('r.workspace_id', '=', workspaceId)
      .where((where) =>
        where.and([
          ...workflowConditions(where, filter),
          filter.workflowId === undefined
            ? where('w.is_technical', '=', false)
            : where('r.workflow_id', '=', filter.workflowId),
          ...(filter.deploymentName === undefined ? [] : [where('d.name', '=', filter.deploymentName)]),
          ...searched(filter.registrationSearch?.trim() ?? ''),
          ...(filter.activeOnly ? [sql<boolean>`r.id in ${activeRegistrations(workspaceId)}`] : []),
          ...(page.before === undefined ? [] : [where('r.id', '<', page.before)]),
        ]),
      )
      .orderBy('r.id', 'desc')
      .limit(page.limit + 1)
      .execute()
    const fitting = idsThatFit(ids.slice(0, page.limit))
    const rows = await this.#read(workspaceId, fitting)
    return {
      registrations: rows.map((row) => toRegistration(row, page.withWorkflow)),
      hasMore: fitting.length < ids.length,
    }
  }

  async find(
    workspaceId: string,
    id: string,
    withWorkflow: boolean,
  ): Promise<(WorkflowRegistration & { active: boolean }) | undefined> {
    const [row] = await this.#read(workspaceId, [id])
    return row && { ...toRegistration(row, withWorkflow), active: row.active }
  }

  async #read(workspaceId: string, ids: readonly string[]): Promise<Row[]> {
    if (ids.length === 0) return []
    const { rows } = await sql<Row>`
      select r.id, r.deployment_id, r.definition, r.workflow_id, d.name as deployment_name, to_json(w) as workflow,
        r.id in ${activeRegistrations(workspaceId)} as active
      from workflow_registrations r
      join workflows w on w.workspace_id = r.workspace_id and w.id = r.workflow_id
      join workflow_deployments d on d.workspace_id = r.workspace_id and d.id = r.deployment_id
      where r.workspace_id = ${workspaceId} and r.id = any(${[...ids]}::uuid[])
      order by r.id desc`.execute(this.#database)
    return rows
  }
}
