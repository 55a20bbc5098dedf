import { createHash, randomBytes } from 'node:crypto'
import { create } from '@bufbuild/protobuf'
import { exportLogs } from '@tramontane/contract/telemetry'
import type { FastifyInstance } from 'fastify'
import { route } from '../../platform/http/route.ts'
import {
  ExportLogsServiceRequestSchema,
  ExportLogsServiceResponseSchema,
} from '../../platform/otlp/generated/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts'
import { decodeExport, listAt } from '../../platform/otlp/otlp-decoder.ts'
import { answerExport, exportOf, speakOtlp } from '../../platform/otlp/otlp-http.ts'
import { takeIn } from './log-intake.ts'
import type { LogService } from './log-service.ts'

const MAX_BYTES_IN_WORK = 64 * 1024 * 1024

/** Where log records come in. */
export function logIntakeRoutes(app: FastifyInstance, logs: LogService): void {
  app.register(async (part) => {
    speakOtlp(part, MAX_BYTES_IN_WORK)
    route(part, exportLogs, async ({ caller, request, reply }) => {
      const { encoding, body } = exportOf(request)
      const intake = takeIn(
        decodeExport(ExportLogsServiceRequestSchema, body, encoding, recordsOf),
        Date.now(),
      )
      const hash = intake.isTimed ? createHash('sha256').update(body).digest() : randomBytes(32)
      await logs.add(caller.workspaceId, hash, intake)
      // With nothing to tell, `partial_success` is left out, as OTLP says.
      const partialSuccess =
        intake.reason === ''
          ? undefined
          : { rejectedLogRecords: BigInt(intake.rejected), errorMessage: intake.reason }
      const response = create(ExportLogsServiceResponseSchema, { partialSuccess })
      answerExport(reply, encoding, ExportLogsServiceResponseSchema, response)
    })
  })
}

/** What has ids and times in the JSON form of an export. */
function recordsOf(request: unknown) {
  return listAt(request, 'resourceLogs', 'resource_logs')
    .flatMap((resource) => listAt(resource, 'scopeLogs', 'scope_logs'))
    .flatMap((scope) => listAt(scope, 'logRecords', 'log_records'))
}
