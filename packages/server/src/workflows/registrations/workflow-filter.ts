import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import { activeRegistrations, type RegistrationTables } from './registration-tables.ts'

/** What lists of workflows, and of their registrations, have in common. */
export interface WorkflowFilter {
  readonly archived?: boolean | undefined
  readonly availableInChatAssistant?: boolean | undefined
  /** Words, each of which name, display name or description contain; or an id. */
  readonly search?: string | undefined
}

/** Where the workflows of a list are to be deployed. */
export interface DeploymentFilter {
  readonly names?: readonly string[] | undefined
  readonly status?: 'active' | 'inactive' | undefined
}

type Where = ExpressionBuilder<RegistrationTables & { w: RegistrationTables['workflows'] }, 'w'>

/** The conditions on the workflow, which is `w` in the query. */
export function workflowConditions(
  where: Where,
  { archived, availableInChatAssistant, search }: WorkflowFilter,
): Expression<SqlBool>[] {
  return [
    ...(archived === undefined ? [] : [where('w.archived', '=', archived)]),
    ...(availableInChatAssistant === undefined
      ? []
      : [where('w.available_in_chat_assistant', '=', availableInChatAssistant)]),
    ...(search?.trim()
      ? [where.or([hasWords(where, search), sql<SqlBool>`w.id::text = lower(${search.trim()})`])]
      : []),
  ]
}

/** A name's words may be joined by anything: `my workflow` finds `my-workflow`. */
function hasWords(where: Where, search: string): Expression<SqlBool> {
  const words = search.split(/[\s_-]+/).filter((word) => word !== '')
  return where.and(
    words.slice(0, 20).map((word) => {
      const pattern = `%${word.replaceAll(/[\\%_]/g, '\\$&')}%`
      return sql<SqlBool>`(w.name ilike ${pattern} or w.display_name ilike ${pattern} or w.description ilike ${pattern})`
    }),
  )
}

/** The conditions on where the workflow `w` is deployed. */
export function deploymentConditions(
  workspaceId: string,
  { names, status }: DeploymentFilter,
): Expression<SqlBool>[] {
  const deployed = (active: boolean) => sql`(
    select r.workflow_id from workflow_registrations r
    join workflow_deployments d on d.workspace_id = r.workspace_id and d.id = r.deployment_id
    where r.workspace_id = ${workspaceId}
      and ${names ? sql`d.name = any(${[...names]}::text[])` : sql`true`}
      and ${active ? sql`r.id in ${activeRegistrations(workspaceId)}` : sql`true`}
  )`
  return [
    ...(names ? [sql<SqlBool>`w.id in ${deployed(false)}`] : []),
    ...(status === 'active' ? [sql<SqlBool>`w.id in ${deployed(true)}`] : []),
    ...(status === 'inactive' ? [sql<SqlBool>`w.id not in ${deployed(true)}`] : []),
  ]
}
