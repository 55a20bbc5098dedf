import { beginningType, isEnd } from '@tramontane/contract/lifecycle-events'
import type { WorkflowEvent } from '@tramontane/contract/workflow-events'
import { lifecycleIdentity } from './event-identity.ts'
import { type NewEventRow, rowOfEvent } from './workflow-event-row.ts'
import type { WorkflowEventStore } from './workflow-event-store.ts'

/**
 * Tells that a run has begun, as its worker would have told it.
 * @param taskId the id that the worker gave the run as its task
 * @returns undefined for a run that nobody knows
 * @throws ApiError TEMPORAL_UNAVAILABLE, WF_1103 if there is no telling
 */
export type TellBeginning = (
  workspaceId: string,
  run: { executionId: string; runId: string },
  taskId: string,
) => Promise<WorkflowEvent | undefined>

/**
 * Sees to it that the beginning of a run is stored before its end. A worker tells of either once or a few times, and may have
 * told of the beginning while the server was away; what is made up after the end would be behind it for ever.
 */
export class LostBeginnings {
  readonly #store: Pick<WorkflowEventStore, 'withIdentities'>
  readonly #tell: TellBeginning

  constructor(store: Pick<WorkflowEventStore, 'withIdentities'>, tell: TellBeginning) {
    this.#store = store
    this.#tell = tell
  }

  /**
   * @param rows what a worker has sent
   * @returns undefined if no run ends in them that does not begin in them; else what gives the rows that are to be stored
   *   before them, and throws as `TellBeginning`
   */
  before(workspaceId: string, rows: readonly NewEventRow[]): (() => Promise<NewEventRow[]>) | undefined {
    const begun = new Set<string>()
    const ends = new Map<string, NewEventRow>()
    for (const row of rows) {
      const { event_type: type, workflow_exec_id: executionId, workflow_run_id: runId } = row.event
      if (row.identity === null || (type !== beginningType && !isEnd(type))) continue
      const beginning = lifecycleIdentity(executionId, runId, beginningType)
      if (type === beginningType) begun.add(beginning)
      else if (!begun.has(beginning)) ends.set(beginning, row)
    }
    return ends.size === 0 ? undefined : () => this.#lost(workspaceId, ends)
  }

  /** @param ends by the identities of the beginnings that are to be there */
  async #lost(workspaceId: string, ends: ReadonlyMap<string, NewEventRow>): Promise<NewEventRow[]> {
    const stored = await this.#store.withIdentities(workspaceId, [...ends.keys()])
    const begun = new Set(stored.map(({ runId }) => runId))
    const lost: NewEventRow[] = []
    for (const { event, task_id } of ends.values()) {
      const { workflow_exec_id: executionId, workflow_run_id: runId } = event
      if (begun.has(runId)) continue
      const beginning = await this.#tell(workspaceId, { executionId, runId }, task_id)
      if (beginning) lost.push(rowOfEvent(beginning))
    }
    return lost
  }
}
