import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Caller } from '../../platform/http/auth.ts'
import { ApiError } from '../../platform/http/errors.ts'
import { resetPoints } from '../../platform/temporal/history.ts'
import type { WorkspaceTemporal } from '../../platform/temporal/temporal.ts'
import { describeRun, resetExecution } from '../../platform/temporal/workflow-calls.ts'
import type { EventCompletion } from './event-completion.ts'
import type { ExecutionCalls } from './execution-calls.ts'
import type { RunKeeper, RunTarget } from './run-keeper.ts'
import type { RunLookup } from './run-lookup.ts'
import type { RunStore } from './run-store.ts'

/** To where an execution is to go back. */
export interface Reset {
  /** Of a WORKFLOW_TASK_COMPLETED. */
  readonly eventId: number
  readonly reason: string | null
  /** What came after that event and is not to be done again. */
  readonly exclude: { readonly signals: boolean; readonly updates: boolean }
}

/** Lets executions go back. */
export class ResetService {
  readonly #calls: ExecutionCalls
  readonly #lookup: RunLookup
  readonly #store: RunStore
  readonly #keeper: RunKeeper
  readonly #completion: Pick<EventCompletion, 'begun'>
  readonly #logger: Logger

  constructor(parts: {
    calls: ExecutionCalls
    lookup: RunLookup
    store: RunStore
    keeper: RunKeeper
    completion: Pick<EventCompletion, 'begun'>
    logger: Logger
  }) {
    this.#calls = parts.calls
    this.#lookup = parts.lookup
    this.#store = parts.store
    this.#keeper = parts.keeper
    this.#completion = parts.completion
    this.#logger = parts.logger
  }

  /**
   * Makes a new run that goes on from a completed task of the newest one; Temporal terminates that one if it is open.
   * @throws ApiError WF_1001 with `valid_reset_events`, WF_1100, WF_1103, TEMPORAL_UNAVAILABLE
   */
  async reset(caller: Caller, executionId: string, reset: Reset): Promise<void> {
    const { workspaceId } = caller
    const run = await this.#lookup.newest(workspaceId, executionId)
    const target = { executionId, runId: run.runId }
    await this.#calls.about(workspaceId, run, async (temporal) => {
      const points = await resetPoints(temporal, target)
      if (!points.includes(reset.eventId))
        throw new ApiError(
          'WF_1001',
          `The execution cannot be reset to the event ${reset.eventId}: it is no WORKFLOW_TASK_COMPLETED of its newest run. \`valid_reset_events\` lists those.`,
          { details: { valid_reset_events: points } },
        )
      const runId = await resetExecution(temporal, target, {
        ...reset,
        reason: reset.reason ?? `by the key ${caller.keyId}`,
        requestId: randomUUID(),
      })
      if (run.endTime === null) await this.#quietly(target, () => this.#keeper.look(workspaceId, target))
      const next = { executionId, runId }
      await this.#quietly(next, () => this.#begun(workspaceId, temporal, next))
    })
  }

  /** Keeps the new run. Its worker goes on behind the point where it would have reported that it has begun. */
  async #begun(workspaceId: string, temporal: WorkspaceTemporal, target: RunTarget): Promise<void> {
    await this.#keeper.see(workspaceId, [await describeRun(temporal, target)])
    const run = await this.#store.findRun(workspaceId, target.runId)
    if (run) await this.#completion.begun(workspaceId, run)
  }

  /** What cannot be written now is written by the follower. */
  async #quietly({ runId }: RunTarget, write: () => Promise<unknown>): Promise<void> {
    await write().catch((error: unknown) => {
      this.#logger.warn({ err: error, runId }, 'an execution was reset, and a run of it could not be written')
    })
  }
}
