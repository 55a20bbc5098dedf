import { randomUUID } from 'node:crypto'

/** An event as a worker sends it. */
export interface SentWorkflowEvent {
  readonly event_id: string
  readonly event_type: string
  readonly event_timestamp: number
  readonly workflow_exec_id: string
  readonly workflow_run_id: string
  readonly attributes: Record<string, unknown>
  readonly [member: string]: unknown
}

const failure = { message: 'it broke' }
const json = (value: unknown) => ({ type: 'json', value, encoding_options: null })

/** What an event of each type says of itself. */
const ATTRIBUTES: Readonly<Record<string, (task: string) => Record<string, unknown>>> = {
  WORKFLOW_EXECUTION_STARTED: (task_id) => ({
    task_id,
    workflow_name: 'greet',
    display_name: 'Greet',
    input: json([{ name: 'Ada' }]),
    attempt: 1,
  }),
  WORKFLOW_EXECUTION_COMPLETED: (task_id) => ({ task_id, result: json({ result: 'Hello' }), attempt: 1 }),
  WORKFLOW_EXECUTION_FAILED: (task_id) => ({ task_id, failure, attempt: 1 }),
  WORKFLOW_EXECUTION_CANCELED: (task_id) => ({ task_id, reason: null, attempt: 1 }),
  WORKFLOW_EXECUTION_CONTINUED_AS_NEW: (task_id) => ({
    task_id,
    new_execution_run_id: randomUUID(),
    workflow_name: 'greet',
    input: json([]),
  }),
  WORKFLOW_TASK_TIMED_OUT: (task_id) => ({ task_id, timeout_type: 'START_TO_CLOSE' }),
  WORKFLOW_TASK_FAILED: (task_id) => ({ task_id, failure }),
  CUSTOM_TASK_STARTED: (custom_task_id) => ({
    custom_task_id,
    custom_task_type: 'token',
    payload: json({ text: '' }),
  }),
  CUSTOM_TASK_IN_PROGRESS: (custom_task_id) => ({
    custom_task_id,
    custom_task_type: 'token',
    payload: {
      type: 'json_patch',
      value: [{ op: 'append', path: '/text', value: ' wind' }],
      encoding_options: null,
    },
  }),
  CUSTOM_TASK_COMPLETED: (custom_task_id) => ({
    custom_task_id,
    custom_task_type: 'token',
    payload: json({ text: 'wind' }),
  }),
  CUSTOM_TASK_FAILED: (custom_task_id) => ({ custom_task_id, custom_task_type: 'token', failure }),
  CUSTOM_TASK_TIMED_OUT: (custom_task_id) => ({
    custom_task_id,
    custom_task_type: 'token',
    timeout_type: null,
  }),
  CUSTOM_TASK_CANCELED: (custom_task_id) => ({ custom_task_id, custom_task_type: 'token', reason: 'enough' }),
  ACTIVITY_TASK_STARTED: (task_id) => ({ task_id, activity_name: 'say', input: json([{ to: 'Ada' }]) }),
  ACTIVITY_TASK_COMPLETED: (task_id) => ({ task_id, activity_name: 'say', result: json(null) }),
  ACTIVITY_TASK_RETRYING: (task_id) => ({ task_id, activity_name: 'say', attempt: 1, failure }),
  ACTIVITY_TASK_FAILED: (task_id) => ({ task_id, activity_name: 'say', attempt: 2, failure }),
}

/** Every type of event. */
export const workflowEventTypes: readonly string[] = Object.keys(ATTRIBUTES)

/**
 * An event as the Python worker sends it.
 * @param changes members of the event, and of its attributes (`attributes`), that are different
 */
export function sentWorkflowEvent(
  type: string,
  { attributes = {}, ...changes }: { attributes?: Record<string, unknown> } & Record<string, unknown> = {},
): SentWorkflowEvent {
  const execution = (changes.workflow_exec_id as string | undefined) ?? `execution-${randomUUID()}`
  return {
    event_id: randomUUID(),
    event_timestamp: Date.now() * 1_000_000,
    root_workflow_exec_id: execution,
    parent_workflow_exec_id: null,
    continued_run_id: null,
    first_execution_run_id: null,
    schedule_id: null,
    workflow_exec_id: execution,
    workflow_run_id: randomUUID(),
    workflow_name: 'greet',
    event_type: type,
    attributes: { ...ATTRIBUTES[type]!(randomUUID()), ...attributes },
    ...changes,
  }
}
