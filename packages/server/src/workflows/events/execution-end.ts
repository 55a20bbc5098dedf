import { setTimeout as pause } from 'node:timers/promises'
import type { LiveStream } from '../../platform/http/live-stream.ts'
import type { StoredEvent } from './stored-event.ts'

/** The newest run of an execution, as far as its end matters. */
export interface LatestRun {
  readonly runId: string
  /** Null while it is open. */
  readonly endTime: Date | null
}

const ENDS: ReadonlySet<string> = new Set([
  'WORKFLOW_EXECUTION_COMPLETED',
  'WORKFLOW_EXECUTION_FAILED',
  'WORKFLOW_EXECUTION_CANCELED',
])
const FIRST_LOOK_MS = 50
const LAST_LOOK_MS = 5_000
/** A run that ended so long ago, and whose last event is not there, has lost it to the retention. */
const LOST_AFTER_MS = 60_000
/** How long the end of a run counts as that of the execution only when that can be told. */
const TELLING_MS = 10_000

/**
 * Ends the stream of an execution after the event that ends its last run. Workers send that event before the run is
 * closed, and a run that is retried, reset or continued is followed by another one; so the run itself is looked at, until
 * it is closed, or is not the newest any more.
 */
export class ExecutionEnd {
  readonly #stream: LiveStream
  readonly #latestRun: () => Promise<LatestRun | undefined>
  /** Runs whose last event has been sent. */
  readonly #ended = new Set<string>()
  #hasCaughtUp = false
  #isLooking = false

  /** @param latestRun undefined for an execution of which only events are known */
  constructor(stream: LiveStream, latestRun: () => Promise<LatestRun | undefined>) {
    this.#stream = stream
    this.#latestRun = latestRun
  }

  /** An event was sent. */
  sent(event: StoredEvent): void {
    if (!ENDS.has(event.event_type)) return
    this.#ended.add(event.workflow_run_id)
    void this.#look()
  }

  /** All that was there has been sent. */
  caughtUp(): void {
    this.#hasCaughtUp = true
    void this.#look()
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    const { over } = this.#stream
    const startedAt = Date.now()
    for (let wait = FIRST_LOOK_MS; !over.aborted; wait = Math.min(wait * 2, LAST_LOOK_MS)) {
      const verdict = await this.#latestRun().then(
        (run) => this.#judge(run),
        // The engine is away. A reader who is sent off too early comes again, and finds the execution going on.
        () => (this.#ended.size > 0 && Date.now() - startedAt > TELLING_MS ? 'over' : 'unclear'),
      )
      if (verdict === 'over') this.#stream.end()
      if (verdict === 'open') break
      await pause(wait, undefined, { signal: over }).catch(() => {})
    }
    this.#isLooking = false
  }

  #judge(run: LatestRun | undefined): 'over' | 'open' | 'unclear' {
    if (run === undefined) return this.#ended.size > 0 ? 'over' : 'open'
    const isSent = this.#ended.has(run.runId)
    if (run.endTime === null) return isSent ? 'unclear' : 'open'
    const isLost = this.#hasCaughtUp && Date.now() - run.endTime.getTime() > LOST_AFTER_MS
    return isSent || isLost ? 'over' : 'unclear'
  }
}
