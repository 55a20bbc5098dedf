import type { WorkflowEvent } from '@tramontane/contract/workflow-events'
import { lastTaskProblem, type TaskProblem } from '../../platform/temporal/history.ts'
import type { WorkspaceTemporal } from '../../platform/temporal/temporal.ts'
import { runsInTrouble } from '../../platform/temporal/visibility.ts'
import { uuidAt } from '../../platform/uuid.ts'
import { eventBase } from './derived-events.ts'
import type { EventNeeds } from './event-completion.ts'
import type { Run } from './run.ts'
import type { RunStore } from './run-store.ts'

/** A run in trouble is looked at again after so long: it may be in trouble anew. */
const AGAIN_MS = 10 * 60_000
const MAX_KNOWN = 5_000
/** In one workspace at once; the others are looked at the next time. */
const MAX_RUNS = 100

function problemEvent(run: Run, { kind, taskId, nanoseconds, message }: TaskProblem): WorkflowEvent {
  const type = kind === 'failed' ? 'WORKFLOW_TASK_FAILED' : 'WORKFLOW_TASK_TIMED_OUT'
  const common = {
    ...eventBase(run, nanoseconds),
    event_id: uuidAt(nanoseconds / 1000n, `${run.runId} ${type} ${taskId}`),
  }
  return type === 'WORKFLOW_TASK_FAILED'
    ? { ...common, event_type: type, attributes: { task_id: taskId, failure: { message } } }
    : { ...common, event_type: type, attributes: { task_id: taskId, timeout_type: null } }
}

/**
 * Tells, as events, of runs that get nowhere because their worker fails at them again and again. Their status stays
 * RUNNING, and workers say nothing of it.
 */
export class TaskTrouble {
  readonly #runs: RunStore
  readonly #events: Pick<EventNeeds, 'record'>
  readonly #known = new Map<string, number>()

  constructor(runs: RunStore, events: Pick<EventNeeds, 'record'>) {
    this.#runs = runs
    this.#events = events
  }

  /** Looks for such runs in a workspace. @throws an error of gRPC or of the database */
  async tell(workspaceId: string, temporal: WorkspaceTemporal): Promise<void> {
    const ids: string[] = []
    for await (const runs of runsInTrouble(temporal)) ids.push(...runs.map(({ runId }) => runId))
    const fresh = ids.filter((id) => (this.#known.get(id) ?? 0) < Date.now()).slice(0, MAX_RUNS)
    if (fresh.length === 0) return
    const events: WorkflowEvent[] = []
    for (const run of await this.#runs.findRuns(workspaceId, fresh)) {
      const problem = await lastTaskProblem(temporal, run)
      if (problem) events.push(problemEvent(run, problem))
    }
    if (events.length > 0) await this.#events.record(workspaceId, events)
    if (this.#known.size > MAX_KNOWN) this.#known.clear()
    for (const id of fresh) this.#known.set(id, Date.now() + AGAIN_MS)
  }
}
