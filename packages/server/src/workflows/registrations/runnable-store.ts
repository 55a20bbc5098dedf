import type { WorkflowCodeDefinition } from '@tramontane/contract/workflows'
import { type Kysely, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import { isUuid } from '../../platform/uuid.ts'
import { activeRegistrations, isName, isThere, type RegistrationTables } from './registration-tables.ts'

/** A workflow with one of its definitions. */
export interface RunnableWorkflow {
  readonly workflowId: string
  readonly registrationId: string
  readonly name: string
  readonly displayName: string
  /** The deployment that registered this definition: the task queue. */
  readonly deploymentName: string
  readonly archived: boolean
  readonly definition: WorkflowCodeDefinition
}

/** A deployment that has registered a workflow. */
export interface RunningDeployment {
  readonly name: string
  /** One of its workers runs the workflow now. */
  readonly isActive: boolean
}

/** What is looked up to run a workflow: its definition and where it can be run. Each look-up is one statement. */
export class RunnableStore {
  readonly #database: Kysely<RegistrationTables>

  constructor(database: Database) {
    this.#database = database.withTables<RegistrationTables>()
  }

  /** Of a workflow whose id another one has as its name, the id is meant. */
  async findByIdentifier(workspaceId: string, identifier: string): Promise<RunnableWorkflow | undefined> {
    if (!isName(identifier)) return undefined
    return this.#newest(workspaceId)
      .where((where) =>
        isUuid(identifier)
          ? where.or([where('w.id', '=', identifier), where('w.name', '=', identifier)])
          : where('w.name', '=', identifier),
      )
      .orderBy((order) => order('w.name', '=', identifier), 'asc')
      .orderBy(sql`r.id in ${activeRegistrations(workspaceId)}`, 'desc')
      .orderBy('r.registered_at', 'desc')
      .orderBy('r.id', 'desc')
      .executeTakeFirst()
  }

  async findByRegistration(
    workspaceId: string,
    registrationId: string,
  ): Promise<RunnableWorkflow | undefined> {
    return this.#newest(workspaceId).where('r.id', '=', registrationId).executeTakeFirst()
  }

  async findInDeployment(
    workspaceId: string,
    workflowName: string,
    deploymentName: string,
  ): Promise<RunnableWorkflow | undefined> {
    if (!isName(workflowName) || !isName(deploymentName)) return undefined
    return this.#newest(workspaceId)
      .where('w.name', '=', workflowName)
      .where('d.name', '=', deploymentName)
      .orderBy(sql`r.id in ${activeRegistrations(workspaceId)}`, 'desc')
      .orderBy('r.registered_at', 'desc')
      .orderBy('r.id', 'desc')
      .executeTakeFirst()
  }

  /** In the order of their names. */
  async deploymentsOf(workspaceId: string, workflowId: string): Promise<RunningDeployment[]> {
    return this.#database
      .selectFrom('workflow_registrations as r')
      .innerJoin('workflow_deployments as d', (join) =>
        join.onRef('d.workspace_id', '=', 'r.workspace_id').onRef('d.id', '=', 'r.deployment_id'),
      )
      .select(['d.name', sql<boolean>`bool_or(r.id in ${activeRegistrations(workspaceId)})`.as('isActive')])
      .where('r.workspace_id', '=', workspaceId)
      .where('r.workflow_id', '=', workflowId)
      .groupBy('d.name')
      .orderBy('d.name')
      .execute()
  }

  async hasDeployment(workspaceId: string, name: string): Promise<boolean> {
    if (!isName(name)) return false
    const row = await this.#database
      .selectFrom('workflow_deployments')
      .select('id')
      .where('workspace_id', '=', workspaceId)
      .where('name', '=', name)
      .executeTakeFirst()
    return row !== undefined
  }

  async namesTagged(workspaceId: string, tags: readonly string[]): Promise<string[]> {
    const rows = await this.#database
      .selectFrom('workflows')
      .select('name')
      .where('workspace_id', '=', workspaceId)
      .where(sql<boolean>`tags @> ${[...tags]}::text[]`)
      .execute()
    return rows.map(({ name }) => name)
  }

  /** @param text is looked for whatever its case; at most 1,000 names */
  async namesMatching(workspaceId: string, text: string): Promise<string[]> {
    const rows = await this.#database
      .selectFrom('workflows')
      .select('name')
      .where('workspace_id', '=', workspaceId)
      .where(
        sql<boolean>`(position(lower(${text}) in lower(name)) > 0 or position(lower(${text}) in lower(display_name)) > 0
          or id::text = lower(${text}))`,
      )
      .orderBy('name')
      .limit(1_000)
      .execute()
    return rows.map(({ name }) => name)
  }

  async technicalNames(workspaceId: string): Promise<string[]> {
    const rows = await this.#database
      .selectFrom('workflows')
      .select('name')
      .where('workspace_id', '=', workspaceId)
      .where('is_technical', '=', true)
      .limit(1_000)
      .execute()
    return rows.map(({ name }) => name)
  }

  /** Workers are forgotten after a while; what they have registered is not. */
  async workers(workspaceId: string): Promise<{ count: number; lastSeen: Date | null }> {
    const { rows } = await sql<{ count: number; seen: Date | null; registered: Date | null }>`
      select (select count(*)::integer from deployment_workers where workspace_id = ${workspaceId} and ${isThere}) as count,
        (select max(last_seen_at) from deployment_workers where workspace_id = ${workspaceId}) as seen,
        (select max(registered_at) from workflow_registrations where workspace_id = ${workspaceId}) as registered`.execute(
      this.#database,
    )
    const { count, seen, registered } = rows[0]!
    return { count, lastSeen: seen ?? registered }
  }

  #newest(workspaceId: string) {
    return this.#database
      .selectFrom('workflow_registrations as r')
      .innerJoin('workflows as w', (join) =>
        join.onRef('w.workspace_id', '=', 'r.workspace_id').onRef('w.id', '=', 'r.workflow_id'),
      )
      .innerJoin('workflow_deployments as d', (join) =>
        join.onRef('d.workspace_id', '=', 'r.workspace_id').onRef('d.id', '=', 'r.deployment_id'),
      )
      .select([
        'w.id as workflowId',
        'r.id as registrationId',
        'w.name',
        'w.display_name as displayName',
        'd.name as deploymentName',
        'w.archived',
        'r.definition',
      ])
      .where('r.workspace_id', '=', workspaceId)
      .limit(1)
  }
}
