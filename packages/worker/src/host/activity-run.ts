import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import type { Info } from '@temporalio/activity'
import type { PayloadContext } from '@tramontane/contract/workflow-payload'
import { type AttributesOf, type EventSource, type EventType, runEvent } from '../run-events.ts'
import type { EventPublisher } from './event-publisher.ts'

/** One attempt at an activity, as those see it who report on it. */
export class ActivityRun {
  readonly info: Info
  /** Undefined if the call came without one, from a workflow of another kind. */
  readonly owner: PayloadContext | undefined
  /** Of its span; undefined if it has none. */
  readonly trace: { readonly traceId: string; readonly spanId: string } | undefined
  readonly #publisher: EventPublisher
  readonly #source: EventSource

  constructor(
    info: Info,
    owner: PayloadContext | undefined,
    publisher: EventPublisher,
    trace: ActivityRun['trace'],
  ) {
    this.info = info
    this.owner = owner
    this.trace = trace
    this.#publisher = publisher
    this.#source = eventSource(info, owner)
  }

  /** Sends an event of this run. Need not be awaited: events keep their order. */
  emit<T extends EventType>(type: T, attributes: AttributesOf<T>): Promise<void> {
    const now = performance.timeOrigin + performance.now()
    return this.#publisher.publish([runEvent(this.#source, randomUUID(), now, type, attributes)])
  }

  /** When there is room for more events. */
  room(): Promise<void> {
    return this.#publisher.room()
  }
}

/** Whose events an activity's are. */
function eventSource(info: Info, owner: PayloadContext | undefined): EventSource {
  const { workflowId = '', runId = '' } = info.workflowExecution ?? {}
  return {
    workflow_name: info.workflowType ?? '',
    workflow_exec_id: workflowId,
    workflow_run_id: runId,
    root_workflow_exec_id: owner?.rootExecutionId ?? workflowId,
    parent_workflow_exec_id: owner?.parentExecutionId ?? null,
    continued_run_id: owner?.continuedRunId ?? null,
    first_execution_run_id: owner?.firstExecutionRunId ?? null,
    schedule_id: owner?.scheduleId ?? null,
  }
}

const current = new AsyncLocalStorage<ActivityRun>()

/** Runs an attempt, in which `currentActivityRun` finds it. */
export function runActivity<T>(run: ActivityRun, body: () => Promise<T>): Promise<T> {
  return current.run(run, body)
}

/** The attempt in whose code this is called; undefined outside of one. */
export function currentActivityRun(): ActivityRun | undefined {
  return current.getStore()
}
