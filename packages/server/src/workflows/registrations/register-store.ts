import type { DeploymentLocation } from '@tramontane/contract/workers'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import { newUuid } from '../../platform/uuid.ts'
import { type DeclaredWorkflow, hashOf } from './declared-workflow.ts'
import { activeRegistrations, isThere, type RegistrationTables } from './registration-tables.ts'
import { holdWorkspace } from './workspace-lock.ts'
import { makeRoom } from './workspace-room.ts'

/** Where a declared workflow is kept. */
export interface KeptDefinition {
  readonly workflowId: string
  readonly registrationId: string
  /** A worker started with it later than with any other definition of the workflow in the deployment. */
  readonly isNewest: boolean
  /** The hash of the schedules that were made of it; null: they are still to be made. */
  readonly schedulesApplied: string | null
}

/** One worker, as it registers. */
export interface RegisteringWorker {
  readonly deploymentName: string
  readonly name: string
  readonly location: DeploymentLocation | null
}

/** Of one workflow in one deployment: the newest stay. */
const MAX_REGISTRATIONS = 100
/** Of one deployment: those stay that were seen last. */
const MAX_WORKERS = 1000

/** New ids whose order is that of their places. */
function newUuids(count: number): string[] {
  return Array.from({ length: count }, newUuid).sort()
}

type Writer = Transaction<RegistrationTables>

/** What tells the processes apart that share a worker's name: the registrations that they run. */
export function runsHash(registrationIds: readonly string[]): string {
  return hashOf([...new Set(registrationIds.map((id) => id.toLowerCase()))].sort())
}

/** Keeps what workers register. All writes of a workspace's registrations stand in one line. */
export class RegisterStore {
  readonly #database: Kysely<RegistrationTables>

  constructor(database: Database) {
    this.#database = database.withTables<RegistrationTables>()
  }

