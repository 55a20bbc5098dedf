import { ApiError } from '../../platform/http/errors.ts'
import type { Temporal, WorkspaceTemporal } from '../../platform/temporal/temporal.ts'
import { isClosed, isNotFound, temporalError } from '../../platform/temporal/temporal-error.ts'
import type { Run } from './run.ts'
import { type RunLookup, unknownExecution } from './run-lookup.ts'
import type { RunStore } from './run-store.ts'

/** @param status how the execution ended */
export function hasEnded(executionId: string, status: Run['status']): ApiError {
  return new ApiError('WF_1102', `The execution ${JSON.stringify(executionId)} is not running: ${status}.`, {
    details: { status },
  })
}

/** Calls about executions that are there, and what the API says of their errors. */
export class ExecutionCalls {
  readonly #temporal: Temporal
  readonly #lookup: RunLookup
  readonly #store: RunStore

  constructor(temporal: Temporal, lookup: RunLookup, store: RunStore) {
    this.#temporal = temporal
    this.#lookup = lookup
    this.#store = store
  }

  /**
   * Makes calls about an execution.
   * @throws ApiError WF_1102 if it has ended, WF_1100 if Temporal does not have it, WF_1103, TEMPORAL_UNAVAILABLE, and what
   *   `call` throws
   */
  async about<T>(
    workspaceId: string,
    { executionId, runId }: Run,
    call: (temporal: WorkspaceTemporal) => Promise<T>,
  ): Promise<T> {
    try {
      return await call(await this.#temporal.of(workspaceId))
    } catch (error) {
      if (isClosed(error))
        throw hasEnded(executionId, (await this.#lookup.newest(workspaceId, executionId)).status)
      if (!isNotFound(error)) throw temporalError(error)
      if (!(await this.#store.findRun(workspaceId, runId))) throw unknownExecution(executionId)
      throw new ApiError(
        'WF_1100',
        'Temporal no longer has this execution: it keeps them for a while after their end.',
        { cause: error },
      )
    }
  }
}
