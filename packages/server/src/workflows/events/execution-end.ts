import { setTimeout as pause } from 'node:timers/promises'
import { beginningType, isEnd } from '@tramontane/contract/lifecycle-events'
import { ApiError } from '../../platform/http/errors.ts'
import type { LiveStream } from '../../platform/http/live-stream.ts'
import type { StoredEvent } from './stored-event.ts'

/** How far an execution is, as far as its end matters. */
export interface ExecutionState {
  /** The newest run. */
  readonly runId: string
  /** When that has ended; null while it is open. */
  readonly endTime: Date | null
  /** The runs whose events may be incomplete. */
  readonly untold: readonly string[]
  /** The sequence of the newest event that was there when this was asked, or later. */
  readonly position: number
}

const FIRST_LOOK_MS = 50
const LAST_LOOK_MS = 5_000
/** How long the events of an execution that has ended are waited for, if they can neither be told nor given up. */
const COMPLETING_MS = 60_000
/** How long the end of a run counts as that of the execution only when that can be told. */
const TELLING_MS = 10_000
/** What says that it cannot. */
const AWAY: ReadonlySet<string> = new Set(['TEMPORAL_UNAVAILABLE', 'WF_1103'])

/**
 * Ends the stream of an execution when its last run has ended and everything about all of its runs has been sent. Workers
 * send the event of an end before the run is closed, and a run that is retried, reset or continued is followed by another
 * one; so the newest run itself is looked at, until it is closed, or is not the newest any more. And what is made up from the
 * history of an earlier run may come after the worker's own event of the last one; so the runs are waited for of which not
 * all is told, and then all that was stored by then.
 */
export class ExecutionEnd {
  readonly #stream: LiveStream
  readonly #state: () => Promise<ExecutionState | undefined>
  readonly #hasSent: (sequence: number) => boolean
  /** Runs whose first and whose last event have been sent. */
  readonly #begun = new Set<string>()
  readonly #ended = new Set<string>()
  /** The execution has ended: since when that is known, and what was stored when all was told. */
  #closed: { readonly since: number; upTo: number | undefined } | undefined
  #isLooking = false
  #sooner: AbortController | undefined

  /**
   * @param parts.state undefined for an execution of which only events are known
   * @param parts.hasSent whether the events up to a sequence have been sent
   */
  constructor(
    stream: LiveStream,
    parts: {
      state: () => Promise<ExecutionState | undefined>
      hasSent: (sequence: number) => boolean
    },
  ) {
    this.#stream = stream
    this.#state = parts.state
    this.#hasSent = parts.hasSent
  }

  /** An event was sent. */
  sent(event: StoredEvent): void {
    if (event.event_type === beginningType) this.#begun.add(event.workflow_run_id)
    if (!isEnd(event.event_type)) return
    this.#ended.add(event.workflow_run_id)
    this.#sooner?.abort()
    void this.#look()
  }

  /** All that was there at the beginning has been sent. */
  caughtUp(): void {
    this.#sooner?.abort()
    void this.#look()
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    const { over } = this.#stream
    const startedAt = Date.now()
    for (let wait = FIRST_LOOK_MS; !over.aborted; ) {
      this.#sooner = new AbortController()
      const verdict = await this.#state().then(
        (state) => this.#judge(state),
        (error: unknown) => this.#judgeWithout(error, Date.now() - startedAt),
      )
      if (verdict === 'over') this.#stream.end()
      if (verdict === 'open') break
      const signal = AbortSignal.any([over, this.#sooner.signal])
      await pause(wait, undefined, { signal }).catch(() => {})
      wait = this.#sooner.signal.aborted ? FIRST_LOOK_MS : Math.min(wait * 2, LAST_LOOK_MS)
    }
    this.#isLooking = false
  }

  #judge(state: ExecutionState | undefined): 'over' | 'open' | 'unclear' {
    if (state === undefined) return this.#ended.size > 0 ? 'over' : 'open'
    if (state.endTime === null) {
      this.#closed = undefined
      return this.#ended.has(state.runId) ? 'unclear' : 'open'
    }
    this.#closed ??= { since: Date.now(), upTo: undefined }
    const isTold = state.untold.every((runId) => this.#begun.has(runId) && this.#ended.has(runId))
    if (isTold) this.#closed.upTo ??= state.position
    else this.#closed.upTo = undefined
    const { since, upTo } = this.#closed
    const isSent = upTo !== undefined && this.#hasSent(upTo)
    return isSent || Date.now() - since > COMPLETING_MS ? 'over' : 'unclear'
  }

  /** The engine is away: a reader who is sent off too early comes again, and finds the execution going on. */
  #judgeWithout(error: unknown, lookingForMs: number): 'over' | 'unclear' {
    const isAway = error instanceof ApiError && AWAY.has(error.code)
    return isAway && this.#ended.size > 0 && lookingForMs > TELLING_MS ? 'over' : 'unclear'
  }
}
