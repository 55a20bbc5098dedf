import type { WorkflowEvent } from '@tramontane/contract/workflow-events'
import type { Temporal } from '../../platform/temporal/temporal.ts'
import { isNotFound, temporalError } from '../../platform/temporal/temporal-error.ts'
import { describeRun } from '../../platform/temporal/workflow-calls.ts'
import { isUuid } from '../../platform/uuid.ts'
import type { EventCompletion } from './event-completion.ts'
import type { Run } from './run.ts'
import type { RunKeeper, RunTarget } from './run-keeper.ts'
import type { RunStore } from './run-store.ts'

/** Tells how runs began of which no worker has told it, before they have ended. */
export class RunBeginnings {
  readonly #temporal: Temporal
  readonly #runs: RunStore
  readonly #keeper: RunKeeper
  readonly #completion: Pick<EventCompletion, 'beginning'>

  constructor(parts: {
    temporal: Temporal
    runs: RunStore
    keeper: RunKeeper
    completion: Pick<EventCompletion, 'beginning'>
  }) {
    this.#temporal = parts.temporal
    this.#runs = parts.runs
    this.#keeper = parts.keeper
    this.#completion = parts.completion
  }

  /**
   * That a run has begun.
   * @param taskId the id that its worker gave the run as its task
   * @returns undefined for a run that neither we know nor Temporal does
   * @throws ApiError TEMPORAL_UNAVAILABLE, WF_1103 if there is no telling
   */
  async tell(workspaceId: string, target: RunTarget, taskId: string): Promise<WorkflowEvent | undefined> {
    if (!isUuid(target.runId)) return undefined
    try {
      const run = await this.#find(workspaceId, target)
      return run && (await this.#completion.beginning(workspaceId, run, taskId))
    } catch (error) {
      throw temporalError(error)
    }
  }

  async #find(workspaceId: string, target: RunTarget): Promise<Run | undefined> {
    const known = await this.#runs.findRun(workspaceId, target.runId)
    const run = known ?? (await this.#met(workspaceId, target))
    return run?.executionId === target.executionId && run.runId === target.runId ? run : undefined
  }

  /** A run that is not known yet. Nobody need have told us of it. */
  async #met(workspaceId: string, target: RunTarget): Promise<Run | undefined> {
    try {
      const temporal = await this.#temporal.of(workspaceId)
      await this.#keeper.see(workspaceId, [await describeRun(temporal, target)])
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
    return this.#runs.findRun(workspaceId, target.runId)
  }
}
