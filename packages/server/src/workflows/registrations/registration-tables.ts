import type { DeploymentLocation } from '@tramontane/contract/workers'
import type { WorkflowCodeDefinition } from '@tramontane/contract/workflows'
import { type RawBuilder, sql } from 'kysely'

/** Rows of the tables of `registration-migrations.ts`, which says what the columns mean. */
export type WorkflowTable = {
  workspace_id: string
  id: string
  name: string
  display_name: string
  description: string | null
  display_name_edited: boolean
  description_edited: boolean
  is_technical: boolean
  available_in_chat_assistant: boolean
  archived: boolean
  tags: string[]
  created_at: Date
  updated_at: Date
}

export type DeploymentTable = {
  workspace_id: string
  id: string
  name: string
  location: DeploymentLocation | null
  created_at: Date
  updated_at: Date
}

export type RegistrationTable = {
  workspace_id: string
  id: string
  workflow_id: string
  deployment_id: string
  definition: WorkflowCodeDefinition
  definition_hash: string
  definition_bytes: number
  display_name: string | null
  description: string | null
  is_technical: boolean
  schedules_applied: string | null
  created_at: Date
  registered_at: Date
}

export type WorkerTable = {
  workspace_id: string
  deployment_id: string
  name: string
  runs_hash: string
  registration_ids: string[]
  location: DeploymentLocation | null
  created_at: Date
  registered_at: Date
  last_seen_at: Date
}

export type RegistrationTables = {
  workflows: WorkflowTable
  workflow_deployments: DeploymentTable
  workflow_registrations: RegistrationTable
  deployment_workers: WorkerTable
}

/** Workers beat every 10 s: one that has missed three beats is not there. */
export const ACTIVE_SECONDS = 30

/** Whether something could have this name. What could not must not reach the SQL: no text there has a NUL. */
export function isName(text: string): boolean {
  return text.length <= 255 && !text.includes('\0')
}

/** Whether a row of `deployment_workers` is of a worker that is there. */
export const isThere: RawBuilder<boolean> = sql<boolean>`last_seen_at > now() - make_interval(secs => ${ACTIVE_SECONDS})`

/** The ids of the registrations that workers run at this moment: a subquery for `in (…)`. */
export function activeRegistrations(workspaceId: string): RawBuilder<string> {
  return sql<string>`(select unnest(registration_ids) from deployment_workers where workspace_id = ${workspaceId} and ${isThere})`
}
