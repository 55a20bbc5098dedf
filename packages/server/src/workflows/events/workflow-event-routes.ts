import {
  listWorkflowEvents,
  recordWorkflowEvent,
  recordWorkflowEvents,
  streamExecution,
  streamWorkflowEvents,
} from '@tramontane/contract/workflow-events'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { readJsonBodies } from '../../platform/http/json-bodies.ts'
import type { LiveStreams } from '../../platform/http/live-streams.ts'
import { instantUnitFor } from '../../platform/http/nanoseconds.ts'
import { route } from '../../platform/http/route.ts'
import { filterOf, positionOf } from './stream-request.ts'
import type { WorkflowEventService } from './workflow-event-service.ts'

/** Bodies are read a second time as text: payloads are kept as they were written. */
function ingest(app: FastifyInstance, events: WorkflowEventService): void {
  const bodies = new WeakMap<FastifyRequest, string>()
  readJsonBodies(app, (request, text) => bodies.set(request, text))

  route(app, recordWorkflowEvent, async ({ caller, request }) =>
    events.record(caller.workspaceId, (request.body as { event: unknown }).event, bodies.get(request)!),
  )

  route(app, recordWorkflowEvents, async ({ caller, body, request }) =>
    events.recordBatch(caller.workspaceId, body.events, bodies.get(request)!),
  )
}

export function workflowEventRoutes(
  app: FastifyInstance,
  events: WorkflowEventService,
  streams: LiveStreams,
): void {
  app.register(async (part) => ingest(part, events))

  route(app, listWorkflowEvents, async ({ caller, query, request, reply }) => {
    const page = await events.list(caller.workspaceId, query, instantUnitFor(request))
    reply.type('application/json; charset=utf-8').send(page)
  })

  route(app, streamWorkflowEvents, async ({ caller, query, request, reply }) => {
    const options = {
      filter: filterOf(query),
      after: positionOf(request, query.start_seq, query.last_event_id),
      unit: instantUnitFor(request),
    }
    await events.follow(caller.workspaceId, options, () => streams.open({ caller, request, reply }))
  })

  route(app, streamExecution, async ({ caller, params, query, request, reply }) => {
    const options = { after: positionOf(request, 0, query.last_event_id), unit: instantUnitFor(request) }
    await events.followExecution(caller.workspaceId, params.execution_id, options, () =>
      streams.open({ caller, request, reply }),
    )
  })
}
