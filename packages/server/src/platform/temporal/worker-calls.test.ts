import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { WorkspaceTemporal } from './temporal.ts'
import { queryExecution } from './worker-calls.ts'

const POLLER = { identity: 'a worker', lastAccessTime: { seconds: Math.floor(Date.now() / 1000), nanos: 0 } }

/** A Temporal that answers a query after a while, and lists a worker from some look on. */
function temporalOf({ answersAfterMs, listedAtLook }: { answersAfterMs: number; listedAtLook: number }) {
  let looks = 0
  let broken: AbortSignal | undefined
  const temporal = {
    namespace: 'a namespace',
    withDeadline: (_: number, work: () => unknown) => work(),
    withAbortSignal: (signal: AbortSignal, work: () => unknown) => {
      broken = signal
      return work()
    },
    workflowService: {
      describeTaskQueue: async () => ({ pollers: ++looks >= listedAtLook ? [POLLER] : [] }),
      queryWorkflow: async () => {
        await delay(answersAfterMs, undefined, { signal: broken })
        return { queryResult: { payloads: [] } }
      },
    },
  } as unknown as WorkspaceTemporal
  return { temporal, looks: () => looks }
}

const ask = (temporal: WorkspaceTemporal) =>
  queryExecution(
    temporal,
    { executionId: 'an execution' },
    { name: 'values', input: {}, taskQueue: 'a queue', timeoutMs: 10_000 },
  )

describe('a call that a worker must answer', () => {
  it('waits for one that was started just now, and that Temporal does not list yet', async () => {
    const { temporal } = temporalOf({ answersAfterMs: 2_500, listedAtLook: 2 })
    assert.ok('result' in (await ask(temporal)))
  })

  it('is refused when none is listed, again and again', async () => {
    const { temporal, looks } = temporalOf({ answersAfterMs: 60_000, listedAtLook: Infinity })
    await assert.rejects(ask(temporal), { code: 'WORKER_UNAVAILABLE' })
    assert.ok(looks() > 1)
  })
})
