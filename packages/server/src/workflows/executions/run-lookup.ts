import { maxExecutionId } from '@tramontane/contract/executions'
import { ApiError } from '../../platform/http/errors.ts'
import type { RunInfo } from '../../platform/temporal/run-info.ts'
import type { Temporal } from '../../platform/temporal/temporal.ts'
import { isNotFound, temporalError } from '../../platform/temporal/temporal-error.ts'
import { findListedRun } from '../../platform/temporal/visibility.ts'
import { describeRun, type Target } from '../../platform/temporal/workflow-calls.ts'
import { isUuid } from '../../platform/uuid.ts'
import type { Run } from './run.ts'
import type { RunChain } from './run-chain.ts'
import type { RunKeeper } from './run-keeper.ts'
import type { RunStore } from './run-store.ts'
import type { StartedRuns } from './started-runs.ts'

/** How long Temporal is asked about what we know already. */
const CONFIRM_MS = 2_000
const ASK_MS = 10_000

export function unknownExecution(id: string): ApiError {
  return new ApiError('WF_1100', `No execution has the id ${JSON.stringify(id)}.`)
}

export function unknownRun(id: string): ApiError {
  return new ApiError('WF_1100', `No run has the id ${JSON.stringify(id)}.`)
}

/**
 * Finds runs as they are at this moment. A run that has ended never changes, so its row says all. Of one that is open
 * Temporal is asked; while it does not answer there is no telling (503), and nobody is told what may not be true.
 */
export class RunLookup {
  readonly #temporal: Temporal
  readonly #store: RunStore
  readonly #keeper: RunKeeper
  readonly #chain: Pick<RunChain, 'joinBefore'>
  readonly #started: Pick<StartedRuns, 'written'>
  readonly #follow: (workspaceId: string) => Promise<void>

  /** @param parts.follow is told of workspaces that have runs of which nobody told us */
  constructor(parts: {
    temporal: Temporal
    store: RunStore
    keeper: RunKeeper
    chain: Pick<RunChain, 'joinBefore'>
    started: Pick<StartedRuns, 'written'>
    follow: (workspaceId: string) => Promise<void>
  }) {
    this.#temporal = parts.temporal
    this.#store = parts.store
    this.#keeper = parts.keeper
    this.#chain = parts.chain
    this.#started = parts.started
    this.#follow = parts.follow
  }

  /**
   * The newest run of an execution. Temporal is asked even if the newest that we know has ended: the execution may have been
   * started again by somebody else. If it does not answer then, ours is the answer, unless it says itself that another run
   * goes on in its place.
   * @throws ApiError WF_1100, TEMPORAL_UNAVAILABLE, WF_1103
   */
  async newest(workspaceId: string, executionId: string): Promise<Run> {
    if (!isPossible(executionId)) throw unknownExecution(executionId)
    await this.#started.written(workspaceId)
    const row = await this.#store.findNewest(workspaceId, executionId)
    const last = row && isLast(row) ? row : undefined
    if (last && this.#temporal.unavailable !== null) return last
    try {
      const info = await this.#describe(workspaceId, { executionId }, last ? CONFIRM_MS : ASK_MS)
      if (info) return await this.#brought(workspaceId, info, row)
    } catch (error) {
      if (last) return last
      throw temporalError(error)
    }
    if (row) return row
    throw unknownExecution(executionId)
  }

  /** The newest run of an execution that we know, or Temporal does. It may have ended meanwhile. @throws as `newest` */
  async known(workspaceId: string, executionId: string): Promise<Run> {
    await this.#started.written(workspaceId)
    const row = isPossible(executionId) ? await this.#store.findNewest(workspaceId, executionId) : undefined
    return row ?? this.newest(workspaceId, executionId)
  }

  /**
   * One run.
   * @throws ApiError WF_1100, TEMPORAL_UNAVAILABLE, WF_1103
   */
  async run(workspaceId: string, runId: string): Promise<Run> {
    if (!isUuid(runId)) throw unknownRun(runId)
    await this.#started.written(workspaceId)
    const row = await this.#store.findRun(workspaceId, runId)
    if (row && row.endTime !== null) return row
    try {
      const target = row ?? (await this.#listed(workspaceId, runId))
      const info = target && (await this.#describe(workspaceId, target, ASK_MS))
      if (info) return await this.#brought(workspaceId, info, row)
    } catch (error) {
      throw temporalError(error)
    }
    if (row) return row
    throw unknownRun(runId)
  }

  /** As `newest`; but while Temporal does not answer, the row as it is. For what is about more than the status. */
  newestIfThere(workspaceId: string, executionId: string): Promise<Run> {
    return this.newest(workspaceId, executionId).catch(async (error: unknown) => {
      const row = isAway(error) ? await this.#store.findNewest(workspaceId, executionId) : undefined
      if (!row) throw error
      return row
    })
  }

  /** As `run`; but while Temporal does not answer, the row as it is. */
  runIfThere(workspaceId: string, runId: string): Promise<Run> {
    return this.run(workspaceId, runId).catch(async (error: unknown) => {
      const row = isAway(error) ? await this.#store.findRun(workspaceId, runId) : undefined
      if (!row) throw error
      return row
    })
  }

  /** Our row of a run that Temporal has described, brought to where the run is. */
  async #brought(workspaceId: string, info: RunInfo, row: Run | undefined): Promise<Run> {
    const isKnown = row?.runId === info.runId
    if (isKnown && (info.closeTime === null || row.endTime !== null)) return row
    if (!isKnown) {
      await this.#follow(workspaceId)
      // From one that is open as we know it, its end leads here.
      if (row === undefined || row.endTime !== null) await this.#chain.joinBefore(workspaceId, info)
      await this.#keeper.see(workspaceId, [info])
    }
    if (info.closeTime !== null) await this.#keeper.look(workspaceId, info)
    const run = await this.#store.findRun(workspaceId, info.runId)
    if (!run) throw unknownRun(info.runId)
    return run
  }

  /** @returns undefined if Temporal has no such run */
  async #describe(workspaceId: string, target: Target, withinMs: number): Promise<RunInfo | undefined> {
    const temporal = await this.#temporal.of(workspaceId)
    try {
      const { executionId, runId } = target
      return await temporal.withDeadline(withinMs, () => describeRun(temporal, { executionId, runId }))
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  async #listed(workspaceId: string, runId: string): Promise<RunInfo | undefined> {
    return findListedRun(await this.#temporal.of(workspaceId), runId)
  }
}

/** Whether a run has ended, and none goes on in its place. */
function isLast({ endTime, status, nextRunId }: Run): boolean {
  return endTime !== null && nextRunId === null && status !== 'CONTINUED_AS_NEW'
}

function isPossible(executionId: string): boolean {
  return executionId.length > 0 && executionId.length <= maxExecutionId && !executionId.includes('\0')
}

function isAway(error: unknown): boolean {
  return error instanceof ApiError && (error.code === 'TEMPORAL_UNAVAILABLE' || error.code === 'WF_1103')
}
