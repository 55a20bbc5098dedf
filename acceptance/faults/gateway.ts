import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '@tramontane/testkit/eventually'
import type { Installation } from './installation.ts'
import type { Scenario } from './scenario.ts'

const CALLERS = 6
/** How long traffic goes on after the recovery. */
const AFTERWARDS_MS = 500
/** An answer waits half a second for the database. Far above that, and below the time for which PostgreSQL is stopped. */
const SLOWEST_MS = 2_500
/** Calls to a server that died fail at once; those to one that has just begun take a moment longer. */
const SLOWEST_AT_START_MS = 10_000

/** What callers saw. */
interface Traffic {
  readonly acknowledged: string[]
  readonly failures: string[]
  slowest: { ms: number; call: string }
}

/** The correlation ids of the events of a round, each as often as it is stored. */
async function stored(installation: Installation, round: string): Promise<string[]> {
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const query: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''
    const page = await installation.insist<{
      completion_events: { results: { correlation_id: string }[]; cursor: string | null }
    }>(200, 'POST', `/v1/observability/chat-completion-events/search?page_size=100${query}`, {
      search_params: { filters: { field: 'correlation_id', op: 'startswith', value: `${round}:` } },
      extra_fields: [],
    })
    seen.push(...page.completion_events.results.map((event) => event.correlation_id))
    cursor = page.completion_events.results.length > 0 ? page.completion_events.cursor : null
  } while (cursor)
  return seen
}

/** Makes one call. @returns whether its answer arrived whole */
async function call(installation: Installation, correlationId: string, stream: boolean): Promise<boolean> {
  const body = {
    model: 'scripted',
    stream,
    messages: [{ role: 'user', content: `Call ${correlationId}` }],
  }
  const headers = { 'x-correlation-id': correlationId }
  const answer = await installation.call('POST', '/v1/chat/completions', body, headers)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return !stream || String(answer.body).endsWith('data: [DONE]\n\n')
}

/** Calls that go through the gateway while the fault strikes: each whose answer arrived whole is stored, once. */
export const gatewayTraffic: Scenario = {
  name: 'gateway traffic',
  durationMs: 2_000,
  begin: async (installation, provider, { name, fault }) => {
    provider.script(() => 'A scripted answer.')
    const traffic: Traffic = { acknowledged: [], failures: [], slowest: { ms: 0, call: '' } }
    let isOver = false
    const caller = async (number: number) => {
      for (let count = 0; !isOver; count++) {
        const correlationId = `${name}:${number}:${count}`
        const startedAt = performance.now()
        try {
          if (await call(installation, correlationId, count % 2 === 0))
            traffic.acknowledged.push(correlationId)
          else traffic.failures.push(`${correlationId} broke off`)
        } catch (error) {
          traffic.failures.push(`${correlationId}: ${error}`)
          await delay(20)
        }
        const ms = Math.round(performance.now() - startedAt)
        if (ms > traffic.slowest.ms) traffic.slowest = { ms, call: correlationId }
      }
    }
    const callers = Array.from({ length: CALLERS }, (_, number) => caller(number))
    return async () => {
      await installation.ready()
      await delay(AFTERWARDS_MS)
      isOver = true
      await Promise.all(callers)
      assert.ok(traffic.acknowledged.length > 0, 'no call came through at all')
      if (!fault.endsServer) assert.deepEqual(traffic.failures, [], 'calls failed because of the database')
      const { ms, call: slowest } = traffic.slowest
      const outcome = traffic.failures.find((failure) => failure.startsWith(`${slowest}:`)) ?? 'answered'
      const limit = fault.endsServer ? SLOWEST_AT_START_MS : SLOWEST_MS
      assert.ok(ms < limit, `the call ${slowest} took ${ms} ms: ${outcome}`)
      await eventually(
        async () => {
          const found = new Set(await stored(installation, name))
          const lost = traffic.acknowledged.filter((id) => !found.has(id))
          assert.deepEqual(lost, [], 'acknowledged calls are not stored')
          return true
        },
        { timeoutMs: 30_000, everyMs: 250 },
      )
      const found = await stored(installation, name)
      assert.equal(found.length, new Set(found).size, 'events are stored twice')
    }
  },
}
