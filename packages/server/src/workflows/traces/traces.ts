import type { FastifyInstance } from 'fastify'
import type { SpanReader } from '../../observability/telemetry/span-reader.ts'
import type { Platform } from '../../platform/platform.ts'
import type { WorkflowEventReader } from '../events/event-reader.ts'
import type { RunReader } from '../executions/run-reader.ts'
import { traceRoutes } from './trace-routes.ts'
import { TraceService } from './trace-service.ts'

/** Traces of executions: what spans, events and history tell of them. */
export function createTraces(
  platform: Pick<Platform, 'temporal'>,
  needs: { runs: RunReader; spans: SpanReader; events: WorkflowEventReader },
): { routes(app: FastifyInstance): void } {
  const service = new TraceService({ ...needs, temporal: platform.temporal })
  return { routes: (app) => traceRoutes(app, service) }
}
