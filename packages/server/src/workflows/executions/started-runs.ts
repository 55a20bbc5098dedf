import type { Logger } from 'pino'
import type { RunWriteStore, SeenRun } from './run-write-store.ts'

/** When so many rows are being written, who starts more waits for theirs. */
const MAX_UNDER_WAY = 200

/**
 * Writes the rows of runs that were started just now. Who started one is not kept waiting: Temporal has it, and a row that is
 * never written is made by the follower. Who reads runs here waits, so that what one has started one finds.
 */
export class StartedRuns {
  readonly #store: RunWriteStore
  readonly #logger: Logger
  readonly #underWay = new Map<string, Set<Promise<void>>>()
  #count = 0

  constructor(store: RunWriteStore, logger: Logger) {
    this.#store = store
    this.#logger = logger
  }

  /** Resolves when the run's row is written, or cannot be written now; never rejects. */
  keep(workspaceId: string, run: SeenRun): { written: Promise<void>; isTooMuch: boolean } {
    const writing = this.#underWay.get(workspaceId) ?? new Set()
    this.#underWay.set(workspaceId, writing)
    const written = this.#store
      .started(workspaceId, run)
      .catch((error: unknown) => {
        this.#logger.warn(
          { err: error, runId: run.runId },
          'a run has started and its row could not be written',
        )
      })
      .finally(() => {
        this.#count--
        writing.delete(written)
        if (writing.size === 0 && this.#underWay.get(workspaceId) === writing)
          this.#underWay.delete(workspaceId)
      })
    writing.add(written)
    this.#count++
    return { written, isTooMuch: this.#count > MAX_UNDER_WAY }
  }

  /** Resolves when the rows of the runs that have been started in a workspace until now are written. */
  async written(workspaceId: string): Promise<void> {
    const writing = this.#underWay.get(workspaceId)
    if (writing) await Promise.all(writing)
  }

  /** Resolves when nothing is being written any more. */
  async stop(): Promise<void> {
    await Promise.all([...this.#underWay.values()].flatMap((writing) => [...writing]))
  }
}
