import { ApiError } from '../../platform/http/errors.ts'
import type { LiveStream } from '../../platform/http/live-stream.ts'
import type { JsonObject } from '../../platform/json-object.ts'
import { lastTaskProblem, readHistoryPart } from '../../platform/temporal/history.ts'
import { followOutline, type OutlinedEvent } from '../../platform/temporal/history-outline.ts'
import { type RunState, readRunState } from '../../platform/temporal/run-state.ts'
import type { Temporal, WorkspaceTemporal } from '../../platform/temporal/temporal.ts'
import { isNotFound, temporalError } from '../../platform/temporal/temporal-error.ts'
import type { Run, RunReader } from '../executions/run-reader.ts'

/** JSON of one page after which no event is added. */
const PAGE_BYTES = 4 * 1024 * 1024

/** What is pending in a run, and how the task that carries its code on has failed. */
export type PendingState = Omit<RunState, 'task'> & {
  readonly task: (NonNullable<RunState['task']> & { readonly lastFailure: string | null }) | null
}

/** What Temporal's history, and its description of a run, tell of runs. */
export class HistoryService {
  readonly #temporal: Temporal
  readonly #runs: RunReader

  constructor(temporal: Temporal, runs: RunReader) {
    this.#temporal = temporal
    this.#runs = runs
  }

  /** @throws ApiError WF_1100, TEMPORAL_UNAVAILABLE, WF_1103 */
  run(workspaceId: string, runId: string): Promise<Run> {
    return this.#runs.findRun(workspaceId, runId)
  }

  /**
   * A page of a run's history.
   * @throws ApiError WF_1100, TEMPORAL_UNAVAILABLE, WF_1103
   */
  async page(
    workspaceId: string,
    runId: string,
    page: { after: number; limit: number; decode: boolean },
  ): Promise<{ events: JsonObject[]; next: number | null }> {
    const run = await this.run(workspaceId, runId)
    return this.#about(workspaceId, (temporal) =>
      readHistoryPart(temporal, targetOf(run), { ...page, maxBytes: PAGE_BYTES }),
    )
  }

  /**
   * Sends a run's history to a reader, what there is and what comes, until the run ends or the reader is gone. Never rejects.
   * @param toFrame writes a batch of events
   */
  async send(
    stream: LiveStream,
    run: Run,
    after: number,
    toFrame: (events: readonly OutlinedEvent[]) => Uint8Array,
  ): Promise<void> {
    const { workspaceId } = stream.caller
    try {
      await this.#about(workspaceId, async (temporal) => {
        for await (const events of followOutline(temporal, targetOf(run), { after, signal: stream.over })) {
          stream.send([toFrame(events)])
          await stream.ready()
        }
      })
      stream.end()
    } catch (error) {
      if (error instanceof ApiError) stream.breakOff(error.code, trimmed(error.message), 'read_error')
      else stream.breakOff('WF_1400', 'the history cannot be read at the moment', 'read_error')
    }
  }

  /**
   * What is pending in a run.
   * @returns null when Temporal keeps the run no more, or cannot be asked of one that has ended
   * @throws ApiError TEMPORAL_UNAVAILABLE, WF_1103
   */
  async state(workspaceId: string, run: Run): Promise<PendingState | null> {
    try {
      const temporal = await this.#temporal.of(workspaceId)
      const state = await readRunState(temporal, targetOf(run))
      // Of a run that was ended from outside, Temporal goes on to name what was pending then.
      if (run.endTime !== null) return { ...state, activities: [], children: [], task: null }
      const { task } = state
      if (task === null) return { ...state, task }
      // Only what has failed is asked for how: a look into the history.
      const problem = task.attempt > 1 ? await lastTaskProblem(temporal, targetOf(run)) : undefined
      // A task is tried again, too, when its worker was killed: then nothing is wrong with the code.
      return { ...state, task: { ...task, lastFailure: problem?.kind === 'failed' ? problem.message : null } }
    } catch (error) {
      const told = temporalError(error)
      // Of a run that has ended our row says all.
      if (isNotFound(error) || (run.endTime !== null && told instanceof ApiError)) return null
      throw told
    }
  }

  /**
   * The runs of an execution, newest first.
   * @throws ApiError WF_1100, TEMPORAL_UNAVAILABLE
   */
  async chain(
    workspaceId: string,
    executionId: string,
    { beforeRunId, limit }: { beforeRunId: string | undefined; limit: number },
  ): Promise<{ runs: Run[]; next: string | null }> {
    // Of the newest Temporal is asked, so that the chain is as it is now.
    await this.#runs.find(workspaceId, executionId)
    const before = beforeRunId === undefined ? undefined : await this.run(workspaceId, beforeRunId)
    const runs = await this.#runs.ofExecution(workspaceId, executionId, { before, limit: limit + 1 })
    const page = runs.slice(0, limit)
    return { runs: page, next: runs.length > limit ? page.at(-1)!.runId : null }
  }

  async #about<T>(workspaceId: string, call: (temporal: WorkspaceTemporal) => Promise<T>): Promise<T> {
    try {
      return await call(await this.#temporal.of(workspaceId))
    } catch (error) {
      if (!isNotFound(error)) throw temporalError(error)
      throw new ApiError(
        'WF_1100',
        'Temporal no longer has the history of this run: it keeps histories for a while after their end.',
        { cause: error },
      )
    }
  }
}

function targetOf({ executionId, runId }: Run) {
  return { executionId, runId }
}

/** Half a sentence, as the streams want it. */
function trimmed(message: string): string {
  return message.replace(/\.$/, '')
}
