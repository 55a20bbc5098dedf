import {
  getDeploymentLogs,
  getExecutionLogs,
  streamDeploymentLogs,
  streamExecutionLogs,
} from '@tramontane/contract/logs'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '../../platform/http/errors.ts'
import type { LiveStreams } from '../../platform/http/live-streams.ts'
import { route } from '../../platform/http/route.ts'
import { nanosOf } from '../../platform/nanos.ts'
import type { LogStart } from './log-follower.ts'
import type { LogService } from './log-service.ts'
import type { LogStreams } from './log-stream.ts'
import { windowOf } from './log-window.ts'

/** What the routes need to know of others. */
export interface LogRouteNeeds {
  readonly streams: Pick<LiveStreams, 'open'>
  /** When the execution ended; null while it is open. @throws ApiError WF_1100 */
  findEnd(workspaceId: string, executionId: string): Promise<Date | null>
  /** @throws ApiError DEPLOYMENT_NOT_FOUND */
  checkDeployment(workspaceId: string, name: string): Promise<void>
}

/** How long after the end of an execution its last lines may still come: exporters send every few seconds. */
const LATE_LINES_MS = 10_000
const ASK_MS = 5_000

/** Logs of executions and of deployments, as pages and as streams. */
export function logRoutes(
  app: FastifyInstance,
  logs: LogService,
  logStreams: LogStreams,
  needs: LogRouteNeeds,
): void {
  route(app, getExecutionLogs, async ({ caller: { workspaceId }, params: { execution_id }, query }) => {
    await needs.findEnd(workspaceId, execution_id)
    const filter = { executionId: execution_id, runId: query.run_id, activityId: query.activity_id }
    return logs.page(workspaceId, filter, windowOf(query), query.limit)
  })

  route(app, streamExecutionLogs, async ({ caller, params: { execution_id }, query, request, reply }) => {
    const { workspaceId } = caller
    await needs.findEnd(workspaceId, execution_id)
    const start = startOf(request, query)
    const filter = { executionId: execution_id, runId: query.run_id, activityId: query.activity_id }
    const stream = needs.streams.open({ request, reply, caller })
    const end = () => needs.findEnd(workspaceId, execution_id)
    await logStreams.send(stream, { workspaceId, filter, start }, hasEnded(end))
  })

  route(app, getDeploymentLogs, async ({ caller: { workspaceId }, params: { name }, query }) => {
    await needs.checkDeployment(workspaceId, name)
    const filter = {
      deploymentName: name,
      workerName: query.worker_name,
      workflowName: query.workflow_name,
    }
    return logs.page(workspaceId, filter, windowOf(query), query.limit)
  })

  route(app, streamDeploymentLogs, async ({ caller, params: { name }, query, request, reply }) => {
    const { workspaceId } = caller
    await needs.checkDeployment(workspaceId, name)
    const start = startOf(request, query)
    const filter = {
      deploymentName: name,
      workerName: query.worker_name,
      workflowName: query.workflow_name,
    }
    const stream = needs.streams.open({ request, reply, caller })
    await logStreams.send(stream, { workspaceId, filter, start }, async () => false)
  })
}

/** Asks, now and then, whether an execution has ended long enough ago for all its lines to have come. */
function hasEnded(findEnd: () => Promise<Date | null>): () => Promise<boolean> {
  let askAt = 0
  let end: Date | null = null
  return async () => {
    if (end === null && Date.now() >= askAt) {
      askAt = Date.now() + ASK_MS
      // While there is no telling, it goes on.
      end = await findEnd().catch(() => null)
    }
    return end !== null && Date.now() - end.getTime() > LATE_LINES_MS
  }
}

/**
 * Where a stream begins. The header comes first: browsers send it by themselves when they connect again.
 * @throws ApiError VALIDATION_ERROR
 */
function startOf(request: FastifyRequest, query: { last_event_id?: string; after?: string }): LogStart {
  const header = request.headers['last-event-id']
  const id = typeof header === 'string' && header !== '' ? header : query.last_event_id
  if (id === undefined) return { after: query.after === undefined ? null : nanosOf(query.after) }
  if (!/^\d{1,15}$/.test(id)) {
    const msg = 'must be the id of a frame of this stream'
    throw new ApiError('VALIDATION_ERROR', `last_event_id: ${msg}`, {
      issues: [{ loc: ['query', 'last_event_id'], msg, type: 'value_error' }],
    })
  }
  return { sequence: Number(id) }
}
