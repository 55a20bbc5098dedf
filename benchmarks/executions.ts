import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { startManagedPostgres } from '@tramontane/server/platform/database/managed-postgres'
import { findPrograms } from '@tramontane/server/platform/temporal/find-programs'
import { ManagedTemporal } from '@tramontane/server/platform/temporal/managed-temporal'
import { testDefinitions, testDeployment } from '@tramontane/testkit/workflow-scenario'
import { pino } from 'pino'
import { type Installation, install } from './installation.ts'
import { atLeast, atMost, median, percentile, type Row, shown } from './row.ts'

const CALLS = 200
const WARM_UP = 100
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
    const worker = await startWorker({ address, namespace, taskQueue: testDeployment })
    try {
      return await use({ installation, client: new Client({ connection, namespace }) })
    } finally {
      worker.disconnect()
      await once(worker, 'exit')
    }
  } finally {
    await connection.close()
    await installation.close()
    await temporal.stop()
    await postgres.stop()
    await rm(home, { recursive: true, force: true })
  }
}

async function startWorker(
  options: Record<'address' | 'namespace' | 'taskQueue', string>,
): Promise<ChildProcess> {
  const file = path.join(import.meta.dirname, 'executions/worker-process.ts')
  const worker = fork(file, [JSON.stringify(options)], { execArgv: ['--conditions=tramontane-source'] })
  await once(worker, 'message')
  return worker
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

/** A call, made directly and through the API. */
interface Compared {
  readonly name: string
  readonly direct: () => Promise<unknown>
  readonly through: () => Promise<unknown>
  /** Waits for what a call has set going, so that the next one does not wait for it. */
  readonly settle?: () => Promise<unknown>
}

/** The same call in turns, directly and through the API: what the API adds to the median, and where that comes from. */
async function compare({ direct, through, settle }: Compared): Promise<{ added: number; note: string }> {
  const times = { direct: [] as number[], through: [] as number[] }
  for (let turn = -WARM_UP; turn < CALLS; turn++) {
    for (const [way, call] of Object.entries({ direct, through }) as [
      'direct' | 'through',
      () => Promise<unknown>,
    ][]) {
      const time = await timed(call)
      await settle?.()
      if (turn >= 0) times[way].push(time)
    }
  }
  const plain = median(times.direct)
  return {
    added: median(times.through) - plain,
    note: `${CALLS} calls in turns; directly p50 ${plain.toFixed(1)} ms, p99 ${percentile(times.direct, 0.99).toFixed(1)} ms; through the API p99 ${percentile(times.through, 0.99).toFixed(1)} ms`,
  }
}

async function comparedRow(compared: Compared): Promise<Row> {
  const { added, note } = await compare(compared)
  return atMost(`${compared.name}: added to p50`, 'ms', added, 5, note)
}

async function calls(bench: Bench): Promise<Row[]> {
  const { client } = bench
  const start = (type: string) =>
    client.workflow.start(type, {
      workflowId: randomUUID(),
      taskQueue: testDeployment,
      args: [{ values: [1] }],
    })
  let started = ''
  const execute: Compared = {
    name: 'execute',
    direct: async () => {
      started = (await start('echo')).workflowId
    },
    through: async () => {
      const answer = await ask(bench, 'POST', '/echo/execute', { input: { values: [1] } })
      started = (answer as { execution_id: string }).execution_id
    },
  }
  const rows = [await comparedRow({ ...execute, settle: () => client.workflow.getHandle(started).result() })]
  const busy = await compare(execute)
  rows.push(
    shown(
      'execute without a pause: added to p50',
      'ms',
      busy.added,
      `each call beside the work of the execution before it; ${busy.note}`,
    ),
  )
  const handle = await start('collect')
  const execution = `/executions/${handle.workflowId}`
  rows.push(
    await comparedRow({
      name: 'signal',
      direct: () => handle.signal('add', { value: 1 }),
      through: () => ask(bench, 'POST', `${execution}/signals`, { name: 'add', input: { value: 1 } }),
    }),
    await comparedRow({
      name: 'query',
      direct: () => handle.query('values', {}),
      through: () => ask(bench, 'POST', `${execution}/queries`, { name: 'values', input: {} }),
    }),
    await comparedRow({
      name: 'update',
      direct: () => handle.executeUpdate('append', { args: [{ value: 1 }] }),
      through: () => ask(bench, 'POST', `${execution}/updates`, { name: 'append', input: { value: 1 } }),
    }),
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
