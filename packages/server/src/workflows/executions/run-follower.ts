import { setTimeout as delay } from 'node:timers/promises'
import { isEnd } from '@tramontane/contract/lifecycle-events'
import type { WorkflowEvent } from '@tramontane/contract/workflow-events'
import type { Logger } from 'pino'
import type { Temporal } from '../../platform/temporal/temporal.ts'
import { isNotFound } from '../../platform/temporal/temporal-error.ts'
import { isUuid } from '../../platform/uuid.ts'
import { isDerived } from './derived-events.ts'
import type { EventCompletion } from './event-completion.ts'
import type { RunKeeper, RunTarget } from './run-keeper.ts'
import type { RunSweep } from './run-sweep.ts'
import type { RunWriteStore, Watch } from './run-write-store.ts'
import type { SweepStore } from './sweep-store.ts'

const TICK_MS = 500
const LEASE_SECONDS = 30
const CLAIM = 100
const LANES = 8
/** Workers report an end shortly before Temporal has it. */
const EXPECTED_MS = 3_000
const MAX_HINTS = 64
const MAX_WAITING_HINTS = 2_000
/** A workspace that was noted a while ago need not be noted again. */
const NOTED_MS = 60_000
/** When what was told of a run is noted again, if it has no row yet: Temporal's lists have it soon, as a rule. */
const NOTE_AGAIN_MS = [1_000, 10_000, 60_000]

/**
 * Keeps runs true without anybody asking: reads Temporal's lists (`run-sweep.ts`), looks again at open runs of which
 * nothing was heard for long, and completes the events of those that have ended. All that is to be done is in the
 * database, where any server takes it up; what a killed one held is due again when its lease is over. What events tell
 * only makes it faster.
 */
export class RunFollower {
  readonly #temporal: Temporal
  readonly #sweeps: SweepStore
  readonly #watches: RunWriteStore
  readonly #sweep: RunSweep
  readonly #keeper: RunKeeper
  readonly #completion: EventCompletion
  readonly #logger: Logger
  readonly #stopped = new AbortController()
  readonly #noted = new Map<string, number>()
  readonly #hints = new Map<string, { workspaceId: string; target: RunTarget }>()
  readonly #hinted = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #sweeping: Promise<void> | undefined
  #watching: Promise<void> | undefined

  constructor(parts: {
    temporal: Temporal
    sweeps: SweepStore
    watches: RunWriteStore
    sweep: RunSweep
    keeper: RunKeeper
    completion: EventCompletion
    logger: Logger
  }) {
    this.#temporal = parts.temporal
    this.#sweeps = parts.sweeps
    this.#watches = parts.watches
    this.#sweep = parts.sweep
    this.#keeper = parts.keeper
    this.#completion = parts.completion
    this.#logger = parts.logger
  }

  start(): void {
    this.#timer = setInterval(() => this.wake(), TICK_MS)
    this.wake()
  }

