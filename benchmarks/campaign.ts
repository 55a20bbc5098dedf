import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { DEFAULT_PROVIDER_CONCURRENCY } from '@tramontane/server/config/providers-file'
import { type Installation, install } from './installation.ts'
import { atLeast, type Row } from './row.ts'

const EVENTS = 10_000
const LATENCY_MS = 50
/** Percent of the throughput that the provider's concurrency allows. */
const TARGET = 90

type Call = (method: string, target: string, body?: unknown) => Promise<Record<string, unknown>>

function caller({ call }: Installation): Call {
  return async (method, target, body) => {
    const answer = await call(method, target, body)
    if (answer.status >= 300)
      throw new Error(`${method} ${target}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body as Record<string, unknown>
  }
}

/** About 3 KB, as conversations are. */
function event(n: number) {
  const text = `Benchmark conversation ${n}. ${'The quick brown fox jumps over the lazy dog. '.repeat(30)}`
  return {
    event_id: `benchmark-${n}`,
    timestamp: new Date(Date.UTC(2026, 0, 1) + n * 1_000).toISOString(),
    model_name: 'scripted-model',
    request_messages: [{ role: 'user', content: text }],
    response_messages: [{ role: 'assistant', content: text }],
    metadata: { run: 'benchmark' },
  }
}

async function importEvents(call: Call): Promise<void> {
  for (let first = 0; first < EVENTS; first += 1_000) {
    const events = Array.from({ length: 1_000 }, (_, index) => event(first + index))
    await call('POST', '/v1/observability/chat-completion-events', { events })
  }
}

/** Runs the campaign to its end; gives its seconds, from its first work to its last commit. */
async function runCampaign(call: Call): Promise<number> {
  const judge = await call('POST', '/v1/observability/judges', {
    name: 'Benchmark judge',
    description: '',
    model_name: 'scripted-model',
    output: { options: [{ value: 'good', description: '' }] },
    instructions: 'Is this good? {{ user_message }} {{ assistant_message }} {{ answer_type_definition }}',
    tools: [],
  })
  const { id } = await call('POST', '/v1/observability/campaigns', {
    name: 'Benchmark campaign',
    description: '',
    judge_id: judge.id,
    search_params: { filters: null },
    max_nb_events: EVENTS,
  })
  for (;;) {
    const progress = await call('GET', `/v1/observability/campaigns/${id}/status`)
    if (progress.status !== 'RUNNING') {
      if (progress.judged !== EVENTS) throw new Error(`the campaign ended with ${JSON.stringify(progress)}`)
      return (Date.parse(String(progress.finished_at)) - Date.parse(String(progress.started_at))) / 1_000
    }
    await delay(500)
  }
}

async function startProvider() {
  const child = fork(fileURLToPath(new URL('./judging-provider.ts', import.meta.url)), [String(LATENCY_MS)])
  const [address] = (await once(child, 'message')) as [AddressInfo]
  return { url: `http://127.0.0.1:${address.port}/v1`, stop: () => child.kill() }
}

/** A campaign of 10,000 events against a provider of 50 ms: how much of what its concurrency allows is reached. */
export async function benchCampaign(): Promise<Row[]> {
  const provider = await startProvider()
  const installation = await install({ TRAMONTANE_PROVIDER_URL: provider.url })
  try {
    const call = caller(installation)
    await importEvents(call)
    const seconds = await runCampaign(call)
    const allowed = DEFAULT_PROVIDER_CONCURRENCY / (LATENCY_MS / 1_000)
    const reached = EVENTS / seconds
    const share = Math.round((reached / allowed) * 1_000) / 10
    const note = `${Math.round(reached)} events/s of ${allowed} with ${DEFAULT_PROVIDER_CONCURRENCY} calls at a time`
    return [atLeast('campaign of 10,000 events, provider of 50 ms', '% of the possible', share, TARGET, note)]
  } finally {
    await installation.close()
    provider.stop()
  }
}

if (import.meta.main) console.table(await benchCampaign())
