import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { testTemporal } from '@tramontane/testkit/test-temporal'
import { Mistral as Mistral264 } from 'mistralai-2.6.4'
import { Mistral as Mistral270 } from 'mistralai-2.7.0'
import { type AnyClient, type Context, testsOf } from './harness/context.ts'
import { Coverage, watchCalls, writeCoverage } from './harness/coverage.ts'
import { scriptedModel } from './harness/scripted-model.ts'
import { type ServerProcess, startServerProcess } from './harness/server-process.ts'
import { campaignTests } from './sdk/campaigns.ts'
import { conversationTests } from './sdk/conversations.ts'
import { datasetTests, explorerImportTests } from './sdk/datasets.ts'
import { executionTraceTests } from './sdk/execution-traces.ts'
import { executionTests } from './sdk/executions.ts'
import { explorerTests } from './sdk/explorer.ts'
import { fileTests } from './sdk/files.ts'
import { gatewayTests } from './sdk/gateway.ts'
import { judgeTests } from './sdk/judges.ts'
import { scheduleTests } from './sdk/schedules.ts'
import { unsupportedPipelineTests, unsupportedTests } from './sdk/unsupported.ts'
import { workflowEventTests } from './sdk/workflow-events.ts'
import { workflowTests } from './sdk/workflows.ts'

// One file for both versions: together they make COVERAGE.md.
describe('the official clients against a server started as a user starts it', () => {
  let server: ServerProcess
  let provider: ScriptedProvider
  const older = new Coverage('2.6.4')
  const newer = new Coverage('2.7.0')

  before(async () => {
    watchCalls([older, newer])
    provider = await startScriptedProvider(scriptedModel)
    server = await startServerProcess(provider.url, { temporalAddress: testTemporal() })
  })
  after(async () => {
    await server?.stop()
    await provider?.close()
    writeCoverage([older, newer])
  })

  const context = <Client>(coverage: Coverage, client: () => Client): Context<Client> => ({
    client,
    server: () => server,
    provider: () => provider,
    mark: `sdk ${coverage.version}`,
    test: testsOf(coverage),
  })

  const shared = (both: Context<AnyClient>) => {
    gatewayTests(both)
    fileTests(both)
    conversationTests(both)
    judgeTests(both)
    datasetTests(both)
    unsupportedTests(both)
    workflowEventTests(both)
    workflowTests(both)
    scheduleTests(both)
    executionTests(both)
    executionTraceTests(both)
  }

  describe('2.6.4', () => {
    const own = context(older, () => new Mistral264({ apiKey: server.key, serverURL: server.url }))
    shared(own)
    explorerTests(own)
    campaignTests(own)
    explorerImportTests(own)
    it('has called every operation that this server serves', () => assert.deepEqual(older.missing, []))
  })

  describe('2.7.0', () => {
    const own = context(newer, () => new Mistral270({ apiKey: server.key, serverURL: server.url }))
    shared(own)
    unsupportedPipelineTests(own)
    it('has called every operation that this server serves', () => assert.deepEqual(newer.missing, []))
  })
})
