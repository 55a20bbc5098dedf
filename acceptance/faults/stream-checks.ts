import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { eventually } from '@tramontane/testkit/eventually'
import { ResumingReader } from '@tramontane/testkit/resuming-reader'
import { StreamReader } from '@tramontane/testkit/stream-reader'
import type { Installation } from './installation.ts'
import { type Listed, listEvents } from './listed-events.ts'
import type { ListedRun } from './run-checks.ts'

const PATIENCE_MS = 240_000
const STARTED = 'WORKFLOW_EXECUTION_STARTED'
const ENDS: ReadonlySet<string> = new Set([
  'WORKFLOW_EXECUTION_COMPLETED',
  'WORKFLOW_EXECUTION_FAILED',
  'WORKFLOW_EXECUTION_CANCELED',
  'WORKFLOW_EXECUTION_CONTINUED_AS_NEW',
])

interface Read {
  readonly id: string
  readonly sequence: number
}

/** What earlier rounds have read: it stays as it is. */
const known = new WeakMap<Installation, Read[]>()

/** What an event reports: workers may report it again under another id, and then the first report stays. */
function reported({ event_type, workflow_run_id, event_id, attributes }: Listed): string {
  const run = `${workflow_run_id} ${event_type}`
  if (event_type.startsWith('WORKFLOW_EXECUTION_')) return run
  if (!event_type.startsWith('ACTIVITY_')) return event_id
  const attempt = /RETRYING|FAILED/.test(event_type) ? ` ${attributes.attempt}` : ''
  return `${run} ${attributes.task_id}${attempt}`
}

function acknowledged(installation: Installation): Listed[] {
  const file = path.join(installation.workDir, 'acknowledged')
  if (!existsSync(file)) return []
  // A worker may have been killed in the middle of its last line.
  const whole = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return whole.flatMap((line) => {
    try {
      return [JSON.parse(line) as Listed]
    } catch {
      return []
    }
  })
}

function read(installation: Installation, after: number, signal: AbortSignal): ResumingReader {
  return new ResumingReader(
    (lastEventId) =>
      StreamReader.open(
        `${installation.url}/v1/workflows/events/stream?last_event_id=${Math.max(after, lastEventId)}`,
        installation,
      ),
    Math.random,
    { frames: 20_000, signal },
  )
}

/** Compares what streams, lists and workers tell of the events of a round, and of all rounds before. */
export class EventCheck {
  readonly #installation: Installation
  readonly #before: readonly Read[]
  readonly #follower: ResumingReader
  readonly #signal: AbortSignal

  /** From now on, a reader follows the stream through whatever happens, until `signal`. */
  constructor(installation: Installation, signal: AbortSignal) {
    this.#installation = installation
    this.#signal = signal
    this.#before = known.get(installation) ?? []
    this.#follower = read(installation, this.#before.at(-1)?.sequence ?? 0, signal)
  }

  /** @param runs of the round; all have ended */
  async finish(runs: readonly ListedRun[]): Promise<void> {
    const listed = await this.#complete(runs)
    assert.equal(
      new Set(listed.map(({ event_id }) => event_id)).size,
      listed.length,
      'events are listed twice',
    )
    const reports = new Set(listed.map(reported))
    assert.equal(reports.size, listed.length, 'the same is reported twice')
    const lost = acknowledged(this.#installation).filter((event) => !reports.has(reported(event)))
    assert.deepEqual(lost, [], 'acknowledged events are not listed')

    const historian = read(this.#installation, 0, this.#signal)
    await caughtUp(historian, listed.length)
    await caughtUp(this.#follower, listed.length - this.#before.length)
    const all = historian.events.slice(0, listed.length)
    assert.deepEqual(
      all.map(({ id }) => id),
      listed.map(({ event_id }) => event_id),
      'the stream is not what is listed',
    )
    assert.ok(
      all.every(({ sequence }, place) => place === 0 || sequence > all[place - 1]!.sequence),
      'sequences do not only grow',
    )
    assert.deepEqual(all.slice(0, this.#before.length), this.#before, 'events of earlier rounds have changed')
    assert.deepEqual(
      this.#follower.events.slice(0, listed.length - this.#before.length),
      all.slice(this.#before.length),
      'who followed the stream has not read what is on it',
    )
    known.set(this.#installation, all)
  }

  /** Waits until each run has a beginning and an end, and looks whether it has one of each. */
  async #complete(runs: readonly ListedRun[]): Promise<Listed[]> {
    return eventually(
      async () => {
        const listed = await listEvents(this.#installation)
        const byRun = Map.groupBy(listed, ({ workflow_run_id }) => workflow_run_id)
        for (const { runId, executionId, status } of runs) {
          const types = (byRun.get(runId) ?? []).map(({ event_type }) => event_type)
          assert.deepEqual(
            types.filter((type) => type === STARTED || ENDS.has(type)),
            [STARTED, `WORKFLOW_EXECUTION_${status}`],
            `the run ${runId} of ${executionId} does not have one beginning and one end`,
          )
        }
        return listed
      },
      { timeoutMs: PATIENCE_MS, everyMs: 500 },
    )
  }
}

async function caughtUp(reader: ResumingReader, count: number): Promise<void> {
  await eventually(() => reader.events.length >= count, { timeoutMs: PATIENCE_MS }).catch(() => {})
  await reader.stop()
}
