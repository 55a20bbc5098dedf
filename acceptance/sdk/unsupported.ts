import type { Mistral as Mistral270 } from 'mistralai-2.7.0'
import { type AnyClient, type Context, refuses } from '../harness/context.ts'

/** What only the vendor has says so in a way that the clients understand. */
export function unsupportedTests({ client, test }: Context<AnyClient>): void {
  test('spans, traces and logs are refused by name', async () => {
    const { spans, traces, logs } = client().beta.observability
    const metric = { measure: 'count', aggregation: 'count' as const }
    const calls: (() => Promise<unknown>)[] = [
      () => spans.searchSpans({ spansRequest: {} }),
      () => spans.aggregate({ aggregationRequest: { metric } }),
      () => spans.searchSpanEvaluations({ spanEvaluationsRequest: {} }),
      () => spans.searchLatestSpanEvaluations({ spanEvaluationsRequest: {} }),
      () => spans.listSpanFields(),
      () => spans.listSpanEvalFields(),
      () => spans.fetchSpanFieldOptions({ fieldName: 'name' }),
      () => spans.fetchSpanEvalFieldOptions({ fieldName: 'name' }),
      () => traces.search({ tracesRequest: {} }),
      () => traces.aggregate({ aggregationRequest: { metric } }),
      () => traces.getTraceFields(),
      () => traces.getTraceById({ traceId: 'a' }),
      () => traces.getTraceSpans({ traceId: 'a' }),
      () => traces.fetchOptions({ fieldName: 'name' }),
      () => traces.getSpanById({ traceId: 'a', spanId: 'b' }),
      () => logs.search({ logsRequest: {} }),
      () => logs.list(),
      () => logs.fetchOptions({ fieldName: 'name' }),
    ]
    for (const call of calls) await refuses(call(), 400, 'FEATURE_NOT_SUPPORTED')
  })
}

/** What came with 2.7. */
export function unsupportedPipelineTests({ client, test }: Context<Mistral270>): void {
  test('evaluation pipelines are refused by name', async () => {
    const { evaluations } = client().beta.observability
    const config = {
      name: 'pipeline',
      pipelineKind: 'moderation' as const,
      selectors: [],
      definition: { model: 'scripted-model' },
      enabled: false,
    }
    const pipelineConfigId = 'a'
    const calls: (() => Promise<unknown>)[] = [
      () => evaluations.createPipelineConfig(config),
      () => evaluations.listPipelineConfigs(),
      () => evaluations.getPipelineConfig({ pipelineConfigId }),
      () => evaluations.updatePipelineConfig({ pipelineConfigId, updatePipelineConfigRequest: config }),
      () => evaluations.deletePipelineConfig({ pipelineConfigId }),
    ]
    for (const call of calls) await refuses(call(), 400, 'FEATURE_NOT_SUPPORTED')
  })
}
