import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { startWorkflowScenario, type WorkflowScenario } from '@tramontane/testkit/workflow-scenario'
import { measureLongExecution } from './harness/long-execution.ts'
import { needsChromium } from './harness/studio.ts'

const EVENTS = 10_000
/** `npm run bench studio-execution` measures on a machine that does nothing else; here others are at work. */
const BUSY = 6

describe('the page of a long execution', needsChromium, () => {
  let scenario: WorkflowScenario

  before(async () => {
    scenario = await startWorkflowScenario()
    await scenario.startWorker()
  })
  after(() => scenario?.close())

  it(`opens soon and scrolls without a break with ${EVENTS} events`, async (t) => {
    // Mostly timers: an activity takes several times the work, of which the page shows nothing.
    const { body } = await scenario.execute('busy', { input: { events: EVENTS, atOnce: 500, timers: 9 } })
    await eventually(
      async () => {
        const { body: details } = await scenario.call('GET', `/v1/workflows/runs/${body.run_id}/details`)
        return details.state.history_length >= EVENTS && details.state.pending_activities.length === 0
      },
      { timeoutMs: 300_000, everyMs: 500 },
    )
    const { opened, complete, frames, longTasks, drawn } = await measureLongExecution(
      scenario.server,
      body.execution_id,
      { events: EVENTS, times: 3 },
    )
    const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!
    const late = frames.filter((frame) => frame > 25).length
    t.diagnostic(
      `first lines after ${median(opened).toFixed(0)} ms, all events after ${median(complete).toFixed(0)} ms; ${late} of ${frames.length} frames late, ${longTasks.length} long tasks; ${drawn} lines drawn`,
    )
    assert.ok(median(opened) <= 1_000 * BUSY, `it opens in ${median(opened)} ms`)
    assert.ok(drawn > 5 && drawn <= 120, `${drawn} lines are drawn at once`)
    assert.ok(median(frames) <= 17 * BUSY, `a frame takes ${median(frames)} ms`)
    await scenario.call('POST', `/v1/workflows/executions/${body.execution_id}/terminate`)
  })
})
