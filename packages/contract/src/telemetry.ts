import { operation } from './operation.ts'

/** The two encodings of OTLP/HTTP; an answer has that of its request. */
export const otlpMediaTypes = ['application/x-protobuf', 'application/json'] as const

/** Largest export in bytes, as sent and again as decompressed. */
export const otlpBodyLimit = 20 * 1024 * 1024

const shared = {
  method: 'POST',
  tag: 'Telemetry',
  access: 'telemetry',
  errorShape: 'otlp',
  status: 200,
  consumes: otlpMediaTypes,
  produces: otlpMediaTypes,
  bodyLimit: otlpBodyLimit,
  errors: [
    'TELEMETRY_BAD_REQUEST',
    'PAYLOAD_TOO_LARGE',
    'UNSUPPORTED_MEDIA_TYPE',
    'SERVICE_UNAVAILABLE',
    'DATABASE_UNAVAILABLE',
  ],
} as const

export const exportTraces = operation({
  ...shared,
  id: 'exportTraces',
  path: '/telemetry/v1/traces',
  summary: 'Take spans, as OTLP/HTTP says: protobuf or JSON, gzip or not; chat spans become events',
})

export const exportLogs = operation({
  ...shared,
  id: 'exportLogs',
  path: '/telemetry/v1/logs',
  summary:
    'Take log records, as OTLP/HTTP says; those of workflow workers are found by execution and deployment',
})

/** Workers send metrics unless they are told not to; a refusal would fill their logs with warnings. */
export const exportMetrics = operation({
  ...shared,
  id: 'exportMetrics',
  path: '/telemetry/v1/metrics',
  summary: 'Say that metrics are not kept here, in the words of OTLP; nothing is stored',
})
