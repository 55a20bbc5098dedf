import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  ended,
  GOOD,
  importQuestions,
  makeJudge,
  questionOf,
  startCampaign,
} from '@tramontane/testkit/campaign-scenario'
import { eventually } from '@tramontane/testkit/eventually'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { Mistral } from 'mistralai-2.6.4'

const base = '/v1/observability/datasets'

describe('imports from what the server has seen', () => {
  let provider: ScriptedProvider
  let server: TestServer
  let datasetId: string
  before(async () => {
    provider = await startScriptedProvider((request) => {
      const question = questionOf(request)
      if (Number.isNaN(question)) return 'Hello from the script.'
      return question === 2 ? { status: 400, body: { message: 'this one not' } } : GOOD
    })
    server = await startTestServer({ providerUrl: provider.url })
  })
  after(async () => {
    await server.close()
    await provider.close()
  })

  const sdk = () => new Mistral({ apiKey: server.key, serverURL: server.url }).beta.observability.datasets
  const makeDataset = async () => {
    datasetId = (await sdk().create({ name: 'of events', description: '' })).id
  }
  const finish = (taskId: string) =>
    eventually(async () => {
      const task = await sdk().fetchTask({ datasetId, taskId })
      return task.status === 'RUNNING' ? undefined : task
    })
  const records = async () => (await sdk().listRecords({ datasetId })).records.results ?? []

  it('takes conversations from the explorer, once each, or none if one is not there', async () => {
    await makeDataset()
    const tools = [{ type: 'function', function: { name: 'look_up' } }]
    const ids = await importQuestions(server, 'explored', 20, () => ({ enabled_tools: tools }))
    const task = await sdk().importFromExplorer({
      datasetId,
      importDatasetFromExplorerRequest: { completionEventIds: [ids[7]!, ids[3]!, ids[7]!] },
    })
    const done = await finish(task.id)
    assert.deepEqual([done.status, done.progress, done.message], ['COMPLETED', 100, '2 records imported'])
    const [first, second] = await records()
    assert.deepEqual(first!.payload, {
      messages: [
        { role: 'user', content: 'question 7.' },
        { role: 'assistant', content: 'An answer.' },
      ],
      tools,
    })
    assert.equal(first!.source, 'EXPLORER')
    assert.equal(first!.properties.event_id, ids[7])
    assert.deepEqual(first!.properties.metadata, { run: 'explored', n: '7' })
    assert.equal(second!.properties.event_id, ids[3])

    for (const unknown of ['no-uuid', crypto.randomUUID()]) {
      const { id } = await sdk().importFromExplorer({
        datasetId,
        importDatasetFromExplorerRequest: { completionEventIds: [ids[0]!, unknown] },
      })
      const failed = await finish(id)
      assert.equal(failed.status, 'FAILED')
      assert.match(failed.message!, new RegExp(unknown))
    }
    assert.equal((await records()).length, 2)
    const body = { completion_event_ids: Array(501).fill(ids[0]) }
    assert.equal(
      (await server.call('POST', `${base}/${datasetId}/imports/from-explorer`, { body })).status,
      422,
    )
  })

  it('takes what a campaign has judged, with what the judge said', async () => {
    await makeDataset()
    const ids = await importQuestions(server, 'judged', 40)
    const judgeId = await makeJudge(server)
    const campaignId = await startCampaign(server, 'judged', judgeId)
    await ended(server, campaignId)
    const task = await sdk().importFromCampaign({
      datasetId,
      importDatasetFromCampaignRequest: { campaignId },
    })
    const done = await finish(task.id)
    assert.equal(done.status, 'COMPLETED')
    assert.match(done.message!, /^39 records imported; left out: 1 event of the campaign/)
    const imported = await records()
    assert.equal(imported.length, 39)
    assert.deepEqual(
      imported.map(({ properties }) => properties.event_id),
      ids.toReversed().filter((_, index) => index !== 37),
    )
    const { judge_name, ...properties } = imported[0]!.properties
    assert.match(String(judge_name), /^Scenario judge/)
    assert.deepEqual(properties, {
      judge_id: judgeId,
      answer: 'good',
      analysis: 'It is right.',
      event_id: ids[39],
      campaign_id: campaignId,
    })
    for (const campaign_id of [crypto.randomUUID(), 'no-uuid']) {
      const refused = await server.call('POST', `${base}/${datasetId}/imports/from-campaign`, {
        body: { campaign_id },
      })
      assert.equal(refused.body.detail.error_code, 'CAMPAIGN_NOT_FOUND')
    }
  })

  it('takes conversations from the playground', async () => {
    await makeDataset()
    const started = await server.call('POST', '/v1/conversations', {
      body: { model: 'scripted-model', inputs: 'Hello?', instructions: 'Be short.' },
    })
    const conversation = started.body.conversation_id
    const task = await sdk().importFromPlayground({
      datasetId,
      importDatasetFromPlaygroundRequest: { conversationIds: [conversation] },
    })
    assert.equal((await finish(task.id)).status, 'COMPLETED')
    const [record] = await records()
    assert.equal(record!.source, 'PLAYGROUND')
    assert.deepEqual(record!.properties, { conversation_id: conversation })
    assert.deepEqual(record!.payload, {
      messages: [
        { role: 'system', content: 'Be short.' },
        { role: 'user', content: 'Hello?' },
        { role: 'assistant', content: 'Hello from the script.' },
      ],
    })
    const missing = await sdk().importFromPlayground({
      datasetId,
      importDatasetFromPlaygroundRequest: { conversationIds: [conversation, 'conv_none'] },
    })
    const failed = await finish(missing.id)
    assert.equal(failed.status, 'FAILED')
    assert.match(failed.message!, /conv_none/)
    assert.equal((await records()).length, 1)
  })
})
