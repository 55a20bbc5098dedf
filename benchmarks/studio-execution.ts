import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { buildStudio } from '../scripts/build-studio.ts'
import { type Bench, withBench } from './executions.ts'
import { atMost, median, percentile, type Row, shown } from './row.ts'

const EVENTS = 10_000
const TIMES = 7
/** A frame that comes later than this has been waited for: 60 of them make a second. */
const LATE_MS = 25

/** A run with so many events: activities and timers, and tasks between them. */
async function longExecution({ client, installation }: Bench): Promise<string> {
  const handle = await client.workflow.start('busy', {
    workflowId: randomUUID(),
    taskQueue: 'test-deployment',
    args: [{ events: EVENTS, atOnce: 100 }],
  })
  for (;;) {
    const { body } = await installation.call(
      'GET',
      `/v1/workflows/runs/${handle.firstExecutionRunId}/details`,
    )
    const { state } = body as { state: { history_length: number; pending_activities: unknown[] } }
    if (state.history_length >= EVENTS && state.pending_activities.length === 0) return handle.workflowId
    await delay(500)
  }
}

/** How soon the page of a long execution is there, and how smoothly it scrolls, in a real browser. */
export async function benchStudioExecution(): Promise<Row[]> {
  await buildStudio()
  // By an address that is made here: what runs in the browser is typed with the DOM, which is the studio's.
  const harness = new URL('../packages/studio/tests/harness/long-execution.ts', import.meta.url).href
  const { measureLongExecution } = await import(harness)
  return withBench(async (bench) => {
    const { installation } = bench
    const executionId = await longExecution(bench)
    const server = {
      url: installation.url,
      key: installation.key,
      call: (method: string, target: string) => installation.call(method, target),
    }
    const { opened, complete, frames, longTasks, drawn } = (await measureLongExecution(server, executionId, {
      events: EVENTS,
      times: TIMES,
    })) as Record<'opened' | 'complete' | 'frames' | 'longTasks', number[]> & { drawn: number }
    const late = frames.filter((frame) => frame > LATE_MS).length
    const of = `${EVENTS.toLocaleString('en')} events`
    return [
      atMost(
        `studio: page of an execution with ${of}`,
        'ms',
        median(opened),
        1_000,
        `from the address to the first lines of the timeline; median of ${TIMES}, the slowest ${Math.max(...opened).toFixed(0)} ms`,
      ),
      atMost(
        'studio: the whole history there',
        'ms',
        median(complete),
        1_000,
        `every event read and counted; the slowest ${Math.max(...complete).toFixed(0)} ms`,
      ),
      atMost(
        'studio: frames dropped while scrolling',
        '%',
        (late / frames.length) * 100,
        1,
        `${late} of ${frames.length} frames later than ${LATE_MS} ms, timeline and history scrolled by 5,000 px/s for 3 s each; p99 ${percentile(frames, 0.99).toFixed(1)} ms; ${longTasks.length} tasks over 50 ms`,
      ),
      shown('studio: lines drawn at once', '', drawn, 'of all lines, while scrolling'),
    ]
  })
}

if (import.meta.main) console.table(await benchStudioExecution())
