import { deleteSearchKeys, registerExecution, setSearchKeys } from '@tramontane/contract/executions'
import { countRuns, getRun, getRunHistory, getWorkflowMetrics, listRuns } from '@tramontane/contract/runs'
import type { FastifyInstance } from 'fastify'
import { route } from '../../platform/http/route.ts'
import { toExecutionSummary } from './run.ts'
import type { RunListService } from './run-list-service.ts'
import { toExecution } from './run-reader.ts'
import type { RunRegistrationService } from './run-registration-service.ts'
import type { RunService } from './run-service.ts'

/** @param services.registrations what workers say of runs */
export function runRoutes(
  app: FastifyInstance,
  services: { lists: RunListService; runs: RunService; registrations: RunRegistrationService },
): void {
  const { lists, runs, registrations } = services

  route(app, listRuns, async ({ caller, query }) => {
    const page = await lists.list(caller, query, query)
    const found = page.runs.map(toExecutionSummary)
    return { executions: found, runs: found, next_page_token: page.nextPageToken }
  })

  route(app, countRuns, async ({ caller, query }) => ({
    counts: (await lists.counts(caller, query)).map(({ status, count, isExact }) => ({
      status,
      count,
      is_exact: isExact,
    })),
  }))

  route(app, getRun, async ({ caller, params }) =>
    toExecution(await runs.get(caller.workspaceId, params.run_id)),
  )

  route(app, getRunHistory, async ({ caller, params, query }) =>
    runs.history(caller.workspaceId, params.run_id, query.decode_payloads),
  )

  route(app, getWorkflowMetrics, async ({ caller, params, query }) =>
    runs.metrics(caller.workspaceId, params.workflow_name, query.start_time, query.end_time),
  )

  route(app, registerExecution, async ({ caller, body }) => registrations.register(caller.workspaceId, body))

  route(app, setSearchKeys, async ({ caller, params, body }) => ({
    ...(await registrations.setKeys(
      caller.workspaceId,
      params.temporal_workflow_id,
      body.temporal_run_id,
      body.search_key_metadata,
    )),
  }))

  route(app, deleteSearchKeys, async ({ caller, params, body }) => ({
    deleted_keys: await registrations.deleteKeys(
      caller.workspaceId,
      params.temporal_workflow_id,
      body.temporal_run_id,
      body.keys ?? [],
    ),
  }))
}
