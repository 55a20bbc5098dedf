import { msToTs } from '@temporalio/common/lib/time.js'
import type { TemporalPayload } from '@tramontane/contract/workflow-payload'
import { type RunInfo, toRunInfo } from './run-info.ts'
import type { WorkspaceTemporal } from './temporal.ts'

/** An execution, or one run of it; without `runId` the newest run is meant. */
export interface Target {
  readonly executionId: string
  readonly runId?: string
}

/** An execution to be started. */
export interface Start {
  readonly executionId: string
  readonly workflowName: string
  readonly taskQueue: string
  readonly input: TemporalPayload
  /** Seconds after which it is timed out, all its runs together. */
  readonly timeoutSeconds: number
  /** Starting again with the same one changes nothing. */
  readonly requestId: string
  /** JSON values that stay with the execution, and that the worker gets with its first task. */
  readonly memo?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, unknown>>
}

/** `WorkflowIdReusePolicy`, `WorkflowIdConflictPolicy`, `ResetReapplyExcludeType` of Temporal's API. */
const ALLOW_DUPLICATE = 1
const FAIL = 1
const EXCLUDE = { signals: 1, updates: 2 } as const

const IDENTITY = 'tramontane'
const utf8 = new TextEncoder()
const JSON_ENCODING = utf8.encode('json/plain')

/** A JSON value as Temporal's own payload. */
export function plainPayload(value: unknown): TemporalPayload {
  return { metadata: { encoding: JSON_ENCODING }, data: utf8.encode(JSON.stringify(value)) }
}

function plainPayloads(values: Readonly<Record<string, unknown>> | undefined) {
  return Object.fromEntries(Object.entries(values ?? {}).map(([key, value]) => [key, plainPayload(value)]))
}

/** The target as Temporal spells it. */
export function executionOf({ executionId: workflowId, runId }: Target): {
  workflowId: string
  runId?: string
} {
  return { workflowId, runId }
}

/**
 * Starts an execution. An id whose execution has ended may be used again.
 * @returns the id of its run
 * @throws an error of gRPC; see `isInUse` of `temporal-error.ts`
 */
export async function startExecution(temporal: WorkspaceTemporal, start: Start): Promise<string> {
  const { runId } = await temporal.workflowService.startWorkflowExecution({
    namespace: temporal.namespace,
    identity: IDENTITY,
    requestId: start.requestId,
    workflowId: start.executionId,
    workflowType: { name: start.workflowName },
    taskQueue: { name: start.taskQueue },
    input: { payloads: [start.input] },
    workflowExecutionTimeout: msToTs(Math.ceil(start.timeoutSeconds * 1000)),
    workflowIdReusePolicy: ALLOW_DUPLICATE,
    workflowIdConflictPolicy: FAIL,
    memo: start.memo && { fields: plainPayloads(start.memo) },
    header: { fields: plainPayloads(start.headers) },
  })
  return runId
}

/** How a run stands now. @throws an error of gRPC; see `isNotFound` */
export async function describeRun(temporal: WorkspaceTemporal, target: Target): Promise<RunInfo> {
  const { workflowExecutionInfo, executionConfig } = await temporal.workflowService.describeWorkflowExecution(
    {
      namespace: temporal.namespace,
      execution: executionOf(target),
    },
  )
  const info = toRunInfo(workflowExecutionInfo)
  return { ...info, taskQueue: info.taskQueue || (executionConfig?.taskQueue?.name ?? '') }
}

/** @throws an error of gRPC; see `isClosed`, `isNotFound` */
export async function signalExecution(
  temporal: WorkspaceTemporal,
  target: Target,
  signal: { name: string; input: TemporalPayload; requestId: string },
): Promise<void> {
  await temporal.workflowService.signalWorkflowExecution({
    namespace: temporal.namespace,
    identity: IDENTITY,
    workflowExecution: executionOf(target),
    signalName: signal.name,
    input: { payloads: [signal.input] },
    requestId: signal.requestId,
  })
}

/** Asks the workflow to end itself. Of one that has ended already Temporal says nothing. @throws an error of gRPC */
export async function cancelExecution(
  temporal: WorkspaceTemporal,
  target: Target,
  requestId: string,
): Promise<void> {
  await temporal.workflowService.requestCancelWorkflowExecution({
    namespace: temporal.namespace,
    identity: IDENTITY,
    workflowExecution: executionOf(target),
    requestId,
  })
}

/** Ends it at once. @throws an error of gRPC; see `isClosed`, `isNotFound` */
export async function terminateExecution(
  temporal: WorkspaceTemporal,
  target: Target,
  reason: string,
): Promise<void> {
  await temporal.workflowService.terminateWorkflowExecution({
    namespace: temporal.namespace,
    identity: IDENTITY,
    workflowExecution: executionOf(target),
    reason,
  })
}

/**
 * Makes a new run that goes on from one of the completed tasks of `target`; the one that is open now is terminated.
 * @param reset.eventId of a WORKFLOW_TASK_COMPLETED; Temporal takes others, too, so it must be checked before
 * @returns the id of the new run
 */
export async function resetExecution(
  temporal: WorkspaceTemporal,
  target: Target,
  reset: {
    eventId: number
    reason: string
    requestId: string
    /** What came after that event and is not to be done again. */
    exclude: { signals: boolean; updates: boolean }
  },
): Promise<string> {
  const excluded = (['signals', 'updates'] as const).filter((kind) => reset.exclude[kind])
  const { runId } = await temporal.workflowService.resetWorkflowExecution({
    namespace: temporal.namespace,
    identity: IDENTITY,
    workflowExecution: executionOf(target),
    reason: reset.reason,
    requestId: reset.requestId,
    // A number is written as well as the Long that the types ask for.
    workflowTaskFinishEventId: reset.eventId as never,
    resetReapplyExcludeTypes: excluded.map((kind) => EXCLUDE[kind]),
  })
  return runId
}
