import { create } from '@bufbuild/protobuf'
import { exportMetrics, exportTraces } from '@tramontane/contract/telemetry'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { route } from '../../platform/http/route.ts'
import {
  ExportTraceServiceRequestSchema,
  ExportTraceServiceResponseSchema,
} from '../../platform/otlp/generated/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts'
import { decodeExport, listAt } from '../../platform/otlp/otlp-decoder.ts'
import { answerExport, exportOf, speakOtlp } from '../../platform/otlp/otlp-http.ts'
import type { TelemetryService } from './telemetry-service.ts'

const MAX_BYTES_IN_WORK = 96 * 1024 * 1024

/** The address that the sender used. It only tells which of *their* calls went to us, never where a link leads. */
function addressed({ protocol, host }: FastifyRequest): string[] {
  const origin = `${protocol}://${host}`
  return URL.canParse(origin) ? [origin] : []
}

/** @param publicUrl under which the server is known */
export function telemetryRoutes(
  app: FastifyInstance,
  telemetry: TelemetryService,
  publicUrl: () => string,
): void {
  app.register(async (part) => {
    speakOtlp(part, MAX_BYTES_IN_WORK)
    route(part, exportTraces, async ({ caller, request, reply }) => {
      const { encoding, body } = exportOf(request)
      const result = await telemetry.export(
        caller.workspaceId,
        decodeExport(ExportTraceServiceRequestSchema, body, encoding, spansOf),
        [publicUrl(), ...addressed(request)],
      )
      // With nothing to tell, `partial_success` is left out, as OTLP says.
      const partialSuccess =
        result.message === ''
          ? undefined
          : { rejectedSpans: BigInt(result.rejected), errorMessage: result.message }
      const response = create(ExportTraceServiceResponseSchema, { partialSuccess })
      answerExport(reply, encoding, ExportTraceServiceResponseSchema, response)
    })
    route(part, exportMetrics, async ({ request, reply }) => {
      // As long as no number is in it, an answer to metrics is written as one to spans.
      const response = create(ExportTraceServiceResponseSchema, {
        partialSuccess: { errorMessage: 'This server keeps no metrics; these were passed over.' },
      })
      answerExport(reply, exportOf(request).encoding, ExportTraceServiceResponseSchema, response)
    })
  })
}

/** What has ids and times in the JSON form of an export: spans, their links and events. */
function spansOf(request: unknown) {
  return listAt(request, 'resourceSpans', 'resource_spans')
    .flatMap((resource) => listAt(resource, 'scopeSpans', 'scope_spans'))
    .flatMap((scope) => listAt(scope, 'spans'))
    .flatMap((span) => [span, ...listAt(span, 'links'), ...listAt(span, 'events')])
}
