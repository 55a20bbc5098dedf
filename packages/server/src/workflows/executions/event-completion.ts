import type { WorkflowEvent } from '@tramontane/contract/workflow-events'
import type { TemporalPayload } from '@tramontane/contract/workflow-payload'
import { readClose, readStart, type StartEvent } from '../../platform/temporal/close-event.ts'
import type { Temporal } from '../../platform/temporal/temporal.ts'
import { isNotFound } from '../../platform/temporal/temporal-error.ts'
import { endedEvent, endTypeOf, type SeenEvents, startedEvent } from './derived-events.ts'
import type { RecentInputs } from './recent-inputs.ts'
import type { Run } from './run.ts'
import type { RunChain } from './run-chain.ts'
import type { RunTarget } from './run-keeper.ts'
import type { RunStore } from './run-store.ts'
import type { RunWriteStore } from './run-write-store.ts'

/** What is done for us by the events of workflows. */
export interface EventNeeds {
  /** Stores events; those that are there already change nothing. */
  record(workspaceId: string, events: readonly WorkflowEvent[]): Promise<void>
  /** Which events of their beginning and end these runs have. Runs without any may be missing. */
  lifecycle(workspaceId: string, runs: readonly RunTarget[]): Promise<ReadonlyMap<string, SeenEvents>>
}

/** How the first run of an execution begins. */
function firstRunOf({ runId }: Run, input: TemporalPayload): StartEvent {
  return { input: [input], attempt: 1, continuedRunId: null, firstRunId: runId }
}

const NONE: SeenEvents = { types: new Set(), taskId: null }
/** How long the events of a run wait for those of the runs before it, if Temporal does not tell of these. */
const IN_ORDER_MS = 60_000

/**
 * Makes up, from Temporal's history, the events that a worker did not send: those of which none is there yet. The runs of
 * an execution are told in the order in which they were, so that nobody takes the last for all.
 */
export class EventCompletion {
  readonly #temporal: Temporal
  readonly #runs: RunStore
  readonly #watches: RunWriteStore
  readonly #events: EventNeeds
  readonly #inputs: RecentInputs
  readonly #chain: RunChain

  constructor(parts: {
    temporal: Temporal
    runs: RunStore
    watches: RunWriteStore
    events: EventNeeds
    inputs: RecentInputs
    chain: RunChain
  }) {
    this.#temporal = parts.temporal
    this.#runs = parts.runs
    this.#watches = parts.watches
    this.#events = parts.events
    this.#inputs = parts.inputs
    this.#chain = parts.chain
  }

  /**
   * Completes the events of runs that have ended, and before them those of the earlier runs of their executions. Nothing is
   * left to be done about them then.
   * @throws an error of gRPC or of the database; then it is to be done again
   */
  async complete(workspaceId: string, targets: readonly RunTarget[]): Promise<void> {
    const isDone = await this.#complete(workspaceId, targets, { joining: true })
    if (!isDone) await this.#complete(workspaceId, targets, { joining: false })
  }

  /** @returns false if runs were found, with `joining`, that nobody knew of, and that are to be told first */
  async #complete(
    workspaceId: string,
    targets: readonly RunTarget[],
    { joining }: { joining: boolean },
  ): Promise<boolean> {
    const all = [...(await this.#earlier(workspaceId, targets)), ...targets]
    const runIds = all.map(({ runId }) => runId)
    const [runs, seen] = await Promise.all([
      this.#runs.findRuns(workspaceId, runIds),
      this.#events.lifecycle(workspaceId, all),
    ])
    runs.sort((one, other) => one.startTime.getTime() - other.startTime.getTime())
    const missing: WorkflowEvent[] = []
    for (const run of runs)
      missing.push(...(await this.#missing(workspaceId, run, seen.get(run.runId) ?? NONE)))
    if (joining && (await this.#joined(workspaceId, missing))) return false
    if (missing.length > 0) await this.#events.record(workspaceId, missing)
    await this.#watches.unwatch(workspaceId, runIds)
    return true
  }

  /** Earlier runs of the same executions whose events are to be completed, too. */
  async #earlier(workspaceId: string, targets: readonly RunTarget[]): Promise<RunTarget[]> {
    try {
      return await this.#chain.before(workspaceId, targets)
    } catch (error) {
      const runs = await this.#runs.findRuns(
        workspaceId,
        targets.map(({ runId }) => runId),
      )
      const isRecent = ({ endTime }: Run) => endTime !== null && Date.now() - endTime.getTime() < IN_ORDER_MS
      if (runs.some(isRecent)) throw error
      return []
    }
  }

  /** Has the runs known from which those go on whose beginnings these are. @returns whether any was not */
  async #joined(workspaceId: string, events: readonly WorkflowEvent[]): Promise<boolean> {
    let isNew = false
    for (const { workflow_exec_id: executionId, continued_run_id: runId } of events)
      if (runId && (await this.#chain.join(workspaceId, executionId, runId))) isNew = true
    return isNew
  }

  /** That a run has begun, as its worker would have told it. @param taskId the id that it gave the run as its task */
  beginning(workspaceId: string, run: Run, taskId: string): Promise<WorkflowEvent> {
    return this.#started(workspaceId, run, { types: NONE.types, taskId })
  }

  /** Tells that a run has begun, for one whose worker will not say it: one that was reset goes on behind that point. */
  async begun(workspaceId: string, run: Run): Promise<void> {
    await this.#events.record(workspaceId, [await this.#started(workspaceId, run, NONE)])
  }

  async #missing(workspaceId: string, run: Run, seen: SeenEvents): Promise<WorkflowEvent[]> {
    const missing: WorkflowEvent[] = []
    if (!seen.types.has('WORKFLOW_EXECUTION_STARTED'))
      missing.push(await this.#started(workspaceId, run, seen))
    const end = endTypeOf(run.status)
    if (seen.types.has(end)) return missing
    const close =
      end === 'WORKFLOW_EXECUTION_CONTINUED_AS_NEW'
        ? await this.#read(workspaceId, (temporal) => readClose(temporal, run))
        : undefined
    return [...missing, endedEvent(run, seen, close)]
  }

  async #started(workspaceId: string, run: Run, seen: SeenEvents): Promise<WorkflowEvent> {
    const input = this.#inputs.take(run.runId)
    if (input) return startedEvent(run, seen, firstRunOf(run, input))
    return startedEvent(run, seen, await this.#read(workspaceId, (temporal) => readStart(temporal, run)))
  }

  /** @returns undefined if Temporal no longer has the history */
  async #read<T>(
    workspaceId: string,
    read: (temporal: Awaited<ReturnType<Temporal['of']>>) => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await read(await this.#temporal.of(workspaceId))
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }
}
