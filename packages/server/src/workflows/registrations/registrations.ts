import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { ApiError } from '../../platform/http/errors.ts'
import type { Platform } from '../../platform/platform.ts'
import type { Cron } from '../../platform/tasks/work-queue.ts'
import type { Temporal } from '../../platform/temporal/temporal.ts'
import { BeatStore } from './beat-store.ts'
import { deploymentRoutes } from './deployment-routes.ts'
import { DeploymentService } from './deployment-service.ts'
import { DeploymentStore } from './deployment-store.ts'
import { RegisterStore } from './register-store.ts'
import { RegisteringService, type UpsertSchedules } from './registering-service.ts'
import { RegistrationListService } from './registration-list-service.ts'
import { RegistrationListStore } from './registration-list-store.ts'
import { RegistrationReader } from './registration-reader.ts'
import { workerRoutes } from './worker-routes.ts'
import { workflowRoutes } from './workflow-routes.ts'
import { type NamesWithStatus, WorkflowService } from './workflow-service.ts'
import { WorkflowStore } from './workflow-store.ts'

/** Workflows, their registrations, and the deployments and workers that run them. */
export interface Registrations {
  readonly reader: RegistrationReader
  readonly cron: Cron
  routes(app: FastifyInstance): void
}

/** A worker that was last seen so long ago is forgotten. */
const WORKER_DAYS = 30
/** How long a worker waits for an engine that is just being started. */
const ENGINE_PATIENCE_MS = 10_000

/**
 * @param needs.upsertSchedules makes the schedules that code declares
 * @param needs.onRegistered is told when a worker has registered something new in a workspace
 * @param needs.namesWithStatus for `GET /v1/workflows?status=…`
 */
export function createRegistrations(
  platform: Pick<Platform, 'config' | 'connection' | 'temporal' | 'workerEntrance'>,
  needs: {
    upsertSchedules: UpsertSchedules
    namesWithStatus: NamesWithStatus
    onRegistered: (workspaceId: string) => void
  },
): Registrations {
  const { database } = platform.connection
  const store = new RegisterStore(database)
  const registering = new RegisteringService(
    store,
    new BeatStore(database),
    needs.upsertSchedules,
    needs.onRegistered,
  )
  const workflows = new WorkflowService(new WorkflowStore(database), needs.namesWithStatus)
  const registrations = new RegistrationListService(new RegistrationListStore(database))
  const deployments = new DeploymentService(new DeploymentStore(database))
  return {
    reader: new RegistrationReader(database),
    cron: {
      'forget-workers': {
        pattern: '17 * * * *',
        run: async () => {
          await store.forgetWorkers(WORKER_DAYS)
        },
      },
    },
    routes: (app) => {
      workflowRoutes(app, workflows, registrations)
      deploymentRoutes(app, deployments)
      workerRoutes(app, registering, workflows, {
        connectionOf: async (workspaceId) => {
          if (platform.config.temporal.kind !== 'none') await untilAvailable(platform.temporal)
          const { address, closed } = platform.workerEntrance()
          if (!address) throw new ApiError('TEMPORAL_UNAVAILABLE', closed ?? 'The server is starting.')
          // The workspace's namespace is made here if it is new: a worker that connects must find it.
          const { namespace } = await platform.temporal.of(workspaceId)
          return { ...address, namespace }
        },
        missing: () => platform.temporal.unavailable,
      })
    },
  }
}

/** The official worker ends when it is refused, and is often started together with the server: it is kept waiting a while. */
async function untilAvailable(temporal: Temporal): Promise<void> {
  const until = Date.now() + ENGINE_PATIENCE_MS
  while (temporal.unavailable !== null && Date.now() < until) await delay(100)
}
