import {
  createManagedDeployment,
  deleteManagedDeployment,
  getDeployment,
  listDeployments,
  listDeploymentWorkers,
  restartManagedDeployment,
  startManagedDeployment,
  stopManagedDeployment,
  updateManagedDeployment,
} from '@tramontane/contract/deployments'
import type { FastifyInstance } from 'fastify'
import { ApiError } from '../../platform/http/errors.ts'
import { route } from '../../platform/http/route.ts'
import type { DeploymentService } from './deployment-service.ts'

const MANAGED = [
  createManagedDeployment,
  updateManagedDeployment,
  deleteManagedDeployment,
  stopManagedDeployment,
  startManagedDeployment,
  restartManagedDeployment,
]

/** Routes of deployments and their workers; of those that the vendor's cloud would build, refusals. */
export function deploymentRoutes(app: FastifyInstance, deployments: DeploymentService): void {
  route(app, listDeployments, async ({ caller, query }) =>
    deployments.list(
      caller.workspaceId,
      {
        activeOnly: query.active_only,
        isHardened: query.is_hardened,
        workflowName: query.workflow_name,
        search: query.search,
        workspaceId: query.workspace_id,
      },
      { orderBy: query.order_by, order: query.order, limit: query.limit, cursor: query.cursor },
    ),
  )

  route(app, getDeployment, async ({ caller, params, query }) =>
    deployments.get(caller.workspaceId, params.name, query.workflow_name),
  )

  route(app, listDeploymentWorkers, async ({ caller, params, query }) =>
    deployments.workers(caller.workspaceId, params.name, {
      status: query.worker_status,
      limit: query.limit,
      cursor: query.cursor,
    }),
  )

  for (const operation of MANAGED)
    route(app, operation, async () => {
      throw new ApiError(
        'FEATURE_NOT_SUPPORTED',
        'This server builds and runs no workers: start, stop and restart them where they run; a deployment is there as soon as a worker of that name registers.',
      )
    })
}
