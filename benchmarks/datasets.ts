import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, createWriteStream, openAsBlob } from 'node:fs'
import { chmod, mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { startManagedPostgres } from '@tramontane/server/platform/database/managed-postgres'
import { eventually } from '@tramontane/testkit/eventually'
import { freePort } from '@tramontane/testkit/free-port'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { pino } from 'pino'
import { atLeast, atMost, median, type Row } from './row.ts'
import { startFlags } from './start-flags.ts'

const SIZES = [20_000, 100_000]
const ROUNDS = 3
/** Percent of the speed of COPY, and how much more memory five times the size may take. */
const SPEED = 60
const MEMORY = 1.3
const KEY = 'tmt_benchmark_key_0123456789'
const BASE = '/v1/observability/datasets'
const WORDS =
  'wind north cold valley mountain sky clear sea sail stone olive road dust winter window river'.split(' ')

/** About 3 KB of text that compresses as text does. */
function line(number: number): string {
  let seed = number + 1
  const text = (words: number) =>
    Array.from({ length: words }, () => {
      seed = (seed * 48_271) % 2_147_483_647
      return WORDS[seed % WORDS.length]! + (seed % 97)
    }).join(' ')
  const messages = [
    { role: 'user', content: text(150) },
    { role: 'assistant', content: text(230) },
  ]
  return `${JSON.stringify({ messages, properties: { number, topic: text(2) } })}\n`
}

async function writeLines(file: string, count: number): Promise<void> {
  const handle = await open(file, 'w')
  for (let first = 0; first < count; first += 1_000)
    await handle.write(Array.from({ length: 1_000 }, (_, index) => line(first + index)).join(''))
  await handle.close()
}

/** A server in a process of its own, whose memory is watched. */
class BenchServer {
  readonly url: string
  readonly #process: ChildProcess
  readonly #watch: NodeJS.Timeout
  /** Largest resident size that was seen, in MB. */
  peak = 0

  constructor(url: string, process: ChildProcess) {
    this.url = url
    this.#process = process
    this.#watch = setInterval(() => {
      execFile('ps', ['-o', 'rss=', '-p', String(process.pid)], (_error, kilobytes) => {
        this.peak = Math.max(this.peak, Number(kilobytes) / 1024)
      })
    }, 500)
  }

  static async start(databaseUrl: string, dataDir: string): Promise<BenchServer> {
    const port = await freePort()
    const main = path.join(import.meta.dirname, '../packages/server/src/main.ts')
    const child = spawn(process.execPath, ['--conditions=tramontane-source', ...startFlags, main], {
      stdio: 'ignore',
      env: {
        PATH: process.env.PATH,
        TRAMONTANE_TEMPORAL_ADDRESS: 'none',
        TRAMONTANE_PORT: String(port),
        TRAMONTANE_DATA_DIR: dataDir,
        TRAMONTANE_DATABASE_URL: databaseUrl,
        TRAMONTANE_API_KEY: KEY,
        TRAMONTANE_LOG_LEVEL: 'warn',
      },
    })
    const url = `http://127.0.0.1:${port}`
    await eventually(async () => (await fetch(`${url}/readyz`)).ok, { timeoutMs: 60_000 })
    return new BenchServer(url, child)
  }

  async call(method: string, target: string, body?: unknown): Promise<Record<string, unknown>> {
    const isForm = body instanceof FormData
    const response = await fetch(this.url + target, {
      method,
      headers: {
        authorization: `Bearer ${KEY}`,
        ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined || isForm ? body : JSON.stringify(body),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${target}: ${response.status} ${text}`)
    return text === '' ? {} : JSON.parse(text)
  }

  async stop(): Promise<void> {
    clearInterval(this.#watch)
    this.#process.kill('SIGTERM')
    if (this.#process.exitCode === null) await once(this.#process, 'exit')
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1_000
}

/** Imports a file through the API. @returns the dataset, and the seconds from the request to the end of the task */
async function importFile(server: BenchServer, fileId: string): Promise<{ dataset: string; took: number }> {
  const { id: dataset } = await server.call('POST', BASE, { name: 'benchmark', description: '' })
  const task = await server.call('POST', `${BASE}/${dataset}/imports/from-file`, { file_id: fileId })
  const end = await eventually(
    async () => {
      const now = await server.call('GET', `${BASE}/${dataset}/tasks/${task.id}`)
      return now.status === 'RUNNING' ? undefined : now
    },
    { timeoutMs: 300_000, everyMs: 100 },
  )
  if (end.status !== 'COMPLETED') throw new Error(String(end.message))
  const took = (Date.parse(String(end.updated_at)) - Date.parse(String(end.created_at))) / 1_000
  return { dataset: String(dataset), took }
}

/** Deletes a dataset and waits until its rows are gone, so that the next round finds what this one found. */
async function remove(server: BenchServer, database: pg.Client, dataset: string): Promise<void> {
  await server.call('DELETE', `${BASE}/${dataset}`)
  await eventually(async () => (await database.query('select from work')).rowCount === 0, {
    timeoutMs: 120_000,
  })
  await database.query('vacuum dataset_records')
}

interface Measured {
  readonly importShare: number
  readonly exportShare: number
  readonly importRate: number
  readonly exportRate: number
  readonly peak: number
}

/** One size: import and export through the API, and the same rows by COPY, in turn. */
async function measure(
  server: BenchServer,
  database: pg.Client,
  home: string,
  rows: number,
): Promise<Measured> {
  const lines = path.join(home, 'lines.jsonl')
  await writeLines(lines, rows)
  const form = new FormData()
  form.append('file', await openAsBlob(lines), 'lines.jsonl')
  const { id: fileId } = await server.call('POST', '/v1/files', form)
  const importing: number[] = []
  const exporting: number[] = []
  const copyingIn: number[] = []
  const copyingOut: number[] = []
  server.peak = 0
  const copied = path.join(home, 'rows.copy')
  for (let round = 0; round < ROUNDS; round++) {
    const { dataset, took } = await importFile(server, String(fileId))
    importing.push(took)
    copyingOut.push(
      await seconds(() =>
        pipeline(
          database.query(
            copyTo(
              `copy (select * from dataset_records where dataset_id = '${dataset}' order by id) to stdout`,
            ),
          ),
          createWriteStream(copied),
        ),
      ),
    )
    exporting.push(await seconds(() => server.call('GET', `${BASE}/${dataset}/exports/to-jsonl`)))
    await database.query('create table twin (like dataset_records including all)')
    copyingIn.push(
      await seconds(() =>
        pipeline(createReadStream(copied), database.query(copyFrom('copy twin from stdin'))),
      ),
    )
    await database.query('drop table twin')
    await remove(server, database, dataset)
  }
  const [toImport, toExport] = [median(importing), median(exporting)]
  return {
    importShare: Math.round((median(copyingIn) / toImport) * 100),
    exportShare: Math.round((median(copyingOut) / toExport) * 100),
    importRate: Math.round(rows / toImport),
    exportRate: Math.round(rows / toExport),
    peak: Math.round(server.peak),
  }
}

/** Import and export of datasets against COPY of the same rows, at two sizes, and the memory that both take. */
export async function benchDatasets(): Promise<Row[]> {
  const home = await mkdtemp(path.join(tmpdir(), 'tramontane-bench-'))
  // Started as root, PostgreSQL runs as another user, who must be able to enter.
  await chmod(home, 0o755)
  const postgres = await startManagedPostgres(path.join(home, 'postgres'), pino({ level: 'silent' }))
  const database = new pg.Client({ connectionString: postgres.url })
  try {
    await database.connect()
    const rows: Row[] = []
    const peaks: number[] = []
    for (const size of SIZES) {
      const server = await BenchServer.start(postgres.url, path.join(home, 'data'))
      try {
        const measured = await measure(server, database, home, size)
        peaks.push(measured.peak)
        const megabytes = Math.round((await stat(path.join(home, 'lines.jsonl'))).size / 2 ** 20)
        const name = `${size.toLocaleString('en')} records, ${megabytes} MB`
        const note = (rate: number) => `${rate} records/s; server ${measured.peak} MB at most`
        rows.push(
          atLeast(`import of ${name}`, '% of COPY', measured.importShare, SPEED, note(measured.importRate)),
          atLeast(`export of ${name}`, '% of COPY', measured.exportShare, SPEED, note(measured.exportRate)),
        )
      } finally {
        await server.stop()
      }
    }
    const growth = Math.round((peaks[1]! / peaks[0]!) * 100) / 100
    const note = `${peaks[0]} MB and ${peaks[1]} MB resident at most`
    rows.push(atMost('memory of the server at five times the size', '×', growth, MEMORY, note))
    return rows
  } finally {
    await database.end()
    await postgres.stop()
    await rm(home, { recursive: true, force: true })
  }
}