  /** Where each of the declared workflows is kept, in their order; undefined for those that the deployment has not registered. */
  async find(
    workspaceId: string,
    deploymentName: string,
    declared: readonly DeclaredWorkflow[],
  ): Promise<(KeptDefinition | undefined)[]> {
    return findKept(this.#database, workspaceId, deploymentName, declared)
  }

  /**
   * Keeps what is new, and makes the declared definitions the newest ones of their workflows in the deployment.
   * @returns where each is kept, in the order of `declared`
   * @param declared each name once
   * @throws ApiError VALIDATION_ERROR if the workspace has as many workflows or deployments as it may have
   */
  async register(
    workspaceId: string,
    worker: RegisteringWorker,
    declared: readonly DeclaredWorkflow[],
  ): Promise<KeptDefinition[]> {
    return this.#database.transaction().execute(async (transaction) => {
      await holdWorkspace(transaction, workspaceId)
      const deploymentId = await keepDeployment(transaction, workspaceId, worker)
      const workflowIds = await keepWorkflows(transaction, workspaceId, declared)
      const before = await findKept(transaction, workspaceId, worker.deploymentName, declared)
      const started = declared.filter((_, index) => !before[index]?.isNewest)
      if (started.length > 0)
        await startWith(transaction, { workspaceId, deploymentId }, workflowIds, started)
      const kept = await findKept(transaction, workspaceId, worker.deploymentName, declared)
      const ids = kept.map((one) => one!.registrationId)
      const isNew = await keepWorker(transaction, { workspaceId, deploymentId, ...worker }, ids)
      if (isNew || started.length > 0)
        await transaction
          .updateTable('workflow_deployments')
          .set({ updated_at: sql<Date>`clock_timestamp()` })
          .where('workspace_id', '=', workspaceId)
          .where('id', '=', deploymentId)
          .execute()
      return kept as KeptDefinition[]
    })
  }

  /** Keeps a worker that says by its heartbeat what it runs. */
  async addWorker(
    workspaceId: string,
    deploymentId: string,
    name: string,
    registrationIds: readonly string[],
  ): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      await keepWorker(transaction, { workspaceId, deploymentId, name, location: null }, registrationIds)
    })
  }

  /** The deployment of that name, if it has all of these registrations. */
  async deploymentWith(
    workspaceId: string,
    deploymentName: string,
    registrationIds: readonly string[],
  ): Promise<string | undefined> {
    const { rows } = await sql<{ id: string }>`
      select d.id from workflow_deployments d
      where d.workspace_id = ${workspaceId} and d.name = ${deploymentName} and not exists (
        select from unnest(${[...registrationIds]}::uuid[]) as asked (id)
        where not exists (
          select from workflow_registrations r
          where r.workspace_id = d.workspace_id and r.id = asked.id and r.deployment_id = d.id
        )
      )`.execute(this.#database)
    return rows[0]?.id
  }

  /** Whether a worker that is there, and has another name, runs one of these workflows in the deployment. */
  async hasOtherWorker(
    workspaceId: string,
    deploymentName: string,
    workerName: string,
    workflowIds: readonly string[],
  ): Promise<boolean> {
    const { rows } = await sql`
      select from deployment_workers w
      join workflow_deployments d on d.workspace_id = w.workspace_id and d.id = w.deployment_id
      join workflow_registrations r on r.workspace_id = w.workspace_id and r.id = any(w.registration_ids)
      where d.workspace_id = ${workspaceId} and d.name = ${deploymentName} and w.name <> ${workerName}
        and ${isThere} and r.workflow_id = any(${[...workflowIds]}::uuid[])
      limit 1`.execute(this.#database)
    return rows.length > 0
  }

  /** Notes that the schedules of a registration have been made. */
  async schedulesAreMade(workspaceId: string, registrationId: string, schedulesHash: string): Promise<void> {
    await this.#database
      .updateTable('workflow_registrations')
      .set({ schedules_applied: schedulesHash })
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', registrationId)
      .execute()
  }

  /** Forgets workers that have not been seen for so many days. @returns how many */
  async forgetWorkers(days: number): Promise<number> {
    const { numAffectedRows } = await sql`
      delete from deployment_workers where last_seen_at < now() - make_interval(days => ${days})`.execute(
      this.#database,
    )
    return Number(numAffectedRows ?? 0)
  }
}

async function findKept(
  database: Kysely<RegistrationTables>,
  workspaceId: string,
  deploymentName: string,
  declared: readonly DeclaredWorkflow[],
): Promise<(KeptDefinition | undefined)[]> {
  // In two steps, each along one index: joined, workflows and registrations would be compared each with each where the
  // planner has only seen smaller workspaces.
  const workflows = await database
    .selectFrom('workflows')
    .select(['id', 'name'])
    .where('workspace_id', '=', workspaceId)
    .where('name', '=', sql<string>`any(${declared.map(({ name }) => name)}::text[])`)
    .execute()
  const { rows } = await sql<KeptDefinition & { hash: string }>`
    select r.definition_hash as hash, r.workflow_id as "workflowId", r.id as "registrationId",
      r.schedules_applied as "schedulesApplied",
      not exists (
        select from workflow_registrations later
        where later.workspace_id = r.workspace_id and later.deployment_id = r.deployment_id
          and later.workflow_id = r.workflow_id
          and (later.registered_at, later.id) > (r.registered_at, r.id)
      ) as "isNewest"
    from workflow_registrations r
    where r.workspace_id = ${workspaceId}
      and r.deployment_id = (
        select id from workflow_deployments where workspace_id = ${workspaceId} and name = ${deploymentName}
      )
      and r.workflow_id = any(${workflows.map(({ id }) => id)}::uuid[])
      and r.definition_hash = any(${declared.map((one) => one.definitionHash)}::text[])`.execute(database)
  const nameOf = new Map(workflows.map(({ id, name }) => [id, name]))
  const found = new Map(rows.map(({ hash, ...kept }) => [`${nameOf.get(kept.workflowId)} ${hash}`, kept]))
  return declared.map(({ name, definitionHash }) => found.get(`${name} ${definitionHash}`))
}

async function keepDeployment(
  transaction: Writer,
  workspaceId: string,
  { deploymentName, location }: RegisteringWorker,
): Promise<string> {
  const known = await transaction
    .selectFrom('workflow_deployments')
    .select(['id', 'location'])
    .where('workspace_id', '=', workspaceId)
    .where('name', '=', deploymentName)
    .executeTakeFirst()
  const value = location && sql<DeploymentLocation>`${JSON.stringify(location)}::json`
  if (known) {
    if (location && hashOf(location) !== hashOf(known.location))
      await transaction
        .updateTable('workflow_deployments')
        .set({ location: value })
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', known.id)
        .execute()
    return known.id
  }
  await makeRoom(transaction, workspaceId, 'deployments', 1)
  const id = newUuid()
  await transaction
    .insertInto('workflow_deployments')
    .values({ workspace_id: workspaceId, id, name: deploymentName, location: value } as never)
    .execute()
  return id
}

/** @returns the ids of the declared workflows, by name */
async function keepWorkflows(
  transaction: Writer,
  workspaceId: string,
  declared: readonly DeclaredWorkflow[],
): Promise<Map<string, string>> {
  const byName = new Map(declared.map((one) => [one.name, one]))
  const rows = await transaction
    .selectFrom('workflows')
    .select(['id', 'name'])
    .where('workspace_id', '=', workspaceId)
    .where('name', 'in', [...byName.keys()])
    .execute()
  const ids = new Map(rows.map(({ name, id }) => [name, id]))
  const missing = [...byName.values()].filter(({ name }) => !ids.has(name))
  if (missing.length === 0) return ids
  await makeRoom(transaction, workspaceId, 'workflows', missing.length)
  const newIds = newUuids(missing.length)
  for (const [index, { name }] of missing.entries()) ids.set(name, newIds[index]!)
  await transaction
    .insertInto('workflows')
    .values(
      missing.map(
        ({ name, displayName, description, isTechnical }) =>
          ({
            workspace_id: workspaceId,
            id: ids.get(name),
            name,
            display_name: displayName ?? name,
            description,
            is_technical: isTechnical,
          }) as never,
      ),
    )
    .execute()
  return ids
}

/** Makes definitions the newest of their workflows, and lets them say what the workflows are called. */
async function startWith(
  transaction: Writer,
  { workspaceId, deploymentId }: { workspaceId: string; deploymentId: string },
  workflowIds: ReadonlyMap<string, string>,
  started: readonly DeclaredWorkflow[],
): Promise<void> {
  const ids = started.map(({ name }) => workflowIds.get(name)!)
  const column = <T>(of: (one: DeclaredWorkflow) => T) => started.map(of)
  // Schedules are to be made if there are any, or if an earlier definition left some that must go.
  await sql`
    insert into workflow_registrations
      (workspace_id, deployment_id, id, workflow_id, definition, definition_hash, definition_bytes, display_name,
        description, is_technical, schedules_applied)
    select ${workspaceId}, ${deploymentId}, s.id, s.workflow_id, s.definition, s.hash, s.bytes, s.display_name,
      s.description, s.is_technical, case when s.schedules = '' and not exists (
        select from workflow_registrations r
        where r.workspace_id = ${workspaceId} and r.deployment_id = ${deploymentId} and r.workflow_id = s.workflow_id
          and r.schedules_applied is distinct from ''
      ) then '' end
    from unnest(${newUuids(started.length)}::uuid[], ${ids}::uuid[],
      ${column(({ definition }) => JSON.stringify(definition))}::json[], ${column((one) => one.definitionHash)}::text[],
      ${column((one) => one.definitionBytes)}::integer[], ${column((one) => one.displayName)}::text[],
      ${column(({ description }) => description)}::text[], ${column(({ isTechnical }) => isTechnical)}::boolean[],
      ${column(({ schedulesHash }) => schedulesHash)}::text[])
      as s (id, workflow_id, definition, hash, bytes, display_name, description, is_technical, schedules)
    on conflict (workspace_id, workflow_id, deployment_id, definition_hash) do update set
      registered_at = clock_timestamp(), schedules_applied = excluded.schedules_applied`.execute(transaction)
  await sql`
    update workflows w set
      display_name = case when w.display_name_edited then w.display_name else coalesce(s.display_name, w.name) end,
      description = case when w.description_edited then w.description else s.description end,
      is_technical = s.is_technical, updated_at = clock_timestamp()
    from unnest(${ids}::uuid[], ${column((one) => one.displayName)}::text[],
      ${column(({ description }) => description)}::text[], ${column(({ isTechnical }) => isTechnical)}::boolean[])
      as s (id, display_name, description, is_technical)
    where w.workspace_id = ${workspaceId} and w.id = s.id`.execute(transaction)
  await sql`
    delete from workflow_registrations where workspace_id = ${workspaceId} and id = any(array(
      select id from (
        select id, row_number() over (partition by workflow_id order by registered_at desc, id desc) as place
        from workflow_registrations
        where workspace_id = ${workspaceId} and deployment_id = ${deploymentId} and workflow_id = any(${ids}::uuid[])
      ) placed where place > ${MAX_REGISTRATIONS}
    )) and id not in ${activeRegistrations(workspaceId)}`.execute(transaction)
}

/** @returns whether the worker was not known */
async function keepWorker(
  transaction: Writer,
  worker: { workspaceId: string; deploymentId: string; name: string; location: DeploymentLocation | null },
  registrationIds: readonly string[],
): Promise<boolean> {
  const { workspaceId, deploymentId } = worker
  const { rows } = await sql<{ isNew: boolean }>`
    insert into deployment_workers (workspace_id, deployment_id, name, runs_hash, registration_ids, location)
    values (${workspaceId}, ${deploymentId}, ${worker.name}, ${runsHash(registrationIds)},
      ${[...new Set(registrationIds)]}::uuid[], ${worker.location && JSON.stringify(worker.location)}::json)
    on conflict (workspace_id, deployment_id, name, runs_hash) do update set
      location = coalesce(excluded.location, deployment_workers.location),
      registered_at = clock_timestamp(), last_seen_at = clock_timestamp()
    returning xmax = 0 as "isNew"`.execute(transaction)
  const isNew = rows[0]!.isNew
  if (isNew)
    await sql`
      delete from deployment_workers where workspace_id = ${workspaceId} and deployment_id = ${deploymentId} and (name, runs_hash) in (
        select name, runs_hash from deployment_workers
        where workspace_id = ${workspaceId} and deployment_id = ${deploymentId}
        order by last_seen_at desc offset ${MAX_WORKERS} for update skip locked
      )`.execute(transaction)
  return isNew
}