  /** Leaves off where it is; what is not done yet is taken up by another server, or the next start. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopped.abort(new Error('the server is stopping'))
    this.#hints.clear()
    await Promise.all([this.#sweeping, this.#watching])
  }

  /** Looks at once for what is due. */
  wake(): void {
    if (this.#stopped.signal.aborted || this.#temporal.unavailable !== null) return
    this.#sweeping ??= this.#untilNone(() => this.#sweep.next(this.#stopped.signal)).finally(() => {
      this.#sweeping = undefined
    })
    this.#watching ??= this.#untilNone(() => this.#watchesDue()).finally(() => {
      this.#watching = undefined
    })
  }

  /** From now on a workspace is followed. Cheap: may be called with every request that has to do with it. */
  async follow(workspaceId: string): Promise<void> {
    if ((this.#noted.get(workspaceId) ?? 0) > Date.now()) return
    await this.#sweeps.follow(workspaceId, { soon: true })
    this.#noted.set(workspaceId, Date.now() + NOTED_MS)
  }

  /** Is told of events when they are stored: an end is looked for at once. */
  onEvents(workspaceId: string, events: readonly WorkflowEvent[]): void {
    const retried = new Set<string>()
    for (const event of events) {
      const { event_type, workflow_exec_id: executionId, workflow_run_id: runId } = event
      if (!isUuid(runId)) continue
      if (isEnd(event_type) && !isDerived(event)) this.hint(workspaceId, { executionId, runId })
      // Workers do not say that a run went on in another one; that other one's beginning does.
      const continued = event_type === 'WORKFLOW_EXECUTION_STARTED' ? event.continued_run_id : null
      if (continued && isUuid(continued)) this.hint(workspaceId, { executionId, runId: continued })
      if (event_type === 'ACTIVITY_TASK_RETRYING') retried.add(runId)
    }
    const quietly = (error: unknown) =>
      this.#logger.warn({ err: error }, 'what events told of runs was not noted')
    if (retried.size > 0) this.#noteRetried(workspaceId, [...retried]).catch(quietly)
    this.follow(workspaceId).catch(quietly)
  }

  async #noteRetried(workspaceId: string, runIds: readonly string[]): Promise<void> {
    const { signal } = this.#stopped
    let unknown = await this.#watches.retried(workspaceId, runIds)
    for (const wait of NOTE_AGAIN_MS) {
      if (unknown.length === 0) return
      await delay(wait, undefined, { signal, ref: false }).catch(() => {})
      if (signal.aborted) return
      unknown = await this.#watches.retried(workspaceId, unknown)
    }
  }

  /** A run ends about now. */
  hint(workspaceId: string, target: RunTarget): void {
    if (this.#hints.size >= MAX_WAITING_HINTS || this.#hinted.has(target.runId)) return
    this.#hints.set(target.runId, { workspaceId, target })
    this.#nextHint()
  }

  #nextHint(): void {
    if (this.#stopped.signal.aborted || this.#temporal.unavailable !== null || this.#hinted.size >= MAX_HINTS)
      return
    const [next] = this.#hints
    if (!next) return
    const [runId, { workspaceId, target }] = next
    this.#hints.delete(runId)
    this.#hinted.add(runId)
    this.#keeper
      .look(workspaceId, target, { waitMs: EXPECTED_MS })
      .catch((error: unknown) => this.#logger.debug({ err: error, runId }, 'the end of a run was not seen'))
      .finally(() => {
        this.#hinted.delete(runId)
        this.#nextHint()
      })
    this.#nextHint()
  }

  async #untilNone(next: () => Promise<boolean>): Promise<void> {
    try {
      while (!this.#stopped.signal.aborted && (await next()));
    } catch (error) {
      this.#logger.warn({ err: error }, 'runs could not be followed; trying again')
    }
  }

  /** @returns false if none is due, or Temporal does not answer */
  async #watchesDue(): Promise<boolean> {
    const due = await this.#watches.claim(CLAIM, LEASE_SECONDS)
    const ended = Map.groupBy(
      due.filter((watch) => watch.ended),
      ({ workspaceId }) => workspaceId,
    )
    const jobs: (() => Promise<void>)[] = [...ended].map(
      ([workspaceId, watches]) =>
        () =>
          this.#completion.complete(workspaceId, watches),
    )
    for (const watch of due) if (!watch.ended) jobs.push(() => this.#lookAgain(watch))
    let failed = 0
    const lane = async () => {
      for (let job = jobs.pop(); job; job = jobs.pop())
        await job().catch((error: unknown) => {
          failed++
          this.#logger.warn({ err: error }, 'a run could not be followed; trying again')
        })
    }
    await Promise.all(Array.from({ length: LANES }, lane))
    return due.length > 0 && failed === 0
  }

  async #lookAgain({ workspaceId, executionId, runId }: Watch): Promise<void> {
    try {
      if (await this.#keeper.look(workspaceId, { executionId, runId }))
        await this.#watches.concluded(workspaceId, runId)
      else await this.#watches.looked(workspaceId, [runId])
    } catch (error) {
      if (!isNotFound(error)) throw error
      await this.#keeper.lost(workspaceId, runId)
      await this.#watches.concluded(workspaceId, runId)
    }
  }
}
