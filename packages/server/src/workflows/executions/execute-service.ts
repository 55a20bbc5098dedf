import { randomUUID } from 'node:crypto'
import { defaultWaitSeconds, type Execution, type ExecutionRequest } from '@tramontane/contract/executions'
import type { Logger } from 'pino'
import type { Caller } from '../../platform/http/auth.ts'
import { ApiError } from '../../platform/http/errors.ts'
import type { SchemaChecker } from '../../platform/json-schema/schema-checker.ts'
import { readClose } from '../../platform/temporal/close-event.ts'
import { USER_ID_MEMO } from '../../platform/temporal/run-info.ts'
import type { Temporal, WorkspaceTemporal } from '../../platform/temporal/temporal.ts'
import { isInUse, isRefused, temporalError } from '../../platform/temporal/temporal-error.ts'
import { hasWorker, withoutWorker } from '../../platform/temporal/worker-calls.ts'
import { startExecution } from '../../platform/temporal/workflow-calls.ts'
import { microsOf } from '../../platform/uuid.ts'
import type { RegisteredWorkflow } from '../registrations/registration-reader.ts'
import { checkInput, type Input, inputPayload } from './execution-input.ts'
import type { RecentInputs } from './recent-inputs.ts'
import type { RunFollower } from './run-follower.ts'
import type { RunKeeper } from './run-keeper.ts'
import { toExecution } from './run-reader.ts'
import type { SeenRun } from './run-write-store.ts'
import type { RunnableMemory } from './runnable-memory.ts'
import type { StartedRuns } from './started-runs.ts'
import { traceContext } from './trace-context.ts'

/** What `wait_for_result` answers. */
export interface ExecutionResult {
  workflow_name: string
  execution_id: string
  result: unknown
}

/** gRPC takes 4 MiB in all. */
const MAX_INPUT_BYTES = 3_500_000
/** A version 7 UUID holds the time at which it was made. */
const TIMED_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7/

function startTimeOf(runId: string): Date {
  return new Date(TIMED_UUID.test(runId) ? Number(microsOf(runId) / 1000n) : Date.now())
}

/** Starts executions. */
export class ExecuteService {
  readonly #temporal: Temporal
  readonly #registrations: RunnableMemory
  readonly #started: StartedRuns
  readonly #inputs: RecentInputs
  readonly #keeper: RunKeeper
  readonly #follower: Pick<RunFollower, 'follow'>
  readonly #schemas: SchemaChecker
  readonly #logger: Logger
  readonly #leaving = new AbortController()

  constructor(parts: {
    temporal: Temporal
    registrations: RunnableMemory
    started: StartedRuns
    inputs: RecentInputs
    keeper: RunKeeper
    follower: Pick<RunFollower, 'follow'>
    schemas: SchemaChecker
    logger: Logger
  }) {
    this.#temporal = parts.temporal
    this.#registrations = parts.registrations
    this.#started = parts.started
    this.#inputs = parts.inputs
    this.#keeper = parts.keeper
    this.#follower = parts.follower
    this.#schemas = parts.schemas
    this.#logger = parts.logger
  }

  /** The server is stopping: those who wait for results are told to ask again elsewhere. */
  leaveOff(): void {
    this.#leaving.abort()
  }

