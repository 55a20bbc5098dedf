import { getEventTrace } from '@tramontane/contract/event-analysis'
import type { FastifyInstance } from 'fastify'
import { route } from '../../platform/http/route.ts'
import type { EventTraces } from './event-traces.ts'

export function eventTraceRoutes(app: FastifyInstance, traces: EventTraces): void {
  route(app, getEventTrace, ({ caller, params }) => traces.of(caller.workspaceId, params.event_id))
}
