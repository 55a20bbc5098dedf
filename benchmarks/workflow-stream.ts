import { readFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '@tramontane/testkit/eventually'
import { sentWorkflowEvent } from '@tramontane/testkit/sample-workflow-events'
import { type Installation, install } from './installation.ts'
import { atMost, percentile, type Row, shown } from './row.ts'

const WRITERS = 10
const EVENTS_PER_WRITER = 300
const PAUSE_MS = 20
const READERS = 5
const IDLE_STREAMS = 1_000
const BURST = { batches: 100, events: 100 }

/** Opens a stream of events; resolves when its head has come. */
function openStream({ url, key }: Installation, query: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const target = `${url}/v1/workflows/events/stream?${query}`
    const sent = request(
      target,
      { headers: { authorization: `Bearer ${key}` }, agent: false },
      (response) => {
        if (response.statusCode === 200) resolve(response)
        else reject(new Error(`a stream was answered ${response.statusCode}`))
      },
    )
    sent.on('error', reject)
    sent.end()
  })
}

/** Notes when each event comes. */
function noteArrivals(response: IncomingMessage): Map<string, number> {
  const arrivals = new Map<string, number>()
  let rest = ''
  response.setEncoding('utf8').on('data', (text: string) => {
    const now = performance.now()
    const frames = (rest + text).split('\n\n')
    rest = frames.pop()!
    for (const frame of frames) {
      const id = /"data":\{"event_id":"([^"]+)"/.exec(frame)?.[1]
      if (id) arrivals.set(id, now)
    }
  })
  return arrivals
}

async function store(installation: Installation, events: readonly unknown[]): Promise<number> {
  const { status } = await installation.call('POST', '/v1/workflows/events/batch', { events })
  if (status !== 200) throw new Error(`events were answered ${status}`)
  return performance.now()
}

/** How long after its acknowledgement each event is with each reader, in ms; 0 for those that were there before it. */
async function latencies(installation: Installation): Promise<number[]> {
  const streams = await Promise.all(Array.from({ length: READERS }, () => openStream(installation, '')))
  const readers = streams.map(noteArrivals)
  const accepted = new Map<string, number>()
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      await delay((writer * PAUSE_MS) / WRITERS)
      for (let number = 0; number < EVENTS_PER_WRITER; number++) {
        const event = sentWorkflowEvent('CUSTOM_TASK_IN_PROGRESS', { workflow_exec_id: `writer ${writer}` })
        accepted.set(event.event_id, await store(installation, [event]))
        await delay(PAUSE_MS)
      }
    }),
  )
  await eventually(() => readers.every((arrivals) => [...accepted.keys()].every((id) => arrivals.has(id))))
  for (const stream of streams) stream.destroy()
  return readers.flatMap((arrivals) => [...accepted].map(([id, at]) => Math.max(0, arrivals.get(id)! - at)))
}

/** Events a second through one stream, from the first batch sent to the last event read. */
async function throughput(installation: Installation, name: string): Promise<number> {
  const stream = await openStream(installation, `workflow_name=${name}`)
  const arrivals = noteArrivals(stream)
  const batches = Array.from({ length: BURST.batches }, () =>
    Array.from({ length: BURST.events }, () =>
      sentWorkflowEvent('CUSTOM_TASK_IN_PROGRESS', { workflow_exec_id: name, workflow_name: name }),
    ),
  ).values()
  const began = performance.now()
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (const batch of batches) await store(installation, batch)
    }),
  )
  const count = BURST.batches * BURST.events
  await eventually(() => arrivals.size === count, { timeoutMs: 60_000, everyMs: 5 })
  const seconds = (performance.now() - began) / 1_000
  stream.destroy()
  return count / seconds
}

/** Memory of a process in MB; of its own pages where the system tells, so that file caches do not count. */
async function megabytes(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  const anonymous = /^Anonymous:\s+(\d+) kB/m.exec(rollup)?.[1]
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(anonymous ?? resident) / 1_024
}

/** What many open streams add to the server's memory, while events go over all of them. */
async function memoryOfStreams(installation: Installation): Promise<number> {
  const { pid } = installation
  const events = (number: number) => [
    sentWorkflowEvent('CUSTOM_TASK_IN_PROGRESS', { workflow_exec_id: `many ${number % IDLE_STREAMS}` }),
  ]
  const traffic = async () => {
    for (let number = 0; number < 2 * IDLE_STREAMS; number += 20)
      await Promise.all(Array.from({ length: 20 }, (_, place) => store(installation, events(number + place))))
  }
  const rest = () => delay(5_000)
  // The same traffic without streams: what it makes the heap grow is not theirs.
  await traffic()
  await rest()
  const before = await megabytes(pid)
  const streams: IncomingMessage[] = []
  for (let number = 0; number < IDLE_STREAMS; number += 50)
    streams.push(
      ...(await Promise.all(
        Array.from({ length: 50 }, (_, place) =>
          openStream(installation, `workflow_exec_id=many%20${number + place}`),
        ),
      )),
    )
  for (const stream of streams) stream.resume()
  await traffic()
  await rest()
  const after = await megabytes(pid)
  for (const stream of streams) stream.destroy()
  return after - before
}

/** The event stream of workflows: how soon events are on it, how many go through, what open streams cost. */
export async function benchWorkflowStream(): Promise<Row[]> {
  const installation = await install({ TRAMONTANE_TEMPORAL_ADDRESS: 'none' })
  try {
    // First, while the heap is small.
    const memory = await memoryOfStreams(installation)
    await throughput(installation, 'warm-up')
    const waits = await latencies(installation)
    const perSecond = await throughput(installation, 'burst')
    const load = `${WRITERS} writers, an event each ${PAUSE_MS} ms, ${READERS} readers of everything`
    return [
      atMost('event on the stream after it was accepted, p95', 'ms', percentile(waits, 0.95), 100, load),
      shown(
        'event on the stream after it was accepted, p50',
        'ms',
        percentile(waits, 0.5),
        '0: before its answer',
      ),
      shown(
        'events through one stream',
        'events/s',
        perSecond,
        `stored in batches of ${BURST.events}, 4 at a time`,
      ),
      atMost(
        `${IDLE_STREAMS} open streams`,
        'MB',
        memory,
        100,
        'what they add to the server, each with a filter of its own and four events',
      ),
    ]
  } finally {
    await installation.close()
  }
}

if (import.meta.main) console.table(await benchWorkflowStream())
