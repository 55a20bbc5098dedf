import { z } from 'zod'
import { operation } from './operation.ts'
import { id, instant, jsonObject, queryBoolean, wellFormedText } from './scalars.ts'
import { networkEncodedInput } from './workflow-payload.ts'

/** How an execution, or one run of it, stands. The last is never answered; clients know it. */
export const executionStatus = z.enum([
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'CANCELED',
  'TERMINATED',
  'CONTINUED_AS_NEW',
  'TIMED_OUT',
  'RETRYING_AFTER_ERROR',
])
export type ExecutionStatus = z.output<typeof executionStatus>

/** An execution in lists: without its result. */
export const executionSummary = z.object({
  workflow_name: z.string(),
  /** Null when no registered workflow is known by this name: a plain Temporal worker runs it. */
  workflow_id: id.nullable(),
  deployment_name: z.string().nullable(),
  execution_id: z.string(),
  parent_execution_id: z.string().nullable(),
  /** Its own id if it has no parent. */
  root_execution_id: z.string(),
  run_id: z.string(),
  /** The key that started it, or that made its schedule. */
  user_id: z.string().nullable(),
  status: executionStatus,
  start_time: instant,
  end_time: instant.nullable(),
  total_duration_ms: z.int().nullable(),
})

/** An execution, with what its newest run gave back. */
export const execution = executionSummary.extend({ result: z.unknown() })
export type Execution = z.output<typeof execution>

const tag = 'Workflow executions'
const errorShape = 'workflows'
const path = '/v1/workflows/executions/{execution_id}'
const params = z.object({ execution_id: z.string() })
const name = wellFormedText(1, 255)

/** An input object, or one that the client encoded itself (which is told by its `b64payload`). */
const input = z
  .union([networkEncodedInput, jsonObject])
  .nullish()
  .transform((value) => value ?? null)

/** Characters that an execution's id may have: Temporal's databases hold no more. */
export const maxExecutionId = 255
const executionId = z
  .string()
  .regex(/^[a-zA-Z0-9_-]+$/, 'may only have letters, digits, hyphens (-) and underscores (_)')
  .max(
    maxExecutionId,
    `may have ${maxExecutionId} characters at most, which is what Temporal's databases hold`,
  )

/** Seconds that a caller may wait for a result; how long it is if nothing is said. */
export const maxWaitSeconds = 3_600
export const defaultWaitSeconds = 300

export const executionRequest = z
  .object({
    /** Absent: a new one is made up. */
    execution_id: executionId.nullish(),
    input,
    /** What a client encoded; then there is no `input`. */
    encoded_input: networkEncodedInput.nullish(),
    wait_for_result: z.boolean().default(false),
    timeout_seconds: z.number().positive().max(maxWaitSeconds).nullish(),
    custom_tracing_attributes: z.record(z.string().max(500), z.string().max(10_000)).nullish(),
    /** Do not join the caller's trace. */
    force_new_trace: z.boolean().default(false),
    /** As the header; a malformed one costs the trace, not the execution. */
    traceparent: z.unknown().optional(),
    extensions: jsonObject.nullish(),
    /** The older name of `deployment_name`. */
    task_queue: name.nullish(),
    deployment_name: name.nullish(),
  })
  .refine((body) => body.input === null || !body.encoded_input, {
    error: 'only one of `input` and `encoded_input` can be given',
    path: ['encoded_input'],
  })
export type ExecutionRequest = z.output<typeof executionRequest>

/** What `wait_for_result` answers. */
export const executionResult = z.object({
  workflow_name: z.string(),
  execution_id: z.string(),
  result: z.unknown(),
})

const startErrors = [
  'WORKFLOW_INPUT_INVALID',
  'DEPLOYMENT_AMBIGUOUS',
  'DEPLOYMENT_NOT_FOUND',
  'WF_1101',
  'WF_1103',
  'WORKFLOW_FAILED',
  'WORKER_UNAVAILABLE',
  'TEMPORAL_UNAVAILABLE',
] as const

