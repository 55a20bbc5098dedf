import type { Deployment, DeploymentWorker } from '@tramontane/contract/deployments'
import type { DeploymentLocation } from '@tramontane/contract/workers'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import type { Place } from './list-cursor.ts'
import { isName, isThere, type RegistrationTables } from './registration-tables.ts'

/** Which deployments a list shows. */
export interface DeploymentListFilter {
  readonly activeOnly: boolean
  /** Only those that have registered it; then they are active while a worker runs it. */
  readonly workflowName?: string | undefined
  /** Part of the name, or the beginning of the id. */
  readonly search?: string | undefined
}

export interface DeploymentPage {
  /** Undefined: active ones first, then by the time of their making. */
  readonly orderBy?: 'created_at' | 'updated_at' | undefined
  readonly order: 'asc' | 'desc'
  readonly limit: number
  readonly after: Place | undefined
}

type DeploymentRow = {
  id: string
  name: string
  is_active: boolean
  created_at: Date
  updated_at: Date
  location: DeploymentLocation | null
  worker_count: number
  active_worker_count: number
  locations: DeploymentLocation['location_type'][]
  sort_key: string
}

type WorkerRow = {
  name: string
  created_at: Date
  updated_at: Date
  last_seen_at: Date
  is_active: boolean
  location: DeploymentLocation | null
}

function toDeployment({ sort_key: _, ...row }: DeploymentRow): Deployment {
  return {
    ...row,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    is_hardened: false,
    managed: null,
  }
}

function toWorker(row: WorkerRow): DeploymentWorker {
  return {
    ...row,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    last_seen_at: row.last_seen_at.toISOString(),
  }
}

/** The ids of the deployments that have a worker now: a subquery. */
function activeDeployments(workspaceId: string, workflowName: string | undefined): RawBuilder<unknown> {
  const runsIt =
    workflowName === undefined
      ? sql`true`
      : sql`registration_ids && array(
          select r.id from workflow_registrations r
          join workflows w on w.workspace_id = r.workspace_id and w.id = r.workflow_id
          where r.workspace_id = ${workspaceId} and w.name = ${workflowName}
        )`
  return sql`(select deployment_id from deployment_workers where workspace_id = ${workspaceId} and ${isThere} and ${runsIt})`
}

/** What is known of a deployment's workers, for `lateral`: processes that share a name are one worker. */
const workerCounts = sql`(
  select count(distinct name) as worker_count,
    count(distinct name) filter (where ${isThere}) as active_worker_count,
    coalesce(array_agg(distinct location ->> 'location_type') filter (where location is not null), '{}') as locations
  from deployment_workers k where k.workspace_id = d.workspace_id and k.deployment_id = d.id
)`

/** The columns of a `DeploymentRow` of `d`, counts and `is_active` aside. */
const columns = sql`d.id, d.name, d.created_at, d.updated_at, d.location`

/** Deployments and their workers in SQL, as the API shows them. */
export class DeploymentStore {
  readonly #database: Kysely<RegistrationTables>

  constructor(database: Database) {
    this.#database = database.withTables<RegistrationTables>()
  }

