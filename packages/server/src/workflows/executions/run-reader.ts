import type { Execution } from '@tramontane/contract/executions'
import type { RunOfExecution } from '@tramontane/contract/run-history'
import { type Run as KnownRun, toExecutionSummary } from './run.ts'
import type { RunCountStore, RunCounts } from './run-count-store.ts'
import type { RunLookup } from './run-lookup.ts'
import type { RunStore } from './run-store.ts'
import type { RunWriteStore } from './run-write-store.ts'

/** One run of an execution; the newest speaks for it. */
export type Run = KnownRun

/** A run as `GET /executions/{id}` answers it; traces answer the same members. */
export function toExecution(run: Run): Execution {
  return { ...toExecutionSummary(run), result: run.result }
}

/** A run in the chain of its execution. */
export function toRunOfExecution(run: Run): RunOfExecution {
  return { ...toExecutionSummary(run), message: run.message, next_run_id: run.nextRunId }
}

/**
 * What other features may know of executions and their runs. Where Temporal answers, they are as they are at this moment;
 * else as they were when it last did.
 */
export class RunReader {
  readonly #lookup: RunLookup
  readonly #store: RunStore
  readonly #watches: Pick<RunWriteStore, 'watched'>
  readonly #counts: RunCountStore

  constructor(
    lookup: RunLookup,
    store: RunStore,
    watches: Pick<RunWriteStore, 'watched'>,
    counts: RunCountStore,
  ) {
    this.#lookup = lookup
    this.#store = store
    this.#watches = watches
    this.#counts = counts
  }

  /**
   * The newest run of an execution.
   * @throws ApiError WF_1100; TEMPORAL_UNAVAILABLE if there is no telling whether it exists
   */
  find(workspaceId: string, executionId: string): Promise<Run> {
    return this.#lookup.newestIfThere(workspaceId, executionId)
  }

  /** @throws ApiError WF_1100; TEMPORAL_UNAVAILABLE if there is no telling whether it exists */
  findRun(workspaceId: string, runId: string): Promise<Run> {
    return this.#lookup.runIfThere(workspaceId, runId)
  }

  /**
   * The runs of an execution whose events may be incomplete: those that are open, and those that have ended and whose
   * beginning or end is still to be made up from history, if no worker tells of it. None is missing that is before `find`'s.
   */
  untold(workspaceId: string, executionId: string): Promise<string[]> {
    return this.#watches.watched(workspaceId, executionId)
  }

  /** The runs of an execution, newest first. @param before only runs older than this one */
  ofExecution(
    workspaceId: string,
    executionId: string,
    page: { before: Run | undefined; limit: number },
  ): Promise<Run[]> {
    return this.#store.ofExecution(workspaceId, executionId, page)
  }

  /** The newest runs that a schedule started, newest first. */
  ofSchedule(workspaceId: string, scheduleId: string, limit: number): Promise<Run[]> {
    return this.#store.ofSchedule(workspaceId, scheduleId, limit)
  }

  /**
   * How many runs are open, and how many have begun and failed since an instant, as our rows know.
   * @throws the database's time-out (DATABASE_TIMEOUT) after `timeLimitMs`
   */
  counts(workspaceId: string, since: Date, timeLimitMs: number): Promise<RunCounts> {
    return this.#counts.since(workspaceId, since, timeLimitMs)
  }
}
