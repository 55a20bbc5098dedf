import {
  cancelExecution,
  cancelExecutions,
  executeRegistration,
  executeWorkflow,
  getExecution,
  getExecutionHistory,
  queryExecution,
  resetExecution,
  signalExecution,
  terminateExecution,
  terminateExecutions,
  updateExecution,
} from '@tramontane/contract/executions'
import type { FastifyInstance } from 'fastify'
import { route } from '../../platform/http/route.ts'
import type { ExecuteService } from './execute-service.ts'
import type { ExecutionService } from './execution-service.ts'
import type { ResetService } from './reset-service.ts'
import { toExecution } from './run-reader.ts'

export function executionRoutes(
  app: FastifyInstance,
  services: { starts: ExecuteService; executions: ExecutionService; resets: ResetService },
): void {
  const { starts, executions, resets } = services

  route(app, executeWorkflow, async ({ caller, params, body, signal, request: { headers } }) =>
    starts.execute(caller, params.workflow_identifier, body, { headers, signal }),
  )

  route(app, executeRegistration, async ({ caller, params, body, signal, request: { headers } }) =>
    starts.executeRegistration(caller, params.workflow_registration_id, body, { headers, signal }),
  )

  route(app, getExecution, async ({ caller, params }) =>
    toExecution(await executions.get(caller.workspaceId, params.execution_id)),
  )

  route(app, getExecutionHistory, async ({ caller, params, query }) =>
    executions.history(caller.workspaceId, params.execution_id, query.decode_payloads),
  )

  route(app, signalExecution, async ({ caller, params, body }) => {
    await executions.signal(caller, params.execution_id, body)
    return { message: 'Signal accepted' }
  })

  route(app, queryExecution, async ({ caller, params, body }) => ({
    query_name: body.name,
    result: await executions.query(caller, params.execution_id, body),
  }))

  route(app, updateExecution, async ({ caller, params, body }) => ({
    update_name: body.name,
    result: await executions.update(caller, params.execution_id, body),
  }))

  route(app, cancelExecution, async ({ caller, params }) => executions.cancel(caller, params.execution_id))

  route(app, terminateExecution, async ({ caller, params }) =>
    executions.terminate(caller, params.execution_id),
  )

  route(app, cancelExecutions, async ({ caller, body }) => ({
    results: await executions.endAll(caller, 'cancel', body.execution_ids),
  }))

  route(app, terminateExecutions, async ({ caller, body }) => ({
    results: await executions.endAll(caller, 'terminate', body.execution_ids),
  }))

  route(app, resetExecution, async ({ caller, params, body }) =>
    resets.reset(caller, params.execution_id, {
      eventId: body.event_id,
      reason: body.reason ?? null,
      exclude: { signals: body.exclude_signals, updates: body.exclude_updates },
    }),
  )
}
