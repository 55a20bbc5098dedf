import type { Logger } from 'pino'
import type { RunInfo } from '../../platform/temporal/run-info.ts'
import type { Temporal } from '../../platform/temporal/temporal.ts'
import { isNotFound } from '../../platform/temporal/temporal-error.ts'
import { openRunsStartedSince, runsClosedSince } from '../../platform/temporal/visibility.ts'
import type { RunKeeper } from './run-keeper.ts'
import type { RunWriteStore } from './run-write-store.ts'
import type { Reach, Sweep, SweepStore } from './sweep-store.ts'
import type { TaskTrouble } from './task-trouble.ts'

/**
 * How often Temporal's lists are read, and how far back beyond what has been read: what comes into them late is missed by
 * the first, and found by the next one.
 */
const REACHES: readonly { reach: Reach; everyMs: number; overlapMs: number }[] = [
  { reach: 'farthest', everyMs: 3_600_000, overlapMs: 3_600_000 },
  { reach: 'far', everyMs: 30_000, overlapMs: 30_000 },
  { reach: 'near', everyMs: 0, overlapMs: 3_000 },
]
const LEASE_SECONDS = 15
const EXTEND_MS = 3_000
const BUSY_SECONDS = 1
const IDLE_SECONDS = 5
/** After an error. */
const LATER_SECONDS = 5
const LANES = 8
const MAX_DONE = 50_000

/** Finds, in Temporal's lists, runs that nobody told us of, and ends that nobody told us of. */
export class RunSweep {
  readonly #temporal: Temporal
  readonly #sweeps: SweepStore
  readonly #runs: RunWriteStore
  readonly #keeper: RunKeeper
  readonly #trouble: TaskTrouble
  readonly #logger: Logger
  /** Runs that have ended and are kept so: they come in the lists again, as long as these reach back to them. */
  #done = new Set<string>()

  constructor(parts: {
    temporal: Temporal
    sweeps: SweepStore
    runs: RunWriteStore
    keeper: RunKeeper
    trouble: TaskTrouble
    logger: Logger
  }) {
    this.#temporal = parts.temporal
    this.#sweeps = parts.sweeps
    this.#runs = parts.runs
    this.#keeper = parts.keeper
    this.#trouble = parts.trouble
    this.#logger = parts.logger
  }

  /**
   * Reads the lists of one workspace that is due.
   * @returns false if none is
   * @throws the database's errors
   */
  async next(signal: AbortSignal): Promise<boolean> {
    const sweep = await this.#sweeps.claim(LEASE_SECONDS)
    if (!sweep) return false
    const due = REACHES.filter(
      ({ reach, everyMs }) => sweep.now.getTime() - sweep[reach].getTime() >= everyMs,
    )
    const from = Math.min(...due.map(({ reach, overlapMs }) => sweep[reach].getTime() - overlapMs))
    try {
      await this.#read(sweep, new Date(from), signal)
      if (!signal.aborted && due.some(({ reach }) => reach === 'far'))
        await this.#trouble.tell(sweep.workspaceId, await this.#temporal.of(sweep.workspaceId))
      if (signal.aborted) {
        // Nobody has to wait until the lease is over.
        await this.#sweeps.done(sweep, [], 0)
        return false
      }
      const isBusy = await this.#sweeps.isBusy(sweep.workspaceId)
      await this.#sweeps.done(
        sweep,
        due.map(({ reach }) => reach),
        isBusy ? BUSY_SECONDS : IDLE_SECONDS,
      )
    } catch (error) {
      this.#logger.warn(
        { err: error, workspaceId: sweep.workspaceId },
        'runs could not be followed; trying again',
      )
      await this.#sweeps.done(sweep, [], LATER_SECONDS)
    }
    return true
  }

  async #read({ workspaceId }: Sweep, from: Date, signal: AbortSignal): Promise<void> {
    let extended = Date.now()
    const temporal = await this.#temporal.of(workspaceId)
    const lists = [runsClosedSince(temporal, from), openRunsStartedSince(temporal, from)]
    for (const list of lists)
      for await (const runs of list) {
        if (signal.aborted) return
        if (Date.now() - extended > EXTEND_MS) {
          await this.#sweeps.extend(workspaceId, LEASE_SECONDS)
          extended = Date.now()
        }
        await this.#take(workspaceId, runs, signal)
      }
  }

  async #take(workspaceId: string, runs: readonly RunInfo[], signal: AbortSignal): Promise<void> {
    const fresh = runs.filter(({ runId }) => !this.#done.has(runId))
    await this.#keeper.see(workspaceId, fresh)
    const closed = fresh.filter(({ closeTime }) => closeTime !== null)
    const known = await this.#runs.known(
      workspaceId,
      closed.map(({ runId }) => runId),
    )
    if (this.#done.size > MAX_DONE) this.#done = new Set()
    for (const { runId } of closed) if (known.get(runId)?.isOpen === false) this.#done.add(runId)
    const queue = closed.filter(({ runId }) => known.get(runId)?.isOpen)
    const lane = async () => {
      for (let run = queue.pop(); run && !signal.aborted; run = queue.pop()) await this.#end(workspaceId, run)
    }
    await Promise.all(Array.from({ length: LANES }, lane))
  }

  async #end(workspaceId: string, run: RunInfo): Promise<void> {
    try {
      await this.#keeper.look(workspaceId, run)
    } catch (error) {
      if (!isNotFound(error)) throw error
      await this.#keeper.lost(workspaceId, run.runId, run)
    }
  }
}
