import {
  getExecutorIdentity,
  getExecutorIdentityToken,
  getWorkerInfo,
  getWorkflowEngine,
  heartbeatWorker,
  registerWorkflows,
  uploadWorkflowGraph,
} from '@tramontane/contract/workers'
import type { FastifyInstance } from 'fastify'
import { ApiError } from '../../platform/http/errors.ts'
import { route } from '../../platform/http/route.ts'
import type { RegisteringService } from './registering-service.ts'
import { customerOf } from './workflow-answer.ts'
import type { WorkflowService } from './workflow-service.ts'

/** Where workers find Temporal. */
export interface WorkerConnection {
  /** `host:port` */
  readonly address: string
  readonly tls: boolean
  readonly namespace: string
}

/**
 * What workers ask of the server.
 * @param needs.connectionOf what the workers of a workspace connect to; throws ApiError TEMPORAL_UNAVAILABLE
 * @param needs.missing why the engine cannot be called; null if it can
 */
export function workerRoutes(
  app: FastifyInstance,
  registering: RegisteringService,
  workflows: Pick<WorkflowService, 'get'>,
  needs: {
    connectionOf: (workspaceId: string) => Promise<WorkerConnection>
    missing: () => string | null
  },
): void {
  route(app, getWorkerInfo, async ({ caller }) => {
    const { address, namespace, tls } = await needs.connectionOf(caller.workspaceId)
    return { scheduler_url: address, namespace, tls, features: { upload_graph: false } }
  })

  route(app, getWorkflowEngine, async () => {
    const reason = needs.missing()
    return { is_available: reason === null, reason }
  })

  route(app, registerWorkflows, async ({ caller, body }) => {
    const { hasConflicts, refs, warnings } = await registering.register(caller.workspaceId, body)
    const ids = refs.map(({ registrationId }) => registrationId)
    const sent = refs.map(({ workflowId, registrationId }) => ({
      workflow_id: workflowId,
      workflow_registration_id: registrationId,
      workflow_version_id: registrationId,
    }))
    return {
      has_conflicts: hasConflicts,
      workflow_registration_ids: ids,
      workflow_registration_refs: sent,
      workflow_version_ids: ids,
      workflow_version_refs: sent,
      warnings: [...warnings],
    }
  })

  route(app, heartbeatWorker, async ({ caller, body }) => {
    await registering.beat(caller.workspaceId, {
      deploymentName: body.deployment_name,
      workerName: body.worker_name,
      refs: body.workflow_registration_refs ?? body.workflow_version_refs ?? [],
    })
    return { all_active: true }
  })

  route(app, uploadWorkflowGraph, async ({ caller, params }) => {
    await workflows.get(caller.workspaceId, params.workflow_identifier)
  })

  route(app, getExecutorIdentity, async ({ caller: { workspaceId } }) => ({
    customer_id: customerOf(workspaceId),
    workspace_id: workspaceId,
    user_id: null,
    organization_id: null,
  }))

  // 403, which the workers' SDK does not try again: the activity fails at once, and with this sentence.
  route(app, getExecutorIdentityToken, async () => {
    throw new ApiError(
      'AUTH_FORBIDDEN',
      "This server knows keys and workspaces, but no users: nothing can be called in a user's name. Let the workflow call with the worker's own key.",
    )
  })
}
