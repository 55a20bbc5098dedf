import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { eventually } from '@tramontane/testkit/eventually'
import { freePort } from '@tramontane/testkit/free-port'
import type { Load, LoadResult } from './gateway/load-process.ts'
import { type Installation, install } from './installation.ts'
import { atLeast, atMost, median, type Row, shown } from './row.ts'

const ROUNDS = 3
const SECONDS = 8
const RATE = 300
const STREAM_EVERY = 5
const here = (file: string) => path.join(import.meta.dirname, file)

/** Something that answers chat completions, and what it needs to be asked. */
interface Target {
  readonly origin: string
  readonly headers: Record<string, string>
}

function start(args: string[]): ChildProcess {
  return spawn(process.execPath, ['--conditions=tramontane-source', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

async function put(load: Load): Promise<LoadResult> {
  const child = start([here('gateway/load-process.ts'), JSON.stringify(load)])
  const printed = (await child.stdout!.toArray()).join('')
  return JSON.parse(printed) as LoadResult
}

/** The same load on each target in turn, several rounds; the middle of each figure. */
async function measure(
  targets: Record<string, Target>,
  streamEvery: number,
): Promise<Record<string, LoadResult>> {
  const rounds: Record<string, LoadResult[]> = {}
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, target] of Object.entries(targets)) {
      const result = await put({ ...target, seconds: SECONDS, rate: RATE, connections: 64, streamEvery })
      if (result.failed > 0) throw new Error(`${result.failed} calls failed through ${name}`)
      rounds[name] = [...(rounds[name] ?? []), result]
    }
  }
  const middle = (results: LoadResult[], figure: keyof LoadResult) =>
    median(results.map((result) => result[figure]))
  return Object.fromEntries(
    Object.entries(rounds).map(([name, results]) => [
      name,
      {
        perSecond: middle(results, 'perSecond'),
        p50: middle(results, 'p50'),
        p99: middle(results, 'p99'),
        failed: 0,
      },
    ]),
  )
}

/** A provider, our server with durable capture, and Portkey's gateway, each in a process of its own. */
async function withTargets<T>(use: (targets: Record<string, Target>) => Promise<T>): Promise<T> {
  const children: ChildProcess[] = []
  let ours: Installation | undefined
  try {
    const provider = start([here('gateway/provider-process.ts')])
    children.push(provider)
    const [printed] = (await once(provider.stdout!, 'data')) as [Buffer]
    const direct = `http://127.0.0.1:${printed.toString().trim()}`
    ours = await install({ TRAMONTANE_PROVIDER_URL: `${direct}/v1` }, profileFlags())
    const portkeys = await freePort()
    const portkey = start([
      here('../node_modules/@portkey-ai/gateway/build/start-server.js'),
      `--port=${portkeys}`,
      '--headless',
    ])
    children.push(portkey)
    portkey.stdout!.resume()
    await eventually(async () => (await fetch(`http://127.0.0.1:${portkeys}/`)).ok, { timeoutMs: 60_000 })
    return await use({
      direct: { origin: direct, headers: {} },
      tramontane: { origin: ours.url, headers: { authorization: `Bearer ${ours.key}` } },
      portkey: {
        origin: `http://127.0.0.1:${portkeys}`,
        headers: {
          authorization: 'Bearer none',
          'x-portkey-provider': 'openai',
          'x-portkey-custom-host': `${direct}/v1`,
        },
      },
    })
  } finally {
    await ours?.close()
    for (const child of children.reverse()) await stop(child)
  }
}

/** `BENCH_PROFILE=folder` writes a CPU profile of our server there. */
function profileFlags(): string[] {
  const folder = process.env.BENCH_PROFILE
  return folder ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : []
}

function added(results: Record<string, LoadResult>, name: string, figure: 'p50' | 'p99'): number {
  return results[name]![figure] - results.direct![figure]
}

async function saturate(target: Target): Promise<number> {
  const perSecond: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const result = await put({
      ...target,
      seconds: SECONDS,
      rate: 0,
      connections: 64,
      streamEvery: STREAM_EVERY,
    })
    if (result.failed > 0) throw new Error(`${result.failed} calls failed when saturated`)
    perSecond.push(result.perSecond)
  }
  return median(perSecond)
}

/**
 * What the gateway adds to a call while it stores each one, and how many calls it takes. Portkey is compared on whole
 * answers: release 1.15.2 fails on streamed ones under Node 24 (and waits 25 ms before each where it does not).
 */
export async function benchGateway(): Promise<Row[]> {
  return withTargets(async (targets) => {
    for (const target of Object.values(targets))
      await put({ ...target, seconds: 4, rate: 0, connections: 16, streamEvery: 0 })
    const { direct, tramontane } = targets as Record<'direct' | 'tramontane', Target>
    const mixed = await measure({ direct, tramontane }, STREAM_EVERY)
    const whole = await measure(targets, 0)
    const calls = await saturate(tramontane)
    const load = `${RATE}/s in an open loop, one in five streamed, each call stored`
    const ratio = (figure: 'p50' | 'p99') =>
      added(whole, 'tramontane', figure) / added(whole, 'portkey', figure)
    const portkey = (figure: 'p50' | 'p99') =>
      `${RATE}/s, whole answers; Portkey, which stores nothing, adds ${added(whole, 'portkey', figure).toFixed(2)} ms`
    return [
      shown('gateway: a direct call, p50', 'ms', mixed.direct!.p50, `p99 ${mixed.direct!.p99.toFixed(2)} ms`),
      atMost('gateway: added to p50', 'ms', added(mixed, 'tramontane', 'p50'), 2, load),
      atMost('gateway: added to p99', 'ms', added(mixed, 'tramontane', 'p99'), 10, load),
      atMost("gateway: added to p50, of Portkey's", 'ratio', ratio('p50'), 0.5, portkey('p50')),
      atMost("gateway: added to p99, of Portkey's", 'ratio', ratio('p99'), 0.5, portkey('p99')),
      atLeast('gateway: saturated', 'calls/s', calls, 1_500, '64 connections, each call stored'),
    ]
  })
}

if (import.meta.main) console.table(await benchGateway())
