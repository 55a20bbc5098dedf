import { jsonCopy, jsonDiff } from './json-diff.ts'
import { type AttributesOf, failureMessage, jsonPayload } from './run-events.ts'

/** Something under way that others can watch: on the event stream, with its state and every change of it. */
export interface Task<State extends object> {
  readonly id: string
  readonly type: string
  readonly state: Readonly<State>
  /**
   * Changes the state, and tells those who watch what is different; of a text that grew, only what is new. Takes the members
   * that change, or a function that changes a copy of the state.
   */
  update(change: Partial<State> | ((state: State) => State) | ((state: State) => void)): Promise<void>
}

type TaskEvent =
  | 'CUSTOM_TASK_STARTED'
  | 'CUSTOM_TASK_IN_PROGRESS'
  | 'CUSTOM_TASK_COMPLETED'
  | 'CUSTOM_TASK_FAILED'
  | 'CUSTOM_TASK_CANCELED'

/** Where a task's events go: not the same from workflow code as from an activity. */
export interface TaskSurroundings {
  newId(): string
  emit<T extends TaskEvent>(type: T, attributes: AttributesOf<T>): Promise<void>
  isCancellation(error: unknown): boolean
}

/** What runs a task: `task('export', { done: 0 }, async (task) => …)`, or without a state. */
export interface TaskFunction {
  /**
   * Runs a function as a task that others can watch, and gives what the function gives.
   * @param type what kind of task it is: the topic under which it is on the event stream
   * @param state what is known of it; changed with `task.update`
   */
  <State extends object, R>(type: string, state: State, body: (task: Task<State>) => Promise<R>): Promise<R>
  <R>(type: string, body: (task: Task<Record<string, unknown>>) => Promise<R>): Promise<R>
}

/** Makes the `task` of a place from where its events go. */
export function taskFunction(surroundings: () => TaskSurroundings): TaskFunction {
  return async <R>(
    type: string,
    stateOrBody: object | ((task: Task<never>) => Promise<R>),
    body?: (task: Task<never>) => Promise<R>,
  ): Promise<R> => {
    const hasState = typeof stateOrBody !== 'function'
    const run = (hasState ? body : stateOrBody) as (task: Task<never>) => Promise<R>
    return runTask(surroundings(), type, hasState ? stateOrBody : undefined, run)
  }
}

async function runTask<R>(
  { newId, emit, isCancellation }: TaskSurroundings,
  type: string,
  initial: object | undefined,
  body: (task: Task<never>) => Promise<R>,
): Promise<R> {
  let state = initial === undefined ? undefined : (jsonCopy(initial) as object)
  const names = { custom_task_id: newId(), custom_task_type: type }
  await emit('CUSTOM_TASK_STARTED', { ...names, payload: jsonPayload(state) })
  const task: Task<Record<string, unknown>> = {
    id: names.custom_task_id,
    type,
    get state() {
      return (state ?? {}) as Record<string, unknown>
    },
    async update(change) {
      const before = state ?? {}
      const after = jsonCopy(changed(before, change)) as object
      const patch = jsonDiff(before, after)
      state = after
      if (patch.length > 0)
        await emit('CUSTOM_TASK_IN_PROGRESS', { ...names, payload: { type: 'json_patch', value: patch } })
    },
  }
  try {
    const result = await body(task as unknown as Task<never>)
    await emit('CUSTOM_TASK_COMPLETED', { ...names, payload: jsonPayload(state) })
    return result
  } catch (error) {
    const message = failureMessage(error)
    if (isCancellation(error)) await emit('CUSTOM_TASK_CANCELED', { ...names, reason: message })
    else await emit('CUSTOM_TASK_FAILED', { ...names, failure: { message } })
    throw error
  }
}

function changed(before: object, change: object | ((state: Record<string, unknown>) => unknown)): object {
  if (typeof change !== 'function') return { ...before, ...change }
  const draft = jsonCopy(before) as Record<string, unknown>
  const given = change(draft)
  return typeof given === 'object' && given !== null ? given : draft
}