export const executeWorkflow = operation({
  id: 'executeWorkflow',
  method: 'POST',
  path: '/v1/workflows/{workflow_identifier}/execute',
  tag,
  access: 'write',
  errorShape,
  status: 200,
  summary: 'Start an execution of a workflow, by its name or id; with `wait_for_result`, wait for its end',
  params: z.object({ workflow_identifier: z.string() }),
  body: executionRequest,
  response: z.union([execution, executionResult]),
  errors: ['WORKFLOW_NOT_FOUND', ...startErrors],
})

export const executeRegistration = operation({
  id: 'executeRegistration',
  method: 'POST',
  path: '/v1/workflows/registrations/{workflow_registration_id}/execute',
  tag,
  access: 'write',
  errorShape,
  status: 200,
  summary: 'Start an execution where one registration runs (the vendor has deprecated it)',
  params: z.object({ workflow_registration_id: z.string() }),
  body: executionRequest,
  response: z.union([execution, executionResult]),
  errors: ['WORKFLOW_REGISTRATION_NOT_FOUND', ...startErrors],
})

export const getExecution = operation({
  id: 'getExecution',
  method: 'GET',
  path,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'How an execution stands: its newest run, and what that gave back',
  params,
  response: execution,
  errors: ['WF_1100', 'TEMPORAL_UNAVAILABLE'],
})

/** Both histories take it. */
export const historyQuery = z.object({
  /** Put JSON values in the place of payloads. */
  decode_payloads: queryBoolean.default(false),
})

export const getExecutionHistory = operation({
  id: 'getExecutionHistory',
  method: 'GET',
  path: `${path}/history`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: "The history of an execution's newest run, as Temporal writes it",
  params,
  query: historyQuery,
  response: jsonObject,
  errors: ['WF_1100', 'WF_1103', 'TEMPORAL_UNAVAILABLE'],
})

const invocation = z.object({ name, input })
const invocationErrors = [
  'WF_1100',
  'WF_1102',
  'WF_1103',
  'WORKFLOW_HANDLER_NOT_FOUND',
  'WORKFLOW_INPUT_INVALID',
  'TEMPORAL_UNAVAILABLE',
] as const

export const signalExecution = operation({
  id: 'signalExecution',
  method: 'POST',
  path: `${path}/signals`,
  tag,
  access: 'write',
  errorShape,
  status: 202,
  summary: 'Send a signal; it is kept for a worker that is away',
  params,
  body: invocation,
  response: z.object({ message: z.string() }),
  errors: invocationErrors,
})

export const queryExecution = operation({
  id: 'queryExecution',
  method: 'POST',
  path: `${path}/queries`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'Ask an open execution for something, which changes nothing',
  params,
  body: invocation,
  response: z.object({ query_name: z.string(), result: z.unknown() }),
  errors: [...invocationErrors, 'WORKFLOW_HANDLER_FAILED', 'WORKER_UNAVAILABLE'],
})

export const updateExecution = operation({
  id: 'updateExecution',
  method: 'POST',
  path: `${path}/updates`,
  tag,
  access: 'write',
  errorShape,
  status: 200,
  summary: 'Change something of an open execution, and wait until it is done',
  params,
  body: invocation,
  response: z.object({ update_name: z.string(), result: z.unknown() }),
  errors: [...invocationErrors, 'WORKFLOW_HANDLER_FAILED', 'WORKER_UNAVAILABLE'],
})

const endErrors = ['WF_1100', 'WF_1102', 'WF_1103', 'TEMPORAL_UNAVAILABLE'] as const

export const cancelExecution = operation({
  id: 'cancelExecution',
  method: 'POST',
  path: `${path}/cancel`,
  tag,
  access: 'write',
  errorShape,
  status: 204,
  summary: 'Ask an execution to end; its worker decides when',
  params,
  errors: endErrors,
})

export const terminateExecution = operation({
  id: 'terminateExecution',
  method: 'POST',
  path: `${path}/terminate`,
  tag,
  access: 'write',
  errorShape,
  status: 204,
  summary: 'End an execution at once, whatever its worker does',
  params,
  errors: endErrors,
})

const batch = z.object({ execution_ids: z.array(wellFormedText(1, 1_000)).min(1).max(100) })
const batchResults = z.object({
  results: z.record(
    z.string(),
    z.object({ status: z.enum(['success', 'failure']), error: z.string().nullable() }),
  ),
})

