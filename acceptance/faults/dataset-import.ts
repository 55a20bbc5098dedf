import assert from 'node:assert/strict'
import { eventually } from '@tramontane/testkit/eventually'
import type { Installation } from './installation.ts'
import type { Scenario } from './scenario.ts'

const RECORDS = 30_000
const BASE = '/v1/observability/datasets'

interface Task {
  readonly id: string
  readonly status: string
  readonly progress: number
}

async function upload(installation: Installation, round: string): Promise<string> {
  const lines = Array.from({ length: RECORDS }, (_, index) =>
    JSON.stringify({
      messages: [{ role: 'user', content: `Line ${index} of ${round} ${'x'.repeat(300)}` }],
      properties: { index },
    }),
  )
  const form = new FormData()
  form.set('purpose', 'evaluation')
  form.set('file', new Blob([lines.join('\n')]), 'records.jsonl')
  return (await installation.insist<{ id: string }>(200, 'POST', '/v1/files', form)).id
}

async function countRecords(installation: Installation, dataset: string): Promise<number> {
  const { records } = await installation.insist<{ records: { count: number; results: unknown[] } }>(
    200,
    'GET',
    `${BASE}/${dataset}/records?page_size=1`,
  )
  assert.equal(records.results.length, Math.min(records.count, 1), 'the count is not that of the records')
  return records.count
}

/** Waits for the import's end; until then no record is there, and progress never goes back. */
async function ended(installation: Installation, dataset: string, task: string): Promise<Task> {
  const seen: Task[] = []
  const early: number[] = []
  const last = await eventually(
    async () => {
      const count = await countRecords(installation, dataset)
      const now = await installation.insist<Task>(200, 'GET', `${BASE}/${dataset}/tasks/${task}`)
      seen.push(now)
      if (now.status === 'RUNNING') early.push(count)
      return now.status !== 'RUNNING' && now
    },
    { timeoutMs: 90_000, everyMs: 250 },
  )
  assert.ok(
    early.every((count) => count === 0),
    'records are there before the import is complete',
  )
  const progress = seen.map((each) => each.progress)
  assert.deepEqual(
    progress,
    progress.toSorted((a, b) => a - b),
    'progress went back',
  )
  return last
}

/** The numbers of the lines, as an export has them. */
async function exported(installation: Installation, dataset: string, round: string): Promise<number[]> {
  const { file_url: url } = await installation.insist<{ file_url: string }>(
    200,
    'GET',
    `${BASE}/${dataset}/exports/to-jsonl`,
  )
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) })
  assert.equal(response.status, 200)
  const lines = (await response.text()).trimEnd().split('\n')
  return lines.map((line) => {
    const { messages, properties } = JSON.parse(line)
    const isWhole = messages[0].content.startsWith(`Line ${properties.index} of ${round} xxx`)
    assert.ok(isWhole, `a line has another text than was imported: ${line}`)
    return properties.index
  })
}

/** An import that is running when the fault strikes: it completes by itself, each line a record, once and in order. */
export const datasetImport: Scenario = {
  name: 'dataset import',
  durationMs: 1_200,
  begin: async (installation, _provider, { name }) => {
    const file_id = await upload(installation, name)
    const { id: dataset } = await installation.insist<{ id: string }>(201, 'POST', BASE, {
      name: `Dataset ${name}`,
      description: 'Scripted',
    })
    const path = `${BASE}/${dataset}/imports/from-file`
    const task = await installation.insist<Task>(202, 'POST', path, { file_id })
    return async () => {
      const end = await ended(installation, dataset, task.id)
      assert.deepEqual([end.status, end.progress], ['COMPLETED', 100], JSON.stringify(end))
      assert.equal(await countRecords(installation, dataset), RECORDS)
      const indexes = await exported(installation, dataset, name)
      const wrong = indexes.findIndex((index, at) => index !== at)
      assert.equal(wrong, -1, `line ${wrong} of the export is record ${indexes[wrong]}`)
      assert.equal(indexes.length, RECORDS)
    }
  },
}
