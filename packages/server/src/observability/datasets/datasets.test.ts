import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { Mistral } from 'mistralai-2.6.4'
import { Mistral as NewerMistral } from 'mistralai-2.7.0'
import pg from 'pg'

const path = '/v1/observability/datasets'
const messages = [
  { role: 'user', content: 'What is the mistral?' },
  { role: 'assistant', content: 'A wind.' },
]

describe('datasets', () => {
  let server: TestServer
  let database: pg.Client
  let provider: Awaited<ReturnType<typeof startScriptedProvider>>
  before(async () => {
    provider = await startScriptedProvider()
    server = await startTestServer({ providerUrl: provider.url })
    database = new pg.Client({ connectionString: server.databaseUrl })
    await database.connect()
  })
  after(async () => {
    await database.end()
    await server.close()
    await provider.close()
  })

  const make = async (name = 'a dataset', key?: string) =>
    (await server.call('POST', path, { body: { name, description: 'of tests' }, ...(key ? { key } : {}) }))
      .body.id as string
  const add = (dataset: string, body: unknown = { payload: { messages }, properties: {} }) =>
    server.call('POST', `${path}/${dataset}/records`, { body })

  for (const [version, client] of [
    ['2.6.4', () => new Mistral({ apiKey: server.key, serverURL: server.url })],
    ['2.7.0', () => new NewerMistral({ apiKey: server.key, serverURL: server.url })],
  ] as const) {
    it(`goes round through the official client ${version}`, async () => {
      const { datasets } = client().beta.observability
      const made = await datasets.create({ name: `round ${version}`, description: 'x' })
      assert.equal(made.name, `round ${version}`)
      assert.equal(made.deletedAt, null)
      const datasetId = made.id
      assert.deepEqual(await datasets.fetch({ datasetId }), made)
      const listed = await datasets.list({ q: `ROUND ${version}` })
      assert.deepEqual(listed.datasets.results, [made])
      assert.equal(listed.datasets.count, 1)

      const unchanged = await datasets.update({ datasetId, updateDatasetRequest: {} })
      assert.deepEqual(unchanged, made)
      const updated = await datasets.update({ datasetId, updateDatasetRequest: { description: 'y' } })
      assert.equal(updated.description, 'y')
      assert.equal(updated.name, made.name)
      assert.ok(updated.updatedAt > made.updatedAt)

      const record = await datasets.createRecord({
        datasetId,
        createDatasetRecordRequest: { payload: { messages, topic: 'winds' }, properties: { good: true } },
      })
      assert.equal(record.source, 'DIRECT_INPUT')
      assert.deepEqual(record.payload, { messages, topic: 'winds' })
      const datasetRecordId = record.id
      await datasets.records.updatePayload({
        datasetRecordId,
        updateDatasetRecordPayloadRequest: { payload: { messages: [] } },
      })
      await datasets.records.updateProperties({
        datasetRecordId,
        updateDatasetRecordPropertiesRequest: { properties: { good: false } },
      })
      const changed = await datasets.records.fetch({ datasetRecordId })
      assert.deepEqual([changed.payload, changed.properties], [{ messages: [] }, { good: false }])
      assert.ok(changed.updatedAt > changed.createdAt)

      const { records } = await datasets.listRecords({ datasetId })
      assert.deepEqual(records.results, [changed])
      await datasets.records.delete({ datasetRecordId })
      await assert.rejects(datasets.records.fetch({ datasetRecordId }), /No dataset record has the id/)
      assert.equal((await datasets.listRecords({ datasetId })).records.count, 0)

      await datasets.delete({ datasetId })
      await assert.rejects(datasets.fetch({ datasetId }), /No dataset has the id/)
      await eventually(
        async () => (await database.query('select from datasets where id = $1', [datasetId])).rowCount === 0,
      )
    })
  }

  it('answers a placeholder that is no conversation with 422, and keeps nothing', async () => {
    const id = await make()
    for (const body of [
      { payload: { messages: [[null]] }, properties: [null] },
      { payload: { messages: [[null]] }, properties: {} },
      { payload: { messages }, properties: [null] },
      { payload: {}, properties: {} },
    ])
      assert.equal((await add(id, body)).status, 422, JSON.stringify(body))
    assert.equal((await server.call('GET', `${path}/${id}/records`)).body.records.count, 0)
    for (const body of [
      { name: 'four', description: '' },
      { name: 'x'.repeat(51), description: '' },
      { name: 'long enough', description: 'x'.repeat(201) },
      { name: 'with a \0', description: '' },
      { name: 'long enough' },
    ])
      assert.equal((await server.call('POST', path, { body })).status, 422, JSON.stringify(body))
    assert.equal((await server.call('PATCH', `${path}/${id}`, { body: { name: 'four' } })).status, 422)
    assert.equal((await server.call('GET', `${path}?q=%00`)).status, 422)
  })

  it('takes a record without properties, which the official clients may leave out', async () => {
    const made = await add(await make(), { payload: { messages } })
    assert.equal(made.status, 201)
    assert.deepEqual(made.body.properties, {})
  })

  it("keeps the user's own text: order of keys, numbers, escapes", async () => {
    const id = await make()
    const payload =
      '{"9":1.0,"1":12345678901234567890,"messages":[{"content":"\\u0000 \\ud800","n":1e400}],"__proto__":{"a":1}}'
    const properties = '{"b":0.10,"a":-0}'
    const raw = await fetch(`${server.url}${path}/${id}/records`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
      body: `{\n  "properties": ${properties},\n  "payload": ${payload}\n}`,
    })
    assert.equal(raw.status, 201)
    const text = await raw.text()
    assert.ok(text.includes(`"payload":${payload},"properties":${properties}`), text)
    const { id: recordId } = JSON.parse(text)
    const get = async (target: string) =>
      (await fetch(server.url + target, { headers: { authorization: `Bearer ${server.key}` } })).text()
    assert.equal(await get(`/v1/observability/dataset-records/${recordId}`), text)
    assert.ok((await get(`${path}/${id}/records`)).includes(text))

    const { file_url } = (await server.call('GET', `${path}/${id}/exports/to-jsonl`)).body
    assert.equal(
      await (await fetch(file_url)).text(),
      `${payload.slice(0, -1)},"properties":${properties}}\n`,
    )
  })

  it('pages records in the order in which they were added, with links that lead on', async () => {
    const id = await make()
    for (let number = 0; number < 5; number++)
      await add(id, { payload: { messages: [] }, properties: { number } })
    const seen: number[] = []
    let target: string | null = `${path}/${id}/records?page_size=2`
    while (target) {
      const { body } = await server.call('GET', target)
      assert.equal(body.records.count, 5)
      seen.push(
        ...body.records.results.map((record: { properties: { number: number } }) => record.properties.number),
      )
      if (seen.length > 2) assert.ok(body.records.previous.startsWith(server.url))
      target = body.records.next
    }
    assert.deepEqual(seen, [0, 1, 2, 3, 4])
    const none = (await server.call('GET', `${path}/${id}/records?page_size=0`)).body.records
    assert.deepEqual([none.results, none.count, none.next], [[], 5, null])
    assert.deepEqual((await server.call('GET', `${path}/${id}/records?page=9`)).body.records.results, [])
    assert.equal((await server.call('GET', `${path}/${id}/records?page=0`)).status, 422)
    assert.equal((await server.call('GET', `${path}/${id}/records?page_size=101`)).status, 422)
  })

  it('deletes many records, all or none', async () => {
    const id = await make()
    const ids: string[] = []
    for (let number = 0; number < 3; number++) ids.push((await add(id)).body.id)
    const bulk = (dataset_record_ids: string[]) =>
      server.call('POST', '/v1/observability/dataset-records/bulk-delete', { body: { dataset_record_ids } })
    const unknown = crypto.randomUUID()
    const refused = await bulk([ids[0]!, unknown])
    assert.equal(refused.status, 404)
    assert.match(refused.body.detail.message, new RegExp(unknown))
    assert.equal((await bulk([])).status, 422)
    assert.equal((await bulk(Array(501).fill(unknown))).status, 422)
    assert.equal((await server.call('GET', `${path}/${id}/records`)).body.records.count, 3)
    assert.equal((await bulk([ids[0]!, ids[2]!.toUpperCase(), ids[0]!])).status, 204)
    const left = (await server.call('GET', `${path}/${id}/records`)).body.records
    assert.deepEqual([left.count, left.results[0].id], [1, ids[1]])
  })

  it('adds a record or answers 404 while its dataset is being deleted', async () => {
    for (let attempt = 0; attempt < 10; attempt++) {
      const id = await make()
      const adding = Array.from({ length: 8 }, () => add(id, { payload: { messages } }))
      const deleted = await server.call('DELETE', `${path}/${id}`)
      assert.equal(deleted.status, 204)
      for (const { status, body } of await Promise.all(adding)) {
        assert.ok(status === 201 || status === 404, JSON.stringify(body))
        if (status === 404) assert.equal(body.detail.error_code, 'DATASET_NOT_FOUND')
      }
      assert.equal((await add(id, { payload: { messages } })).status, 404)
    }
  })

  it('judges a record at once', async () => {
    provider.script((request) => {
      assert.match(JSON.stringify(request.body.messages), /A wind/)
      return JSON.stringify({ analysis: 'short and right', answer: 'good' })
    })
    const id = await make()
    const record = (await add(id)).body.id
    const { datasets } = new Mistral({ apiKey: server.key, serverURL: server.url }).beta.observability
    const output = await datasets.records.judge({
      datasetRecordId: record,
      judgeDatasetRecordRequest: {
        judgeDefinition: {
          name: 'a judge',
          description: '',
          modelName: 'mistral-small-latest',
          output: {
            type: 'CLASSIFICATION',
            options: [
              { value: 'good', description: '' },
              { value: 'bad', description: '' },
            ],
          },
          instructions: 'Is {{ assistant_message }} right?',
          tools: [],
        },
      },
    })
    assert.deepEqual(output, { analysis: 'short and right', answer: 'good' })
  })

  it('shows nothing of another workspace', async () => {
    const id = await make()
    const record = (await add(id)).body.id
    const key = await server.makeKey('admin', 'a foreign team')
    const recordPath = `/v1/observability/dataset-records/${record}`
    const body = { payload: { messages }, properties: {} }
    for (const [method, target, code, sent] of [
      ['GET', `${path}/${id}`, 'DATASET_NOT_FOUND'],
      ['PATCH', `${path}/${id}`, 'DATASET_NOT_FOUND', { name: 'stolen' }],
      ['DELETE', `${path}/${id}`, 'DATASET_NOT_FOUND'],
      ['GET', `${path}/${id}/records`, 'DATASET_NOT_FOUND'],
      ['POST', `${path}/${id}/records`, 'DATASET_NOT_FOUND', body],
      ['GET', `${path}/${id}/tasks`, 'DATASET_NOT_FOUND'],
      ['GET', `${path}/${id}/exports/to-jsonl`, 'DATASET_NOT_FOUND'],
      ['POST', `${path}/${id}/imports/from-dataset`, 'DATASET_NOT_FOUND', { dataset_record_ids: [record] }],
      ['GET', recordPath, 'DATASET_RECORD_NOT_FOUND'],
      ['DELETE', recordPath, 'DATASET_RECORD_NOT_FOUND'],
      ['PUT', `${recordPath}/payload`, 'DATASET_RECORD_NOT_FOUND', { payload: { messages } }],
      ['PUT', `${recordPath}/properties`, 'DATASET_RECORD_NOT_FOUND', { properties: {} }],
    ] as const) {
      const answer = await server.call(method, target, { key, body: sent })
      assert.equal(answer.status, 404, `${method} ${target}`)
      assert.equal(answer.body.detail.error_code, code)
      const nonsense = await server.call(method, target.replace(id, 'no-uuid').replace(record, 'no-uuid'), {
        body: sent,
      })
      assert.equal(nonsense.status, 404, `${method} ${target} with an id that is none`)
    }
    assert.equal((await server.call('GET', path, { key })).body.datasets.count, 0)
    assert.equal((await server.call('GET', recordPath)).status, 200)
  })
})