export const cancelExecutions = operation({
  id: 'cancelExecutions',
  method: 'POST',
  path: '/v1/workflows/executions/cancel',
  tag,
  access: 'write',
  errorShape,
  status: 200,
  summary: 'As `cancelExecution`, for up to 100; each has a result of its own',
  body: batch,
  response: batchResults,
  errors: ['TEMPORAL_UNAVAILABLE'],
})

export const terminateExecutions = operation({
  id: 'terminateExecutions',
  method: 'POST',
  path: '/v1/workflows/executions/terminate',
  tag,
  access: 'write',
  errorShape,
  status: 200,
  summary: 'As `terminateExecution`, for up to 100; each has a result of its own',
  body: batch,
  response: batchResults,
  errors: ['TEMPORAL_UNAVAILABLE'],
})

export const resetExecution = operation({
  id: 'resetExecution',
  method: 'POST',
  path: `${path}/reset`,
  tag,
  access: 'write',
  errorShape,
  status: 204,
  summary:
    'Go back to an event of the history, a WORKFLOW_TASK_COMPLETED, and on from there in a new run; an open run is terminated',
  params,
  body: z.object({
    event_id: z.int(),
    reason: wellFormedText(0, 10_000).nullish(),
    exclude_signals: z.boolean().default(false),
    exclude_updates: z.boolean().default(false),
  }),
  errors: ['WF_1001', 'WF_1100', 'WF_1103', 'TEMPORAL_UNAVAILABLE'],
})

// What workers send of their executions. Nothing here may be strict: to refuse is to fail a user's workflow.

const searchKeys = z.record(z.string(), z.string().nullable())
const metadataStatus = z.enum(['ok', 'partial'])

export const registerExecution = operation({
  id: 'registerExecution',
  method: 'POST',
  path: '/v1/workflows/executions/register',
  tag: 'Workers',
  access: 'work',
  errorShape,
  status: 200,
  summary: 'For workers: say that a run has begun. Taken whatever it is',
  body: z.unknown(),
  response: z.object({
    execution_id: z.string(),
    /** False if the run was known. */
    created: z.boolean(),
    metadata_status: metadataStatus,
  }),
})

const searchKeyPath = '/v1/workflows/executions/search_keys/{temporal_workflow_id}'
const searchKeyParams = z.object({ temporal_workflow_id: z.string() })
/** Search keys that one call may bring, and that a run may have. */
export const maxSearchKeys = 20

export const setSearchKeys = operation({
  id: 'setSearchKeys',
  method: 'PATCH',
  path: searchKeyPath,
  tag: 'Workers',
  access: 'work',
  errorShape,
  status: 200,
  summary: "For workers: set some of a run's search keys",
  params: searchKeyParams,
  body: z.object({
    search_key_metadata: searchKeys
      .refine((keys) => Object.keys(keys).length <= maxSearchKeys, {
        error: `may have ${maxSearchKeys} keys at most`,
      })
      .nullish(),
    /** Absent: the newest run. */
    temporal_run_id: z.string().nullish(),
    execution_token_hash: z.string().nullish(),
  }),
  response: z.object({
    metadata_status: metadataStatus,
    /** Those that are not kept: their names are too long, or the run has as many as it may have. */
    dropped_keys: z.array(z.string()),
    /** Those whose value was too long and has been cut. */
    truncated_keys: z.array(z.string()),
  }),
  errors: ['WF_1100'],
})

export const deleteSearchKeys = operation({
  id: 'deleteSearchKeys',
  method: 'DELETE',
  path: searchKeyPath,
  tag: 'Workers',
  access: 'work',
  errorShape,
  status: 200,
  summary: "For workers: take some of a run's search keys away",
  params: searchKeyParams,
  body: z.object({
    temporal_run_id: z.string().nullish(),
    keys: z.array(z.string().max(1_000)).max(maxSearchKeys).nullish(),
  }),
  response: z.object({ deleted_keys: z.array(z.string()) }),
  errors: ['WF_1100'],
})
