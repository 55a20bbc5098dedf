import { z } from 'zod'
import { type Method, type Operation, operation } from './operation.ts'

/**
 * What newer clients of the vendor ask of observability and this server does not have (spans, traces, logs and
 * evaluation pipelines): declared, so that they are told so instead of finding nothing.
 */
function unsupported<const I extends string>(id: I, method: Method, path: string): Operation {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!)
  return operation({
    id,
    method,
    path: `/v1/observability${path}`,
    tag: 'Not supported',
    access: 'read',
    errorShape: 'observability',
    status: 200,
    summary: 'Not supported by a self-hosted server',
    ...(names.length > 0
      ? { params: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) }
      : {}),
    produces: ['application/json'],
    errors: ['FEATURE_NOT_SUPPORTED'],
  })
}

export const unsupportedOperations: readonly Operation[] = [
  unsupported('searchLogs', 'POST', '/logs/search'),
  unsupported('listLogFields', 'GET', '/logs/fields'),
  unsupported('listLogFieldOptions', 'GET', '/logs/fields/{field_name}/options'),
  unsupported('searchTraces', 'POST', '/traces/search'),
  unsupported('aggregateTraces', 'POST', '/traces/aggregate'),
  unsupported('listTraceFields', 'GET', '/traces/fields'),
  unsupported('listTraceFieldOptions', 'GET', '/traces/fields/{field_name}/options'),
  unsupported('getTrace', 'GET', '/traces/{trace_id}'),
  unsupported('listTraceSpans', 'GET', '/traces/{trace_id}/spans'),
  unsupported('getSpan', 'GET', '/traces/{trace_id}/spans/{span_id}'),
  unsupported('searchSpans', 'POST', '/spans/search'),
  unsupported('aggregateSpans', 'POST', '/spans/aggregate'),
  unsupported('listSpanFields', 'GET', '/spans/fields'),
  unsupported('listSpanFieldOptions', 'GET', '/spans/fields/{field_name}/options'),
  unsupported('searchSpanEvaluations', 'POST', '/spans/evaluations/search'),
  unsupported('searchLatestSpanEvaluations', 'POST', '/spans/evaluations/search/latest'),
  unsupported('listSpanEvaluationFields', 'GET', '/spans/evaluations/fields'),
  unsupported('listSpanEvaluationFieldOptions', 'GET', '/spans/evaluations/fields/{field_name}/options'),
  unsupported('createPipelineConfig', 'POST', '/pipeline-configs'),
  unsupported('listPipelineConfigs', 'GET', '/pipeline-configs'),
  unsupported('getPipelineConfig', 'GET', '/pipeline-configs/{pipeline_config_id}'),
  unsupported('updatePipelineConfig', 'PUT', '/pipeline-configs/{pipeline_config_id}'),
  unsupported('deletePipelineConfig', 'DELETE', '/pipeline-configs/{pipeline_config_id}'),
]
