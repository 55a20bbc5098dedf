import type { WorkflowEvent } from '@tramontane/contract/workflow-events'
import type { TemporalPayload } from '@tramontane/contract/workflow-payload'
import { readClose, readStart, type StartEvent } from '../../platform/temporal/close-event.ts'
import type { Temporal } from '../../platform/temporal/temporal.ts'
import { isNotFound } from '../../platform/temporal/temporal-error.ts'
import { endedEvent, endTypeOf, type SeenEvents, startedEvent } from './derived-events.ts'
import type { RecentInputs } from './recent-inputs.ts'
import type { Run } from './run.ts'
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

/** Makes up, from Temporal's history, the events that a worker did not send: those of which none is there yet. */
export class EventCompletion {
  readonly #temporal: Temporal
  readonly #runs: RunStore
  readonly #watches: RunWriteStore
  readonly #events: EventNeeds
  readonly #inputs: RecentInputs

  constructor(parts: {
    temporal: Temporal
    runs: RunStore
    watches: RunWriteStore
    events: EventNeeds
    inputs: RecentInputs
  }) {
    this.#temporal = parts.temporal
    this.#runs = parts.runs
    this.#watches = parts.watches
    this.#events = parts.events
    this.#inputs = parts.inputs
  }

  /**
   * Completes the events of runs that have ended. Nothing is left to be done about them then.
   * @throws an error of gRPC or of the database; then it is to be done again
   */
  async complete(workspaceId: string, targets: readonly RunTarget[]): Promise<void> {
    const runIds = targets.map(({ runId }) => runId)
    const [runs, seen] = await Promise.all([
      this.#runs.findRuns(workspaceId, runIds),
      this.#events.lifecycle(workspaceId, targets),
    ])
    const missing: WorkflowEvent[] = []
    for (const run of runs)
      missing.push(...(await this.#missing(workspaceId, run, seen.get(run.runId) ?? NONE)))
    if (missing.length > 0) await this.#events.record(workspaceId, missing)
    await this.#watches.unwatch(workspaceId, runIds)
  }

  /** That a run has begun, for one whose worker will not say it: one that was reset goes on behind that point. */
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
