import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { eventually } from '@tramontane/testkit/eventually'
import { freePort } from '@tramontane/testkit/free-port'
import { createTestDatabase } from '@tramontane/testkit/test-database'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { Mistral } from 'mistralai-2.6.4'
import pg from 'pg'

const base = '/v1/observability/datasets'

interface Target {
  readonly url: string
  readonly key: string
}

async function call(target: Target, method: string, path: string, body?: unknown) {
  const response = await fetch(target.url + path, {
    method,
    headers: {
      authorization: `Bearer ${target.key}`,
      ...(body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined || body instanceof FormData ? body : JSON.stringify(body),
  })
  const text = await response.text()
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}

async function upload(target: Target, content: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const form = new FormData()
  form.append('file', new Blob([content]), 'records.jsonl')
  return (await call(target, 'POST', '/v1/files', form)).id
}

async function makeDataset(target: Target): Promise<string> {
  return (await call(target, 'POST', base, { name: 'imported', description: '' })).id
}

async function finish(target: Target, dataset: string, task: string, timeoutMs = 60_000) {
  return eventually(
    async () => {
      const now = await call(target, 'GET', `${base}/${dataset}/tasks/${task}`)
      return now.status !== 'RUNNING' && now
    },
    { timeoutMs },
  )
}

async function importFile(target: Target, dataset: string, content: string | Uint8Array<ArrayBuffer>) {
  const file_id = await upload(target, content)
  const task = await call(target, 'POST', `${base}/${dataset}/imports/from-file`, { file_id })
  assert.equal(task.status, 'RUNNING')
  return finish(target, dataset, task.id)
}

async function recordsOf(target: Target, dataset: string) {
  return (await call(target, 'GET', `${base}/${dataset}/records?page_size=100`)).records
}

describe('imports', () => {
  let server: TestServer
  let database: pg.Client
  before(async () => {
    server = await startTestServer()
    database = new pg.Client({ connectionString: server.databaseUrl })
    await database.connect()
  })
  after(async () => {
    await database.end()
    await server.close()
  })

  it('reads a file with whatever line breaks it has, and exports it again', async () => {
    const dataset = await makeDataset(server)
    const task = await importFile(
      server,
      dataset,
      '\ufeff{"messages":[],"properties":{"n":1}}\r\n\r\n  \n{"messages":[{"role":"user"}],"more":1.0}\n{"payload":{"messages":[],"properties":2}}',
    )
    assert.deepEqual([task.status, task.progress, task.message], ['COMPLETED', 100, '3 records imported'])
    const { results, count } = await recordsOf(server, dataset)
    assert.equal(count, 3)
    assert.deepEqual(
      results.map(({ payload, properties, source }: Record<string, unknown>) => [
        payload,
        properties,
        source,
      ]),
      [
        [{ messages: [] }, { n: 1 }, 'UPLOADED_FILE'],
        [{ messages: [{ role: 'user' }], more: 1 }, {}, 'UPLOADED_FILE'],
        [{ messages: [], properties: 2 }, {}, 'UPLOADED_FILE'],
      ],
    )
    const { file_url } = await call(server, 'GET', `${base}/${dataset}/exports/to-jsonl`)
    const exported = await (await fetch(file_url)).text()
    assert.equal(
      exported,
      '{"messages":[],"properties":{"n":1}}\n{"messages":[{"role":"user"}],"more":1.0,"properties":{}}\n{"payload":{"messages":[],"properties":2},"properties":{}}\n',
    )
    const again = await makeDataset(server)
    await importFile(server, again, exported)
    const second = await call(server, 'GET', `${base}/${again}/exports/to-jsonl`)
    assert.equal(await (await fetch(second.file_url)).text(), exported)
    const listed = (await call(server, 'GET', '/v1/files?source=mistral')).data
    assert.deepEqual([listed[0].filename, listed[0].num_lines], ['imported.jsonl', 3])
  })

  it('leaves nothing of a file with a bad line, and names the line', async () => {
    const good = '{"messages":[]}\n'
    for (const [bad, reason] of [
      ['{"messages":[}', /Line 3001 is no record: it is not JSON/],
      ['{"messages":[[null]]}', /Line 3001 is no record: `messages.0` is not an object/],
      [Buffer.from([0x7b, 0xff, 0x7d]), /Line 3001 is not UTF-8/],
      ['{"messages":[{"content":"\0"}]}', /Line 3001 is no record: it is not JSON/],
      [`{"messages":[{"content":"${'x'.repeat(9 << 20)}"}]}`, /Line 3001 is longer than/],
    ] as const) {
      const dataset = await makeDataset(server)
      const content = Buffer.concat([
        Buffer.from(good.repeat(3000)),
        Buffer.from(bad),
        Buffer.from(`\n${good}`),
      ])
      const task = await importFile(server, dataset, content)
      assert.equal(task.status, 'FAILED')
      assert.match(task.message, reason)
      const { count, results } = await recordsOf(server, dataset)
      assert.deepEqual([count, results], [0, []])
      await eventually(
        async () =>
          (await database.query('select from dataset_records where dataset_id = $1', [dataset])).rowCount ===
          0,
      )
    }
  })

  it('refuses a file that is not there, at once, and lists the tasks of a dataset', async () => {
    const dataset = await makeDataset(server)
    for (const file_id of [crypto.randomUUID(), 'no-uuid']) {
      const answer = await server.call('POST', `${base}/${dataset}/imports/from-file`, { body: { file_id } })
      assert.equal(answer.body.detail.error_code, 'FILE_NOT_FOUND')
    }
    const first = await importFile(server, dataset, '')
    const second = await importFile(server, dataset, '{"messages":[]}')
    const { tasks } = await call(server, 'GET', `${base}/${dataset}/tasks?page_size=1`)
    assert.equal(tasks.count, 2)
    assert.equal(tasks.results[0].id, second.id)
    const next = await server.call('GET', tasks.next)
    assert.equal(next.body.tasks.results[0].id, first.id)
    const other = await makeDataset(server)
    const foreign = await server.call('GET', `${base}/${other}/tasks/${first.id}`)
    assert.equal(foreign.body.detail.error_code, 'DATASET_TASK_NOT_FOUND')
  })

  it('copies records of other datasets through the official client, in the order asked for', async () => {
    const { datasets } = new Mistral({ apiKey: server.key, serverURL: server.url }).beta.observability
    const [from, datasetId] = [await makeDataset(server), await makeDataset(server)]
    await importFile(
      server,
      from,
      [3, 1, 2].map((n) => `{"messages":[],"properties":{"n":${n}.0}}`).join('\n'),
    )
    const ids = (await recordsOf(server, from)).results.map(({ id }: { id: string }) => id)
    const task = await datasets.importFromDatasetRecords({
      datasetId,
      importDatasetFromDatasetRequest: { datasetRecordIds: [ids[2], ids[0], ids[0]] },
    })
    assert.equal(task.status, 'RUNNING')
    assert.equal(task.datasetId, datasetId)
    await finish(server, datasetId, task.id)
    const done = await datasets.fetchTask({ datasetId, taskId: task.id })
    assert.deepEqual([done.status, done.progress], ['COMPLETED', 100])
    const { results } = await recordsOf(server, datasetId)
    assert.deepEqual(
      results.map((record: { properties: unknown }) => record.properties),
      [{ n: 2 }, { n: 3 }],
    )

    const missing = crypto.randomUUID()
    const failed = await datasets.importFromDatasetRecords({
      datasetId,
      importDatasetFromDatasetRequest: { datasetRecordIds: [ids[0], missing] },
    })
    const end = await finish(server, datasetId, failed.id)
    assert.equal(end.status, 'FAILED')
    assert.match(end.message, new RegExp(missing))
    assert.equal((await recordsOf(server, datasetId)).count, 2)
    const refused = await server.call('POST', `${base}/${datasetId}/imports/from-dataset`, {
      body: { dataset_record_ids: [] },
    })
    assert.equal(refused.status, 422)
  })

  it('hides the records of an import that is still at work, from every operation', async () => {
    const dataset = await makeDataset(server)
    await importFile(server, dataset, '{"messages":[]}\n{"messages":[]}')
    const [record] = (await recordsOf(server, dataset)).results
    await database.query('update dataset_import_tasks set staged = true where dataset_id = $1', [dataset])
    assert.deepEqual((await recordsOf(server, dataset)).results, [])
    const target = `/v1/observability/dataset-records/${record.id}`
    for (const [method, suffix, body] of [
      ['GET', ''],
      ['DELETE', ''],
      ['PUT', '/payload', { payload: { messages: [] } }],
      ['PUT', '/properties', { properties: {} }],
    ] as const)
      assert.equal((await server.call(method, target + suffix, { body })).status, 404, `${method} ${suffix}`)
    const { file_url } = await call(server, 'GET', `${base}/${dataset}/exports/to-jsonl`)
    assert.equal(await (await fetch(file_url)).text(), '')
  })

  it('stops the import of a dataset that is deleted, and removes all of it', async () => {
    const dataset = await makeDataset(server)
    const file_id = await upload(server, '{"messages":[]}\n'.repeat(60_000))
    await call(server, 'POST', `${base}/${dataset}/imports/from-file`, { file_id })
    await eventually(
      async () =>
        (await database.query('select from dataset_records where dataset_id = $1', [dataset])).rowCount! > 0,
    )
    await call(server, 'DELETE', `${base}/${dataset}`)
    assert.equal((await server.call('GET', `${base}/${dataset}`)).status, 404)
    await eventually(async () => (await database.query('select from work')).rowCount === 0)
    for (const table of ['dataset_records', 'dataset_import_tasks'])
      assert.equal(
        (await database.query(`select from ${table} where dataset_id = $1`, [dataset])).rowCount,
        0,
      )
    assert.equal((await database.query('select from datasets where id = $1', [dataset])).rowCount, 0)
  })

  it('goes on where it was when the server is stopped in the middle', async () => {
    const dataset = await makeDataset(server)
    const lines = 30_000
    const file_id = await upload(
      server,
      Array.from(
        { length: lines },
        (_, n) => `{"messages":[{"content":"${'x'.repeat(300)}"}],"properties":{"n":${n}}}`,
      ).join('\n'),
    )
    const { id } = await call(server, 'POST', `${base}/${dataset}/imports/from-file`, { file_id })
    await eventually(async () => (await call(server, 'GET', `${base}/${dataset}/tasks/${id}`)).progress > 5)
    await server.restart()
    const task = await finish(server, dataset, id)
    assert.deepEqual([task.status, task.message], ['COMPLETED', `${lines} records imported`])
    await assertExact(server, dataset, lines)
  })
})

/** The export holds each line once, in order. */
async function assertExact(target: Target, dataset: string, lines: number): Promise<void> {
  assert.equal((await recordsOf(target, dataset)).count, lines)
  const { file_url } = await call(target, 'GET', `${base}/${dataset}/exports/to-jsonl`)
  const exported = (await (await fetch(file_url)).text()).trimEnd().split('\n')
  assert.equal(exported.length, lines)
  const inOrder = exported.every((line, n) => JSON.parse(line).properties.n === n)
  assert.ok(inOrder, 'every line once, in order')
}

describe('an import whose server is killed', () => {
  it('is completed by the next one within 15 s, with nothing doubled or lost', async () => {
    const database = await createTestDatabase()
    const dataDir = await mkdtemp(path.join(tmpdir(), 'tramontane-test-'))
    const port = await freePort()
    const target = { url: `http://127.0.0.1:${port}`, key: 'tmt_killed_server_0123456789' }
    const main = fileURLToPath(new URL('../../main.ts', import.meta.url))
    let server: ChildProcess | undefined
    const start = async () => {
      server = spawn(process.execPath, ['--conditions=tramontane-source', main], {
        env: {
          ...process.env,
          TRAMONTANE_PORT: String(port),
          TRAMONTANE_DATA_DIR: dataDir,
          TRAMONTANE_DATABASE_URL: database.url,
          TRAMONTANE_API_KEY: target.key,
          TRAMONTANE_LOG_LEVEL: 'silent',
        },
        stdio: 'ignore',
      })
      await eventually(async () => (await fetch(`${target.url}/readyz`)).ok, { timeoutMs: 60_000 })
    }
    const kill = async () => {
      server!.kill('SIGKILL')
      await once(server!, 'exit')
    }
    try {
      await start()
      const lines = 40_000
      const dataset = await makeDataset(target)
      const file_id = await upload(
        target,
        Array.from(
          { length: lines },
          (_, n) => `{"messages":[{"content":"${'x'.repeat(500)}"}],"properties":{"n":${n}}}`,
        ).join('\n'),
      )
      const { id } = await call(target, 'POST', `${base}/${dataset}/imports/from-file`, { file_id })
      const progress = async () => (await call(target, 'GET', `${base}/${dataset}/tasks/${id}`)).progress
      await eventually(async () => (await progress()) > 5)
      await kill()
      await start()
      const reached = await progress()
      assert.ok(reached > 0 && reached < 100, `killed in the middle, at ${reached}`)
      assert.equal((await recordsOf(target, dataset)).count, 0)
      const task = await finish(target, dataset, id)
      assert.deepEqual([task.status, task.progress], ['COMPLETED', 100])
      await assertExact(target, dataset, lines)
    } finally {
      if (server?.exitCode === null && server.signalCode === null) await kill()
      await database.drop()
      await rm(dataDir, { recursive: true, force: true })
    }
  })
})
