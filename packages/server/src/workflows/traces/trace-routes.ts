import {
  getTraceEvents,
  getTraceInfo,
  getTraceOtel,
  getTraceSummary,
} from '@tramontane/contract/execution-traces'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { instantUnitFor } from '../../platform/http/nanoseconds.ts'
import { route } from '../../platform/http/route.ts'
import { toExecution } from '../executions/run-reader.ts'
import type { TraceService } from './trace-service.ts'
import { nanoIn } from './wire-values.ts'

/** What an execution did: its spans, as a tree, and event by event. */
export function traceRoutes(app: FastifyInstance, traces: TraceService): void {
  const nanoFor = (request: FastifyRequest) => nanoIn(instantUnitFor(request))

  route(app, getTraceInfo, async ({ caller, params }) => {
    const { traceId, hasSpans } = await traces.info(caller.workspaceId, params.execution_id)
    return { otel_trace_id: traceId, has_trace_data: hasSpans }
  })

  route(app, getTraceOtel, async ({ caller, params }) => {
    const { run, trace, isCut } = await traces.tempo(caller.workspaceId, params.execution_id)
    return {
      ...toExecution(run),
      data_source: trace ? ('telemetry' as const) : ('none' as const),
      otel_trace_id: run.traceId,
      ...(trace ? { otel_trace_data: trace } : {}),
      truncated: isCut,
    }
  })

  route(app, getTraceSummary, async ({ caller, params, request }) => {
    const { run, tree, isCut } = await traces.tree(caller.workspaceId, params.execution_id, nanoFor(request))
    return { ...toExecution(run), span_tree: tree, truncated: isCut }
  })

  route(app, getTraceEvents, async ({ caller, params, query, request }) => {
    const options = { merge: query.merge_same_id_events, internal: query.include_internal_events }
    const { run, events, isCut } = await traces.events(
      caller.workspaceId,
      params.execution_id,
      options,
      nanoFor(request),
    )
    return { ...toExecution(run), events, truncated: isCut }
  })
}
