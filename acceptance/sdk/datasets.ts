import assert from 'node:assert/strict'
import { eventually } from '@tramontane/testkit/eventually'
import type { Mistral as Mistral264 } from 'mistralai-2.6.4'
import { type AnyClient, type Context, refuses } from '../harness/context.ts'
import { ANALYSIS, ANSWER, BAD_WORD } from '../harness/scripted-model.ts'
import { runCampaign } from './campaigns.ts'
import { sendTraffic, where } from './explorer.ts'
import { verdictJudge } from './judges.ts'

const conversation = (answer: string) => ({
  messages: [
    { role: 'user', content: 'Help me.' },
    { role: 'assistant', content: answer },
  ],
})

/** Waits for an import task and returns the records of its dataset, oldest first. */
async function imported(client: AnyClient, datasetId: string, task: { id: string; status: string }) {
  const { datasets } = client.beta.observability
  assert.ok(['RUNNING', 'COMPLETED'].includes(task.status), task.status)
  const done = await eventually(async () => {
    const state = await datasets.fetchTask({ datasetId, taskId: task.id })
    return state.status === 'RUNNING' ? undefined : state
  })
  assert.equal(done.status, 'COMPLETED', done.message ?? '')
  assert.equal(done.progress, 100)
  const { records } = await datasets.listRecords({ datasetId, pageSize: 100 })
  return records.results ?? []
}

