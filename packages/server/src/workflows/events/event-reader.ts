import { lifecycleTypes } from '@tramontane/contract/lifecycle-events'
import type { EventFilter } from './event-filter.ts'
import { lifecycleIdentity } from './event-identity.ts'
import type { StoredEvent } from './stored-event.ts'
import type { WorkflowEventStore } from './workflow-event-store.ts'

/** An event as other features read it. */
export type StoredWorkflowEvent = StoredEvent

const PAGE = { limit: 500, maxBytes: 4 * 1024 * 1024 }

/** What other features may read of workflow events. */
export class WorkflowEventReader {
  readonly #store: WorkflowEventStore

  constructor(store: WorkflowEventStore) {
    this.#store = store
  }

  /** Which events of their beginning and end runs have, and the task that these name. Runs without any are left out. */
  async lifecycle(
    workspaceId: string,
    runs: readonly { executionId: string; runId: string }[],
  ): Promise<Map<string, { types: Set<string>; taskId: string | null }>> {
    const identities = runs.flatMap(({ executionId, runId }) =>
      lifecycleTypes.map((type) => lifecycleIdentity(executionId, runId, type)),
    )
    const found = new Map<string, { types: Set<string>; taskId: string | null }>()
    for (const { runId, type, taskId } of await this.#store.withIdentities(workspaceId, identities)) {
      const seen = found.get(runId) ?? { types: new Set(), taskId: taskId || null }
      seen.types.add(type)
      found.set(runId, seen)
    }
    return found
  }

  /** The events of a run, in the order of the stream, some at a time. */
  ofRun(workspaceId: string, runId: string): AsyncGenerator<readonly StoredEvent[]> {
    return this.#pages(workspaceId, { runId })
  }

  /** The events of an execution with all its runs, in the order of the stream, some at a time. */
  ofExecution(workspaceId: string, executionId: string): AsyncGenerator<readonly StoredEvent[]> {
    return this.#pages(workspaceId, { executionId })
  }

  async *#pages(workspaceId: string, filter: EventFilter): AsyncGenerator<readonly StoredEvent[]> {
    for (let after = 0, goesOn = true; goesOn; ) {
      const page = await this.#store.page(workspaceId, filter, { after, ...PAGE })
      after = page.position
      goesOn = page.isFull
      if (page.events.length > 0) yield page.events
    }
  }
}
