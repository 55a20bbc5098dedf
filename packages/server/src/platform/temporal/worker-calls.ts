import { setTimeout as delay } from 'node:timers/promises'
import type { ExecutionStatus } from '@tramontane/contract/executions'
import { networkResult, type TemporalPayload } from '@tramontane/contract/workflow-payload'
import { ApiError } from '../http/errors.ts'
import { failureMessage } from './close-event.ts'
import { nanosecondsOf, statusOf } from './run-info.ts'
import type { WorkspaceTemporal } from './temporal.ts'
import { isRefused, isTimeout, isWithoutWorker } from './temporal-error.ts'
import { executionOf, type Target } from './workflow-calls.ts'

/** Something that a worker is to answer. */
export interface Question {
  readonly name: string
  readonly input: TemporalPayload
  /** Where the execution's worker takes its tasks. */
  readonly taskQueue: string
  /** Milliseconds within which the worker must answer. */
  readonly timeoutMs: number
}

/** `TaskQueueType`, `QueryRejectCondition`, `UpdateWorkflowExecutionLifecycleStage` of Temporal's API. */
const WORKFLOW_TASKS = 1
const REJECT_UNLESS_OPEN = 2

/** An answer that takes longer than this makes us look whether there is a worker at all, and again after as long. */
const SUSPICIOUS_MS = 1_000
/** A worker that was started just now is not listed yet: its first question for tasks is on its way. */
const LOOKS = 3
/** A worker asks for tasks again after a minute at most. */
const POLL_AGAIN_MS = 70_000
const UPDATE_COMPLETED = 3

/**
 * Asks an open execution.
 * @returns its answer, or the status of an execution that has ended
 * @throws ApiError WORKFLOW_HANDLER_FAILED, WORKER_UNAVAILABLE, WF_1103; an error of gRPC
 */
export async function queryExecution(
  temporal: WorkspaceTemporal,
  target: Target,
  question: Question,
): Promise<{ result: unknown } | { closed: ExecutionStatus }> {
  try {
    const answer = await answered(temporal, question, () =>
      temporal.workflowService.queryWorkflow({
        namespace: temporal.namespace,
        execution: executionOf(target),
        query: { queryType: question.name, queryArgs: { payloads: [question.input] } },
        queryRejectCondition: REJECT_UNLESS_OPEN,
      }),
    )
    if (answer.queryRejected) return { closed: statusOf(answer.queryRejected.status) }
    return { result: networkResult(answer.queryResult?.payloads?.[0]) }
  } catch (error) {
    if (!isRefused(error)) throw error
    throw new ApiError('WORKFLOW_HANDLER_FAILED', error.details, { cause: error })
  }
}

/**
 * Sends an update and waits for its result. What was sent before the deadline may still be done after it.
 * @throws ApiError WORKFLOW_HANDLER_FAILED, WORKER_UNAVAILABLE, WF_1103; an error of gRPC
 */
export async function updateExecution(
  temporal: WorkspaceTemporal,
  target: Target,
  question: Question & { updateId: string },
): Promise<unknown> {
  const waitPolicy = { lifecycleStage: UPDATE_COMPLETED }
  const outcome = await answered(temporal, question, async () => {
    const sent = await temporal.workflowService.updateWorkflowExecution({
      namespace: temporal.namespace,
      workflowExecution: executionOf(target),
      waitPolicy,
      request: {
        meta: { updateId: question.updateId, identity: 'tramontane' },
        input: { name: question.name, args: { payloads: [question.input] } },
      },
    })
    let { outcome } = sent
    const { updateRef } = sent
    // A handler that takes its time: Temporal gives up waiting before we do.
    while (!outcome) {
      const polled = await temporal.workflowService.pollWorkflowExecutionUpdate({
        namespace: temporal.namespace,
        updateRef,
        waitPolicy,
      })
      outcome = polled.outcome
    }
    return outcome
  })
  if (outcome.failure) throw new ApiError('WORKFLOW_HANDLER_FAILED', failureMessage(outcome.failure))
  return networkResult(outcome.success?.payloads?.[0])
}

/** Makes a call that a worker must answer, within its time; if it takes long, looks whether there is a worker. */
async function answered<T>(
  temporal: WorkspaceTemporal,
  question: Question,
  call: () => Promise<T>,
): Promise<T> {
  const { taskQueue, timeoutMs } = question
  const given = new AbortController()
  let isAnswered = false
  let hasNoWorker = false
  const watch = async () => {
    for (let looks = 0; looks < LOOKS; looks++) {
      await delay(SUSPICIOUS_MS, undefined, { ref: false })
      if (isAnswered || (await lastPoll(temporal, taskQueue).catch(() => 0)) !== undefined) return
    }
    hasNoWorker = true
    given.abort()
  }
  try {
    void watch()
    return await temporal.withDeadline(timeoutMs, () => temporal.withAbortSignal(given.signal, call))
  } catch (error) {
    if (hasNoWorker || isWithoutWorker(error)) throw withoutWorker(taskQueue, {}, error)
    if (!isTimeout(error)) throw error
    if (!(await hasWorker(temporal, taskQueue))) throw withoutWorker(taskQueue, {}, error)
    throw new ApiError(
      'WF_1103',
      `The worker has not answered ${JSON.stringify(question.name)} within ${timeoutMs / 1000} seconds.`,
      { cause: error },
    )
  } finally {
    isAnswered = true
  }
}

/** @param details further members of the answer */
export function withoutWorker(
  taskQueue: string,
  details: Record<string, unknown> = {},
  cause?: unknown,
): ApiError {
  return new ApiError(
    'WORKER_UNAVAILABLE',
    `No worker of the deployment ${JSON.stringify(taskQueue)} answers: start one, and try again.`,
    { cause, details, retryAfter: 5 },
  )
}

/** Whether a worker has asked for tasks of a queue within the last minute. Yes, if there is no telling. */
export async function hasWorker(temporal: WorkspaceTemporal, taskQueue: string): Promise<boolean> {
  const polled = await lastPoll(temporal, taskQueue).catch(() => Date.now())
  return polled !== undefined && polled >= Date.now() - POLL_AGAIN_MS
}

/** When a worker last asked for tasks of a queue; undefined if none has within some minutes. Milliseconds since 1970. */
async function lastPoll(temporal: WorkspaceTemporal, taskQueue: string): Promise<number | undefined> {
  const { pollers } = await temporal.workflowService.describeTaskQueue({
    namespace: temporal.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: WORKFLOW_TASKS,
  })
  const times = pollers.map(({ lastAccessTime }) => Number(nanosecondsOf(lastAccessTime) / 1_000_000n))
  return times.length === 0 ? undefined : Math.max(...times)
}
