import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { eventually } from '@tramontane/testkit/eventually'
import { checkEffects, effectOf } from './errand-effects.ts'
import { workflowFaults } from './fault.ts'
import type { Installation } from './installation.ts'
import { checkRuns } from './run-checks.ts'
import type { Scenario } from './scenario.ts'
import { EventCheck } from './stream-checks.ts'

const EXECUTIONS = 24
const KINDS = ['plain', 'parent', 'relay'] as const
const PARCELS = ['one', 'two'] as const
/** Over so long they are started, each of which takes two seconds or more. */
const ARRIVALS_MS = 2_500
/** A task that a dead worker held is given to another one after ten seconds; a busy machine takes longer for all. */
const PATIENCE_MS = 240_000

interface Errand {
  readonly executionId: string
  readonly kind: (typeof KINDS)[number]
}

/** The keys of its activities, in the order of its receipts. */
function stepsOf({ executionId, kind }: Errand): string[] {
  const steps = ['first', 'left', 'right'].map((step) => `${executionId}/${step}`)
  if (kind === 'parent') steps.push(`${executionId}-leg/leg`)
  return [...steps, `${executionId}/last`]
}

/** Starts an execution and signals it, both until the server has said that it is done. */
async function run(installation: Installation, { executionId, kind }: Errand): Promise<void> {
  await insist(installation, '/v1/workflows/errand/execute', 'WF_1101', {
    execution_id: executionId,
    input: { kind },
  })
  for (const parcel of PARCELS) {
    await delay(Math.random() * 400)
    // It ends when it has both: one that has ended had this one without our having been told.
    await insist(installation, `/v1/workflows/executions/${executionId}/signals`, 'WF_1102', {
      name: 'deliver',
      input: { parcel },
    })
  }
}

/** Calls until it is done, or was done by an earlier call whose answer was lost, which `already` tells. */
async function insist(
  installation: Installation,
  target: string,
  already: string,
  body: unknown,
): Promise<void> {
  await eventually(
    async () => {
      const answer = await installation.call('POST', target, body)
      const { code } = answer.body as { code?: string }
      if (answer.status >= 300 && code !== already)
        throw new Error(`${target} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
      return true
    },
    { timeoutMs: PATIENCE_MS, everyMs: 100 },
  )
}

/** Waits for the end, which is the right one. */
async function finished(installation: Installation, errand: Errand): Promise<void> {
  const { executionId } = errand
  const execution = await eventually(
    async () => {
      const target = `/v1/workflows/executions/${executionId}`
      const { status, body } = await installation.call('GET', target)
      const answer = body as { status: string; result: unknown }
      if (status !== 200 || answer.status === 'RUNNING' || answer.status === 'CONTINUED_AS_NEW')
        throw new Error(`${target} still answers ${status}: ${JSON.stringify(body)}`)
      return answer
    },
    { timeoutMs: PATIENCE_MS, everyMs: 250 },
  )
  const receipts = stepsOf(errand).map((key) => effectOf(installation, key))
  assert.deepEqual(
    { status: execution.status, result: execution.result },
    {
      status: 'COMPLETED',
      result: { receipts, parcels: [...PARCELS].sort() },
    },
    `${executionId} did not end as it should`,
  )
}

/**
 * Executions with signals, timers, activities that fail and have effects, children and runs that go on in others: each ends
 * with the right result, its effects are there once, and stream, lists and Temporal tell the same of it.
 */
export const workflowExecutions: Scenario = {
  name: 'workflow executions',
  durationMs: 4_000,
  workflows: {
    worker: fileURLToPath(new URL('./errands/worker-program.ts', import.meta.url)),
    faults: workflowFaults,
  },
  begin: async (installation, _provider, { name, signal }) => {
    const prefix = `round-${name}-`
    const since = new Date()
    const errands = Array.from({ length: EXECUTIONS }, (_, number) => ({
      executionId: `${prefix}${number}`,
      kind: KINDS[number % KINDS.length]!,
    }))
    const check = new EventCheck(installation, signal)
    // The first alone: at the beginning Temporal and the worker are not there yet.
    await run(installation, errands[0]!)
    const running = Promise.all(
      errands.slice(1).map(async (errand) => {
        await delay(Math.random() * ARRIVALS_MS)
        await run(installation, errand)
      }),
    )
    running.catch(() => {})
    return async () => {
      await running
      for (const errand of errands) await finished(installation, errand)
      checkEffects(installation, prefix, errands.flatMap(stepsOf))
      const runs = await checkRuns(installation, prefix, since)
      const children = errands.filter(({ kind }) => kind === 'parent').length
      const continued = errands.filter(({ kind }) => kind === 'relay').length
      assert.equal(
        runs.length,
        EXECUTIONS + children + continued,
        'there are not as many runs as there should be',
      )
      await check.finish(runs)
    }
  },
}