export function datasetTests({ client, mark, test }: Context<AnyClient>): void {
  const datasets = () => client().beta.observability.datasets
  const make = (name: string) => datasets().create({ name: `${mark} ${name}`, description: 'of the test' })

  test('datasets are made, found, changed and deleted', async () => {
    const made = await make('set')
    assert.equal(made.name, `${mark} set`)
    assert.equal(made.deletedAt, null)
    const listed = await datasets().list({ q: `${mark} set`, pageSize: 10, page: 1 })
    assert.equal(listed.datasets.count, 1)
    assert.deepEqual(
      listed.datasets.results?.map(({ id }) => id),
      [made.id],
    )
    const datasetId = made.id
    const updated = await datasets().update({ datasetId, updateDatasetRequest: { description: 'changed' } })
    assert.deepEqual([updated.name, updated.description], [made.name, 'changed'])
    assert.equal((await datasets().fetch({ datasetId })).description, 'changed')
    await datasets().delete({ datasetId })
    await refuses(datasets().fetch({ datasetId }), 404, 'DATASET_NOT_FOUND')
  })

  test('records are added, read, changed, judged and deleted', async () => {
    const { id: datasetId } = await make('records')
    const add = (answer: string) =>
      datasets().createRecord({
        datasetId,
        createDatasetRecordRequest: { payload: conversation(answer), properties: { answer } },
      })
    const record = await add('Gladly.')
    assert.equal(record.source, 'DIRECT_INPUT')
    assert.deepEqual(record.payload, conversation('Gladly.'))
    const others = [await add('Yes.'), await add('No.')]
    const { records } = await datasets().listRecords({ datasetId, pageSize: 2, page: 1 })
    assert.equal(records.count, 3)
    assert.equal(records.results?.length, 2)

    const datasetRecordId = record.id
    await datasets().records.updatePayload({
      datasetRecordId,
      updateDatasetRecordPayloadRequest: { payload: conversation(BAD_WORD) },
    })
    await datasets().records.updateProperties({
      datasetRecordId,
      updateDatasetRecordPropertiesRequest: { properties: { reviewed: true } },
    })
    const changed = await datasets().records.fetch({ datasetRecordId })
    assert.deepEqual(changed.payload, conversation(BAD_WORD))
    assert.deepEqual(changed.properties, { reviewed: true })
    const judged = await datasets().records.judge({
      datasetRecordId,
      judgeDatasetRecordRequest: { judgeDefinition: verdictJudge('never saved') },
    })
    assert.deepEqual(judged, { analysis: ANALYSIS, answer: 'bad' })

    await datasets().records.delete({ datasetRecordId })
    await refuses(datasets().records.fetch({ datasetRecordId }), 404, 'DATASET_RECORD_NOT_FOUND')
    await datasets().records.bulkDelete({ datasetRecordIds: others.map(({ id }) => id) })
    assert.equal((await datasets().listRecords({ datasetId })).records.count, 0)
  })

  test('records are imported from a file, conversations and another dataset, and exported', async () => {
    const { id: datasetId } = await make('imports')
    const lines = [
      { ...conversation('one'), properties: { line: 1 } },
      { ...conversation('two'), properties: { line: 2 } },
    ]
    const content = new TextEncoder().encode(lines.map((line) => JSON.stringify(line)).join('\n'))
    const file = await client().files.upload({ file: { fileName: `${mark} import.jsonl`, content } })
    const fromFile = await datasets().importFromFile({
      datasetId,
      importDatasetFromFileRequest: { fileId: file.id },
    })
    const first = await imported(client(), datasetId, fromFile)
    assert.equal(first.length, 2)
    assert.ok(first.every(({ source }) => source === 'UPLOADED_FILE'))
    assert.deepEqual(first.map(({ properties }) => properties.line).sort(), [1, 2])

    const { conversationId } = await client().beta.conversations.start({
      model: 'scripted-model',
      inputs: 'From the playground?',
    })
    const fromPlayground = await datasets().importFromPlayground({
      datasetId,
      importDatasetFromPlaygroundRequest: { conversationIds: [conversationId] },
    })
    const second = await imported(client(), datasetId, fromPlayground)
    const played = second.find(({ source }) => source === 'PLAYGROUND')
    assert.deepEqual(
      played?.payload.messages.map(({ content }: { content: string }) => content),
      ['From the playground?', ANSWER],
    )

    const { id: copyId } = await make('copy')
    const fromDataset = await datasets().importFromDatasetRecords({
      datasetId: copyId,
      importDatasetFromDatasetRequest: { datasetRecordIds: first.map(({ id }) => id) },
    })
    const copied = await imported(client(), copyId, fromDataset)
    assert.deepEqual(copied.map(({ payload }) => payload.messages[1].content).sort(), ['one', 'two'])
    const { tasks } = await datasets().listTasks({ datasetId, pageSize: 10, page: 1 })
    assert.deepEqual(tasks.results?.map(({ id }) => id).sort(), [fromFile.id, fromPlayground.id].sort())

    const { fileUrl } = await datasets().exportToJsonl({ datasetId })
    const exported = await fetch(fileUrl)
    assert.equal(exported.status, 200)
    const records = (await exported.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.equal(records.length, 3)
  })
}

/** Imports that only clients before 2.7 have. */
export function explorerImportTests({ client, mark, test }: Context<Mistral264>): void {
  test('records are imported from events and from a campaign', async () => {
    const name = `${mark} imports`
    const { datasets, chatCompletionEvents } = client().beta.observability
    await sendTraffic(client(), name, ['A question', `An ${BAD_WORD} question`])
    const { completionEventIds } = await chatCompletionEvents.searchIds({
      searchParams: { filters: where('metadata.mark', 'eq', name) },
    })
    const { id: datasetId } = await datasets.create({ name, description: 'events and verdicts' })
    const fromExplorer = await datasets.importFromExplorer({
      datasetId,
      importDatasetFromExplorerRequest: { completionEventIds },
    })
    const events = await imported(client(), datasetId, fromExplorer)
    assert.equal(events.length, 2)
    assert.ok(events.every(({ source }) => source === 'EXPLORER'))
    assert.deepEqual(
      events.map(({ payload }) => payload.messages.at(-1).content),
      [ANSWER, ANSWER],
    )

    const { id: campaignId } = await runCampaign(client(), name)
    const { id: verdictsId } = await datasets.create({
      name: `${mark} verdicts`,
      description: 'of a campaign',
    })
    const fromCampaign = await datasets.importFromCampaign({
      datasetId: verdictsId,
      importDatasetFromCampaignRequest: { campaignId },
    })
    const verdicts = await imported(client(), verdictsId, fromCampaign)
    const answers = verdicts.map(({ properties }) => JSON.stringify(properties))
    assert.equal(answers.filter((text) => text.includes('"good"')).length, 1)
    assert.equal(answers.filter((text) => text.includes('"bad"')).length, 1)
  })
}