  /**
   * Starts a workflow, by its name or id, in the deployment that is asked for or the only one there is.
   * @param call.headers of the request, for the caller's trace
   * @throws ApiError with a code of the operation's `errors`
   */
  async execute(
    caller: Caller,
    identifier: string,
    request: ExecutionRequest,
    call: { headers: Readonly<Record<string, unknown>>; signal: AbortSignal },
  ): Promise<Execution | ExecutionResult> {
    const workflow = await this.#registrations.findWorkflow(caller.workspaceId, identifier)
    const named = request.deployment_name ?? request.task_queue ?? undefined
    const deployment = await this.#registrations.chooseDeployment(caller.workspaceId, workflow, named)
    return this.#start(
      caller,
      await this.#definition(caller.workspaceId, workflow, deployment),
      request,
      call,
    )
  }

  /** As `execute`, where one registration runs. @throws ApiError with a code of the operation's `errors` */
  async executeRegistration(
    caller: Caller,
    registrationId: string,
    request: ExecutionRequest,
    call: { headers: Readonly<Record<string, unknown>>; signal: AbortSignal },
  ): Promise<Execution | ExecutionResult> {
    const workflow = await this.#registrations.findByRegistration(caller.workspaceId, registrationId)
    const named = request.deployment_name ?? request.task_queue ?? workflow.deploymentName
    const deployment = await this.#registrations.chooseDeployment(caller.workspaceId, workflow, named)
    const chosen =
      deployment === workflow.deploymentName
        ? workflow
        : await this.#definition(caller.workspaceId, workflow, deployment)
    return this.#start(caller, chosen, request, call)
  }

  async #definition(
    workspaceId: string,
    workflow: RegisteredWorkflow,
    deployment: string,
  ): Promise<RegisteredWorkflow> {
    if (workflow.deploymentName === deployment) return workflow
    const there = await this.#registrations.definitionOf(workspaceId, workflow.name, deployment)
    return there ?? { ...workflow, deploymentName: deployment }
  }

  async #start(
    caller: Caller,
    workflow: RegisteredWorkflow,
    request: ExecutionRequest,
    call: { headers: Readonly<Record<string, unknown>>; signal: AbortSignal },
  ): Promise<Execution | ExecutionResult> {
    const input: Input = request.encoded_input ?? request.input
    await checkInput(this.#schemas, workflow.definition.input_schema, input)
    const temporal = await this.#temporal.of(caller.workspaceId)
    // Before there is a run: if we are killed right after its start, somebody must find it.
    await this.#follower.follow(caller.workspaceId)
    const executionId =
      request.execution_id ?? randomUUID().replaceAll('-', '') + randomUUID().replaceAll('-', '')
    const trace = traceContext(call.headers, {
      traceparent: request.traceparent,
      forceNew: request.force_new_trace,
    })
    const payload = inputPayload(input, {
      namespace: temporal.namespace,
      executionId,
      executionToken: randomUUID(),
      extensions: request.extensions ?? undefined,
      onBehalfOf: workflow.definition.on_behalf_of,
    })
    if ((payload.data?.length ?? 0) > MAX_INPUT_BYTES)
      throw new ApiError(
        'WORKFLOW_INPUT_INVALID',
        'The input is larger than Temporal takes (2 MiB by default).',
      )
    const runId = await startExecution(temporal, {
      executionId,
      workflowName: workflow.name,
      taskQueue: workflow.deploymentName,
      input: payload,
      timeoutSeconds: workflow.definition.execution_timeout,
      requestId: randomUUID(),
      memo: {
        // So that whoever finds the run in Temporal, without our row, knows whose it is.
        [USER_ID_MEMO]: caller.keyId,
        ...(request.custom_tracing_attributes
          ? { custom_tracing_attributes: request.custom_tracing_attributes }
          : {}),
      },
      headers: {
        '_tracer-data': trace.carrier,
        ...(trace.isCallers ? { 'x-mistral-user-traceparent': true } : {}),
      },
    }).catch((error: unknown) => {
      throw startError(error, executionId)
    })
    const run: SeenRun = {
      runId,
      executionId,
      workflowName: workflow.name,
      workflowId: workflow.workflowId,
      deploymentName: workflow.deploymentName,
      parentExecutionId: null,
      rootExecutionId: executionId,
      startTime: startTimeOf(runId),
      isStartExact: false,
      userId: caller.keyId,
      traceId: trace.traceId,
      scheduleId: null,
    }
    this.#inputs.note(runId, payload)
    const { written, isTooMuch } = this.#started.keep(caller.workspaceId, run)
    if (isTooMuch || request.wait_for_result) await written
    if (!request.wait_for_result)
      return toExecution({
        ...run,
        status: 'RUNNING',
        endTime: null,
        result: null,
        message: null,
        nextRunId: null,
      })
    const waitMs = (request.timeout_seconds ?? defaultWaitSeconds) * 1000
    return this.#waited(caller.workspaceId, temporal, run, waitMs, call.signal)
  }

  /** Waits for the end, over as many runs as it takes. */
  async #waited(
    workspaceId: string,
    temporal: WorkspaceTemporal,
    { executionId, runId: firstRunId, workflowName, deploymentName }: SeenRun,
    waitMs: number,
    hangUp: AbortSignal,
  ): Promise<ExecutionResult> {
    const deadline = Date.now() + waitMs
    const signal = AbortSignal.any([hangUp, this.#leaving.signal])
    for (let runId = firstRunId; ; ) {
      const target = { executionId, runId }
      const remaining = Math.max(1, deadline - Date.now())
      const close = await readClose(temporal, target, { waitMs: remaining, signal }).catch(
        (error: unknown) => {
          throw this.#leaving.signal.aborted ? goesOn(executionId) : temporalError(error)
        },
      )
      if (!close) throw await this.#tooLong(temporal, executionId, deploymentName ?? '', waitMs)
      await this.#keeper.end(workspaceId, temporal, target, close).catch((error: unknown) => {
        this.#logger.warn({ err: error, runId }, 'a run has ended and its row could not be written')
      })
      if (close.status === 'COMPLETED')
        return { workflow_name: workflowName, execution_id: executionId, result: close.result }
      if (close.newRunId === null)
        throw new ApiError(
          'WORKFLOW_FAILED',
          `The execution has ended (${close.status})${close.message ? `: ${close.message}` : '.'}`,
          { details: { status: close.status, execution_id: executionId } },
        )
      runId = close.newRunId
    }
  }

  async #tooLong(
    temporal: WorkspaceTemporal,
    executionId: string,
    deployment: string,
    waitMs: number,
  ): Promise<ApiError> {
    const details = { execution_id: executionId }
    if (!(await hasWorker(temporal, deployment))) return withoutWorker(deployment, details)
    return new ApiError(
      'WF_1103',
      `The execution has no result after ${waitMs / 1000} seconds. It goes on: GET /v1/workflows/executions/${executionId} tells how.`,
      { details },
    )
  }
}

function startError(error: unknown, executionId: string): unknown {
  if (isInUse(error))
    return new ApiError('WF_1101', `An execution with the id ${JSON.stringify(executionId)} is running.`, {
      cause: error,
    })
  if (isRefused(error))
    return new ApiError('WORKFLOW_INPUT_INVALID', `Temporal refuses the input: ${error.details}`, {
      cause: error,
    })
  return temporalError(error)
}

function goesOn(executionId: string): ApiError {
  return new ApiError(
    'SERVICE_UNAVAILABLE',
    `The server is stopping. The execution goes on: GET /v1/workflows/executions/${executionId} tells how.`,
    { details: { execution_id: executionId }, retryAfter: 1 },
  )
}
