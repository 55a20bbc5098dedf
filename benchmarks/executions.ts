import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { startManagedPostgres } from '@tramontane/server/platform/database/managed-postgres'
import { findPrograms } from '@tramontane/server/platform/temporal/find-programs'
import { ManagedTemporal } from '@tramontane/server/platform/temporal/managed-temporal'
import { startTestWorker } from '@tramontane/testkit/test-worker'
import { testDefinitions, testDeployment } from '@tramontane/testkit/workflow-scenario'
import { pino } from 'pino'
import { type Installation, install } from './installation.ts'
import { atLeast, atMost, median, percentile, type Row, shown } from './row.ts'

const CALLS = 200
const SHORT = { executions: 300, atOnce: 16, rounds: 3 }
const HISTORY_EVENTS = 10_000
const silent = pino({ level: 'silent' })

/** A Temporal with a database of its own, and a server and a plain worker on it. */
export interface Bench {
  readonly installation: Installation
  readonly client: Client
}

/** Runs a benchmark on a Temporal of its own, with a server and a worker on it. */
export async function withBench<T>(use: (bench: Bench) => Promise<T>): Promise<T> {
  const home = await mkdtemp(path.join(tmpdir(), 'tramontane-bench-temporal-'))
  await chmod(home, 0o755)
  const postgres = await startManagedPostgres(home, silent)
  const temporal = new ManagedTemporal({
    dataDir: home,
    database: postgres.url,
    logger: silent,
    programs: findPrograms({
      bin: process.env.TRAMONTANE_TEMPORAL_BIN ?? null,
      keep: path.resolve(import.meta.dirname, '../.node/temporal'),
      logger: silent,
    }),
  })
  while (temporal.address === null || temporal.unavailable !== null) await delay(50)
  const address = temporal.address
  const installation = await install({
    TRAMONTANE_TEMPORAL_ADDRESS: address,
    TRAMONTANE_WORKER_PORT: '0',
  })
  const connection = await Connection.connect({ address })
  try {
    await installation.call('POST', '/v1/workflows/register', {
      definitions: testDefinitions,
      deployment_name: testDeployment,
      worker_name: 'bench',
    })
    const { body } = await installation.call('GET', '/v1/workflows/workers/whoami')
    const { namespace } = body as { namespace: string }
    const worker = await startTestWorker({ address, namespace, taskQueue: testDeployment })
    try {
      return await use({ installation, client: new Client({ connection, namespace }) })
    } finally {
      await worker.stop()
    }
  } finally {
    await connection.close()
    await installation.close()
    await temporal.stop()
    await postgres.stop()
    await rm(home, { recursive: true, force: true })
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** Calls the API and expects success. */
async function ask(
  { installation }: Bench,
  method: string,
  target: string,
  body?: unknown,
): Promise<unknown> {
  const answer = await installation.call(method, `/v1/workflows${target}`, body)
  if (answer.status >= 300)
    throw new Error(`${method} ${target} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
  return answer.body
}

/** The same call in turns, directly and through the API: what the API adds. */
async function compare(
  name: string,
  direct: () => Promise<unknown>,
  through: () => Promise<unknown>,
): Promise<Row> {
  for (let warm = 0; warm < 10; warm++) for (const call of [direct, through]) await call()
  const times = { direct: [] as number[], through: [] as number[] }
  for (let turn = 0; turn < CALLS; turn++) {
    times.direct.push(await timed(direct))
    times.through.push(await timed(through))
  }
  const [plain, added] = [median(times.direct), median(times.through) - median(times.direct)]
  return atMost(
    `${name}: added to p50`,
    'ms',
    added,
    5,
    `${CALLS} calls in turns; directly p50 ${plain.toFixed(1)} ms, p99 ${percentile(times.direct, 0.99).toFixed(1)} ms; through the API p99 ${percentile(times.through, 0.99).toFixed(1)} ms`,
  )
}

async function calls(bench: Bench): Promise<Row[]> {
  const { client } = bench
  const start = (type: string) =>
    client.workflow.start(type, {
      workflowId: randomUUID(),
      taskQueue: testDeployment,
      args: [{ values: [1] }],
    })
  const rows = [
    await compare(
      'execute',
      () => start('echo'),
      () => ask(bench, 'POST', '/echo/execute', { input: { values: [1] } }),
    ),
  ]
  const handle = await start('collect')
  const execution = `/executions/${handle.workflowId}`
  rows.push(
    await compare(
      'signal',
      () => handle.signal('add', { value: 1 }),
      () => ask(bench, 'POST', `${execution}/signals`, { name: 'add', input: { value: 1 } }),
    ),
    await compare(
      'query',
      () => handle.query('values', {}),
      () => ask(bench, 'POST', `${execution}/queries`, { name: 'values', input: {} }),
    ),
    await compare(
      'update',
      () => handle.executeUpdate('append', { args: [{ value: 1 }] }),
      () => ask(bench, 'POST', `${execution}/updates`, { name: 'append', input: { value: 1 } }),
    ),
  )
  await handle.terminate()
  return rows
}

/** Short executions that end in a second, with so many at once. */
async function throughput(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  let left = SHORT.executions
  const lane = async () => {
    while (left-- > 0) await run()
  }
  await Promise.all(Array.from({ length: SHORT.atOnce }, lane))
  return (SHORT.executions / (performance.now() - began)) * 1_000
}

async function shortExecutions(bench: Bench): Promise<Row[]> {
  const direct: number[] = []
  const through: number[] = []
  for (let round = 0; round < SHORT.rounds; round++) {
    direct.push(
      await throughput(() =>
        bench.client.workflow.execute('echo', {
          workflowId: randomUUID(),
          taskQueue: testDeployment,
          args: [{ round }],
        }),
      ),
    )
    through.push(
      await throughput(() =>
        ask(bench, 'POST', '/echo/execute', { input: { round }, wait_for_result: true, timeout_seconds: 60 }),
      ),
    )
  }
  const ratios = direct.map((rate, round) => (through[round]! / rate) * 100)
  return [
    shown('short executions, directly', '/s', median(direct), `${SHORT.atOnce} at once, each waited for`),
    atLeast(
      'short executions, of the direct throughput',
      '%',
      median(ratios),
      80,
      `${median(through).toFixed(0)}/s through the API; median of ${SHORT.rounds} rounds`,
    ),
  ]
}

async function longHistory(bench: Bench): Promise<Row[]> {
  const handle = await bench.client.workflow.start('collect', {
    workflowId: randomUUID(),
    taskQueue: 'nobody-takes-these-tasks',
    args: [{}],
  })
  // Without a worker, each signal is one event.
  let left = HISTORY_EVENTS
  const lane = async () => {
    while (left-- > 0) await handle.signal('add', { value: 1 })
  }
  await Promise.all(Array.from({ length: 32 }, lane))
  const times: number[] = []
  for (let turn = 0; turn < 5; turn++)
    times.push(await timed(() => ask(bench, 'GET', `/executions/${handle.workflowId}/history`)))
  await handle.terminate()
  return [
    atMost(
      `history of ${HISTORY_EVENTS.toLocaleString('en')} events`,
      'ms',
      median(times),
      1_000,
      'read whole through the API; median of 5',
    ),
  ]
}

/** What the API adds to Temporal's own calls, in one run with them. */
export function benchExecutions(): Promise<Row[]> {
  return withBench(async (bench) => [
    ...(await calls(bench)),
    ...(await shortExecutions(bench)),
    ...(await longHistory(bench)),
  ])
}

if (import.meta.main) console.table(await benchExecutions())
