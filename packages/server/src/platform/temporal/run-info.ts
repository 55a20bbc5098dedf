import type { temporal } from '@temporalio/proto'
import type { ExecutionStatus } from '@tramontane/contract/executions'
import { decodePayload, type TemporalPayload } from '@tramontane/contract/workflow-payload'

type Info = temporal.api.workflow.v1.IWorkflowExecutionInfo
type Timestamp = NonNullable<Info['startTime']>
type Payload = temporal.api.common.v1.IPayload

/** A run as Temporal describes and lists it. */
export interface RunInfo {
  readonly executionId: string
  readonly runId: string
  readonly workflowName: string
  readonly taskQueue: string
  readonly status: ExecutionStatus
  readonly startTime: Date
  /** Null while it is open. */
  readonly closeTime: Date | null
  readonly parentExecutionId: string | null
  /** Its own id if it has no parent. */
  readonly rootExecutionId: string
  readonly scheduleId: string | null
  readonly traceId: string | null
  readonly userId: string | null
}

/** `WorkflowExecutionStatus` of Temporal's API. One that is paused runs, for ours. */
const STATUSES: Readonly<Record<number, ExecutionStatus>> = {
  1: 'RUNNING',
  2: 'COMPLETED',
  3: 'FAILED',
  4: 'CANCELED',
  5: 'TERMINATED',
  6: 'CONTINUED_AS_NEW',
  7: 'TIMED_OUT',
  8: 'RUNNING',
}

/** @param status a number, as raw calls give it */
export function statusOf(status: number | null | undefined): ExecutionStatus {
  return STATUSES[status ?? 1] ?? 'RUNNING'
}

/** Nanoseconds since 1970. */
export function nanosecondsOf(time: Timestamp | null | undefined): bigint {
  return BigInt(String(time?.seconds ?? 0)) * 1_000_000_000n + BigInt(time?.nanos ?? 0)
}

export function dateOf(time: Timestamp): Date {
  return new Date(Number(time.seconds ?? 0) * 1000 + Math.floor((time.nanos ?? 0) / 1e6))
}

/** Where a run that was started here says by which key: a search attribute would cost each start half a millisecond. */
export const USER_ID_MEMO = 'user_id'

function text(payload: Payload | null | undefined): string | null {
  if (!payload) return null
  const decoded = decodePayload(payload as TemporalPayload)
  return decoded.kind === 'value' && typeof decoded.value === 'string' ? decoded.value : null
}

/** @throws TypeError if Temporal left out what it never leaves out */
export function toRunInfo(info: Info | null | undefined): RunInfo {
  const { workflowId, runId } = info?.execution ?? {}
  if (!info?.startTime || !workflowId || !runId) throw new TypeError('Temporal described a run without an id')
  const attributes = info.searchAttributes?.indexedFields
  return {
    executionId: workflowId,
    runId,
    workflowName: info.type?.name ?? '',
    taskQueue: info.taskQueue ?? '',
    status: statusOf(info.status),
    startTime: dateOf(info.startTime),
    closeTime: info.closeTime ? dateOf(info.closeTime) : null,
    parentExecutionId: info.parentExecution?.workflowId || null,
    rootExecutionId: info.rootExecution?.workflowId || workflowId,
    scheduleId: text(attributes?.TemporalScheduledById),
    traceId: text(attributes?.OtelTraceId),
    userId: text(info.memo?.fields?.[USER_ID_MEMO]) ?? text(attributes?.UserId),
  }
}
