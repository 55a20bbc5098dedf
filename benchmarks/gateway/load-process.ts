import { setTimeout as delay } from 'node:timers/promises'
import { Pool } from 'undici'

/** What one process of load does. */
export interface Load {
  readonly origin: string
  readonly headers: Record<string, string>
  readonly seconds: number
  /** Requests a second, sent whether or not earlier ones were answered; 0: as many as `connections` allow. */
  readonly rate: number
  readonly connections: number
  /** Every how many-th request asks for a stream; 0: none. */
  readonly streamEvery: number
}

/** An open loop is measured from here on: a load that has just begun to run is slower to send than any server to answer. */
const WARM_UP_SECONDS = 1

/** What it saw; times in milliseconds, from the moment at which a request was meant to be sent. */
export interface LoadResult {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly failed: number
}

const history = Array.from({ length: 6 }, (_, turn) => ({
  role: turn % 2 === 0 ? 'user' : 'assistant',
  content: `Turn ${turn}: ${'what is the name of that wind which blows from the north? '.repeat(5)}`,
}))
const body = (stream: boolean) =>
  Buffer.from(
    JSON.stringify({
      model: 'scripted',
      stream,
      messages: [{ role: 'system', content: 'You know every wind.' }, ...history],
      metadata: { team: 'blue' },
    }),
  )
const bodies = [body(false), body(true)]

async function run(load: Load): Promise<LoadResult> {
  const pool = new Pool(load.origin, { connections: load.connections })
  const times: number[] = []
  const measuredFrom = performance.now() + (load.rate > 0 ? WARM_UP_SECONDS * 1_000 : 0)
  let failed = 0
  const call = async (count: number, meantAt: number) => {
    try {
      const answer = await pool.request({
        path: '/v1/chat/completions',
        method: 'POST',
        headers: { 'content-type': 'application/json', ...load.headers },
        body: bodies[load.streamEvery > 0 && count % load.streamEvery === 0 ? 1 : 0]!,
      })
      const bytes = await answer.body.arrayBuffer()
      if (answer.statusCode !== 200 || bytes.byteLength < 500) failed++
      else if (meantAt >= measuredFrom) times.push(performance.now() - meantAt)
    } catch {
      failed++
    }
  }
  if (load.rate > 0) await openLoop(load, call)
  else await closedLoop(load, call)
  const elapsed = (performance.now() - measuredFrom) / 1_000
  await pool.close()
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN
  return { perSecond: times.length / elapsed, p50: at(0.5), p99: at(0.99), failed }
}

async function openLoop(load: Load, call: (count: number, meantAt: number) => Promise<void>): Promise<void> {
  const startedAt = performance.now()
  const total = load.rate * (WARM_UP_SECONDS + load.seconds)
  const underWay: Promise<void>[] = []
  for (let count = 0; count < total; ) {
    // The first is due at the beginning, each other one an interval after the one before.
    const due = Math.min(total, 1 + Math.floor(((performance.now() - startedAt) / 1_000) * load.rate))
    for (; count < due; count++) underWay.push(call(count, startedAt + (count / load.rate) * 1_000))
    await delay(1)
  }
  await Promise.all(underWay)
}

async function closedLoop(
  load: Load,
  call: (count: number, meantAt: number) => Promise<void>,
): Promise<void> {
  const until = performance.now() + load.seconds * 1_000
  let count = 0
  const worker = async () => {
    while (performance.now() < until) await call(count++, performance.now())
  }
  await Promise.all(Array.from({ length: load.connections }, worker))
}

process.stdout.write(JSON.stringify(await run(JSON.parse(process.argv[2]!) as Load)))
