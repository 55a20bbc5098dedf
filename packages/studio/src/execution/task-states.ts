import { isContainer, patchTaskState } from '@tramontane/contract/task-patches'

/** A state of a custom task as it is put together from what its worker sent, and how the task stands. */
export interface TaskState {
  readonly id: string
  readonly type: string
  readonly runId: string
  readonly startedAt: number
  endedAt: number | null
  state: 'running' | 'completed' | 'failed' | 'canceled' | 'timed out'
  value: unknown
  /** What failed, or why it was given up. */
  message: string | null
  /** How often it has said something. */
  updates: number
}

/** What of an event is looked at here. */
export interface TaskEvent {
  readonly event_type: string
  /** Nanoseconds since 1970. */
  readonly event_timestamp: number
  readonly workflow_run_id: string
  readonly attributes: Readonly<Record<string, unknown>>
}

interface Payload {
  readonly type?: string
  readonly value?: unknown
}

const ENDS: Readonly<Record<string, TaskState['state']>> = {
  CUSTOM_TASK_COMPLETED: 'completed',
  CUSTOM_TASK_FAILED: 'failed',
  CUSTOM_TASK_TIMED_OUT: 'timed out',
  CUSTOM_TASK_CANCELED: 'canceled',
}

/** The custom tasks of an execution, put together event by event: streamed answers grow, progress goes on. */
export class TaskStates {
  readonly #tasks = new Map<string, TaskState>()

  /** In the order in which they began. */
  get all(): TaskState[] {
    return [...this.#tasks.values()]
  }

  /** Takes the next event. @returns whether it was about a task */
  add({ event_type: type, event_timestamp, workflow_run_id, attributes }: TaskEvent): boolean {
    if (!type.startsWith('CUSTOM_TASK_')) return false
    const id = String(attributes.custom_task_id ?? '')
    const at = Math.floor(event_timestamp / 1e6)
    const payload = attributes.payload as Payload | undefined
    const task = this.#tasks.get(id) ?? {
      id,
      type: String(attributes.custom_task_type ?? ''),
      runId: workflow_run_id,
      startedAt: at,
      endedAt: null,
      state: 'running' as const,
      value: undefined,
      message: null,
      updates: 0,
    }
    this.#tasks.set(id, task)
    task.updates++
    if (payload)
      task.value = payload.type === 'json_patch' ? patchTaskState(task.value, payload.value) : payload.value
    const end = ENDS[type]
    if (end) Object.assign(task, { state: end, endedAt: at, message: messageOf(attributes) })
    return true
  }
}

function messageOf({ failure, reason }: Readonly<Record<string, unknown>>): string | null {
  const message =
    typeof failure === 'object' && failure !== null ? (failure as { message?: unknown }).message : reason
  return typeof message === 'string' && message !== '' ? message : null
}

/**
 * The text that a task streams: its state if that is one, or the only text in it that grew.
 * @returns undefined if the state is no text
 */
export function streamedText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (!isContainer(value) || Array.isArray(value)) return undefined
  const texts = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  if (texts.length === 1) return texts[0]![1]
  // Of several, the one that such tasks call so.
  return texts.find(([name]) => name === 'text' || name === 'content')?.[1]
}
