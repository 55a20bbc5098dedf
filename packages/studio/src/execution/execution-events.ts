import type { Frame } from '../api/stream.ts'
import { ExecutionStream } from './execution-stream.ts'
import { keptStores } from './live-store.ts'
import { type TaskEvent, TaskStates } from './task-states.ts'

/** An event as a worker sent it; the time is rounded to what a number holds. */
export interface ReportedEvent extends TaskEvent {
  readonly event_id: string
  readonly workflow_name: string
  readonly sequence: number
  /** Of the topic of a custom task; `activity` or `workflow` else. */
  readonly stream: string
}

/** Events beyond are forgotten, oldest first; the states of tasks are kept. */
const MAX_EVENTS = 20_000

/** What workers report of an execution, as it comes. */
export class ExecutionEvents extends ExecutionStream {
  readonly events: ReportedEvent[] = []
  readonly tasks = new TaskStates()
  /** Events that have come, with those that are forgotten. */
  count = 0
  protected override readonly operation = 'streamExecution'
  protected override readonly parts: { params: { execution_id: string } }

  constructor(executionId: string) {
    super()
    this.parts = { params: { execution_id: executionId } }
  }

  protected override take({ data }: Frame): void {
    const {
      data: event,
      stream,
      broker_sequence,
    } = JSON.parse(data) as {
      data: Omit<ReportedEvent, 'sequence' | 'stream'>
      stream: string
      broker_sequence: number
    }
    this.events.push({ ...event, stream, sequence: broker_sequence })
    this.count++
    if (this.events.length > MAX_EVENTS * 1.1) this.events.splice(0, this.events.length - MAX_EVENTS)
    this.tasks.add(event)
  }
}

/** The events of an execution; the same each time. */
export const executionEvents = keptStores((executionId) => new ExecutionEvents(executionId), 10)