  /** A page of the list, and where it ended if more follow. */
  async list(
    workspaceId: string,
    filter: DeploymentListFilter,
    page: DeploymentPage,
  ): Promise<{ deployments: Deployment[]; next: Place | null }> {
    const { workflowName, search } = filter
    const time = sql.ref(page.orderBy ?? 'created_at')
    const direction = page.order === 'asc' ? sql`asc` : sql`desc`
    // As a number, a time keeps its microseconds.
    const { rows } = await sql<DeploymentRow>`
      with listed as (
        select d.workspace_id, ${columns}, d.id in ${activeDeployments(workspaceId, workflowName)} as is_active
        from workflow_deployments d
        where d.workspace_id = ${workspaceId}
          and ${search ? searchCondition(search) : sql`true`}
          and ${workflowName === undefined ? sql`true` : registersCondition(workflowName)}
      ), placed as (
        select *, ${page.orderBy ? sql`0` : sql`case when is_active then 0 else 1 end`} as idle,
          (extract(epoch from ${time}) * 1000000)::bigint as micros
        from listed where ${filter.activeOnly ? sql`is_active` : sql`true`}
      ), page as (
        select * from placed where ${page.after ? afterCondition(page.after, page.order) : sql`true`}
        order by idle, micros ${direction}, id ${direction} limit ${page.limit + 1}
      )
      select ${columns}, d.is_active, d.idle || ' ' || d.micros as sort_key, k.worker_count, k.active_worker_count,
        k.locations
      from page d cross join lateral ${workerCounts} k
      order by d.idle, d.micros ${direction}, d.id ${direction}`.execute(this.#database)
    const shown = rows.slice(0, page.limit)
    const last = rows.length > page.limit ? shown.at(-1)! : undefined
    return { deployments: shown.map(toDeployment), next: last ? [last.sort_key, last.id] : null }
  }

  async find(workspaceId: string, name: string, workflowName?: string): Promise<Deployment | undefined> {
    if (!isName(name)) return undefined
    const { rows } = await sql<DeploymentRow>`
      select ${columns}, d.id in ${activeDeployments(workspaceId, workflowName)} as is_active, '' as sort_key,
        k.worker_count, k.active_worker_count, k.locations
      from workflow_deployments d cross join lateral ${workerCounts} k
      where d.workspace_id = ${workspaceId} and d.name = ${name}`.execute(this.#database)
    return rows[0] && toDeployment(rows[0])
  }

  /** Those that are there first, then those that were there last. */
  async newestWorkers(workspaceId: string, deploymentId: string, limit: number): Promise<DeploymentWorker[]> {
    const { rows } = await this.#workers(
      workspaceId,
      deploymentId,
      sql`order by max(last_seen_at) desc, name limit ${limit}`,
    )
    return rows.map(toWorker)
  }

  /** By name. @returns a page, and whether more follow */
  async workers(
    workspaceId: string,
    deploymentId: string,
    page: { status?: 'active' | 'inactive' | undefined; after: string | undefined; limit: number },
  ): Promise<{ workers: DeploymentWorker[]; hasMore: boolean }> {
    const conditions = [
      page.after === undefined ? sql`true` : sql`name collate "C" > ${page.after} collate "C"`,
      page.status === undefined ? sql`true` : sql`bool_or(${isThere}) = ${page.status === 'active'}`,
    ]
    const { rows } = await this.#workers(
      workspaceId,
      deploymentId,
      sql`having ${sql.join(conditions, sql` and `)} order by name collate "C" limit ${page.limit + 1}`,
    )
    return { workers: rows.slice(0, page.limit).map(toWorker), hasMore: rows.length > page.limit }
  }

  #workers(workspaceId: string, deploymentId: string, end: RawBuilder<unknown>) {
    return sql<WorkerRow>`
      select name, min(created_at) as created_at, max(registered_at) as updated_at, max(last_seen_at) as last_seen_at,
        bool_or(${isThere}) as is_active,
        (array_agg(location order by last_seen_at desc))[1] as location
      from deployment_workers where workspace_id = ${workspaceId} and deployment_id = ${deploymentId}
      group by name ${end}`.execute(this.#database)
  }
}

function searchCondition(search: string): RawBuilder<unknown> {
  const escaped = search.replaceAll(/[\\%_]/g, '\\$&')
  return sql`(d.name ilike ${`%${escaped}%`} or d.id::text ilike ${`${escaped}%`})`
}

function registersCondition(workflowName: string): RawBuilder<unknown> {
  return sql`d.id in (
    select r.deployment_id from workflow_registrations r
    join workflows w on w.workspace_id = r.workspace_id and w.id = r.workflow_id
    where r.workspace_id = d.workspace_id and w.name = ${workflowName}
  )`
}

/** What comes after a place, whose value is as `sort_key`. */
function afterCondition([value, id]: Place, order: 'asc' | 'desc'): RawBuilder<unknown> {
  const [idle, micros] = value!.split(' ')
  const compare = order === 'asc' ? sql`>` : sql`<`
  return sql`(idle > ${idle}::integer or idle = ${idle}::integer and (micros, id) ${compare} (${micros}::bigint, ${id}::uuid))`
}
