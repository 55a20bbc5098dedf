import {
  archiveWorkflow,
  archiveWorkflows,
  getWorkflow,
  getWorkflowRegistration,
  listWorkflowRegistrations,
  listWorkflows,
  unarchiveWorkflow,
  unarchiveWorkflows,
  updateWorkflow,
} from '@tramontane/contract/workflows'
import type { FastifyInstance } from 'fastify'
import { route } from '../../platform/http/route.ts'
import type { RegistrationListService } from './registration-list-service.ts'
import type { WorkflowService } from './workflow-service.ts'

/** Routes of workflows and of their registrations. */
export function workflowRoutes(
  app: FastifyInstance,
  workflows: WorkflowService,
  registrations: RegistrationListService,
): void {
  route(app, listWorkflows, async ({ caller, query }) => {
    const filter = {
      statuses: query.status,
      archived: query.archived,
      availableInChatAssistant: query.available_in_chat_assistant,
      search: query.search,
      tags: query.tags,
      deployment: {
        names: query.deployment_name,
        status: query.deployment_status ?? (query.active_only ? ('active' as const) : undefined),
      },
    }
    const { order, limit, cursor } = query
    return workflows.list(caller.workspaceId, filter, {
      byDisplayName: query.sort_by === 'display_name',
      order,
      limit,
      cursor,
    })
  })

  route(app, getWorkflow, async ({ caller, params }) => ({
    workflow: await workflows.get(caller.workspaceId, params.workflow_identifier),
  }))

  route(app, updateWorkflow, async ({ caller, params, body }) => ({
    workflow: await workflows.change(caller.workspaceId, params.workflow_identifier, {
      displayName: body.display_name ?? undefined,
      description: body.description ?? undefined,
      availableInChatAssistant: body.available_in_chat_assistant ?? undefined,
      tags: body.tags ?? undefined,
    }),
  }))

  route(app, archiveWorkflow, async ({ caller, params }) => ({
    workflow: await workflows.setArchived(caller.workspaceId, params.workflow_identifier, true),
  }))

  route(app, unarchiveWorkflow, async ({ caller, params }) => ({
    workflow: await workflows.setArchived(caller.workspaceId, params.workflow_identifier, false),
  }))

  route(app, archiveWorkflows, async ({ caller, body }) => {
    const { changed, errored } = await workflows.setAllArchived(caller.workspaceId, body.workflow_ids, true)
    return { archived: changed, errored }
  })

  route(app, unarchiveWorkflows, async ({ caller, body }) => {
    const { changed, errored } = await workflows.setAllArchived(caller.workspaceId, body.workflow_ids, false)
    return { unarchived: changed, errored }
  })

  route(app, listWorkflowRegistrations, async ({ caller, query }) => {
    const filter = {
      workflowId: query.workflow_id,
      deploymentName: query.task_queue,
      activeOnly: query.active_only,
      search: query.workflow_search,
      registrationSearch: query.registration_search,
      archived: query.archived,
      availableInChatAssistant: query.available_in_chat_assistant,
    }
    const { registrations: listed, nextCursor } = await registrations.list(caller.workspaceId, filter, {
      limit: query.limit,
      cursor: query.cursor,
      withWorkflow: query.with_workflow,
    })
    return { workflow_registrations: listed, next_cursor: nextCursor, workflow_versions: listed }
  })

  route(app, getWorkflowRegistration, async ({ caller, params, query }) => {
    const found = await registrations.get(
      caller.workspaceId,
      params.workflow_registration_id,
      query.with_workflow,
    )
    return { workflow_registration: found, workflow_version: found }
  })
}
