import { readStart } from '../../platform/temporal/close-event.ts'
import type { Temporal } from '../../platform/temporal/temporal.ts'
import { isNotFound } from '../../platform/temporal/temporal-error.ts'
import type { RunKeeper, RunTarget } from './run-keeper.ts'
import type { RunWriteStore } from './run-write-store.ts'

/** How many runs are looked at in one go, so that an execution that nobody knew for long takes only so much time. */
const MAX_LOOKS = 100

/**
 * The runs of an execution, one after the other. Temporal is asked for the newest as a rule, and its lists come late: a
 * run may be known, and have ended, before those that it goes on from.
 */
export class RunChain {
  readonly #temporal: Temporal
  readonly #store: RunWriteStore
  readonly #keeper: RunKeeper

  constructor(temporal: Temporal, store: RunWriteStore, keeper: RunKeeper) {
    this.#temporal = temporal
    this.#store = store
    this.#keeper = keeper
  }

  /**
   * Brings the runs that are known to have begun before these, in the same executions, to their ends. Who keeps the end of
   * a run knows the one that goes on in its place, so that none in between is left out.
   * @returns those of them whose events are not complete yet
   * @throws an error of gRPC or of the database
   */
  async before(workspaceId: string, targets: readonly RunTarget[]): Promise<RunTarget[]> {
    const runIds = targets.map(({ runId }) => runId)
    const looked = new Set<string>()
    for (;;) {
      const earlier = await this.#store.watchedBefore(workspaceId, runIds)
      const next = earlier.find(({ ended, runId }) => !ended && !looked.has(runId))
      if (!next || looked.size === MAX_LOOKS) return earlier.filter(({ ended }) => ended)
      looked.add(next.runId)
      await this.#bringToEnd(workspaceId, next)
    }
  }

  /**
   * Has the runs known that a run goes on from, back to one that was known already.
   * @param runId the run right before it; null if it is the first
   * @returns whether any of them was not known
   * @throws as `before`
   */
  async join(workspaceId: string, executionId: string, runId: string | null): Promise<boolean> {
    let found = 0
    for (let next = runId; next !== null && found < MAX_LOOKS; found++) {
      if ((await this.#store.known(workspaceId, [next])).has(next)) break
      const target = { executionId, runId: next }
      try {
        await this.#keeper.look(workspaceId, target)
        next = (await readStart(await this.#temporal.of(workspaceId), target)).continuedRunId
      } catch (error) {
        // Temporal has forgotten it, and with it all that were before.
        if (isNotFound(error)) break
        throw error
      }
    }
    return found > 0
  }

  /** As `join`, for a run that is not known itself. */
  async joinBefore(workspaceId: string, target: RunTarget): Promise<boolean> {
    const start = await readStart(await this.#temporal.of(workspaceId), target).catch((error: unknown) => {
      if (isNotFound(error)) return undefined
      throw error
    })
    return this.join(workspaceId, target.executionId, start?.continuedRunId ?? null)
  }

  async #bringToEnd(workspaceId: string, target: RunTarget): Promise<void> {
    try {
      await this.#keeper.look(workspaceId, target)
    } catch (error) {
      if (!isNotFound(error)) throw error
      await this.#keeper.lost(workspaceId, target.runId)
    }
  }
}
