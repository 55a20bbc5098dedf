import type { LifecycleType } from '@tramontane/contract/lifecycle-events'
import type { WorkflowEvent } from '@tramontane/contract/workflow-events'
import { networkResult, type TemporalPayload } from '@tramontane/contract/workflow-payload'
import type { CloseEvent, StartEvent } from '../../platform/temporal/close-event.ts'
import { isUuid, uuidAt } from '../../platform/uuid.ts'
import type { Run } from './run.ts'

/** What is known of a run's events: which of these there are, and the id that the worker gave the run as its task. */
export interface SeenEvents {
  readonly types: ReadonlySet<string>
  readonly taskId: string | null
}

const ENDS: Readonly<Partial<Record<Run['status'], LifecycleType>>> = {
  COMPLETED: 'WORKFLOW_EXECUTION_COMPLETED',
  FAILED: 'WORKFLOW_EXECUTION_FAILED',
  CANCELED: 'WORKFLOW_EXECUTION_CANCELED',
  CONTINUED_AS_NEW: 'WORKFLOW_EXECUTION_CONTINUED_AS_NEW',
  // The vendor has no kinds of events for these two, and its clients take no others.
  TERMINATED: 'WORKFLOW_EXECUTION_FAILED',
  TIMED_OUT: 'WORKFLOW_EXECUTION_FAILED',
}

/** The kind of event that tells how a run ended. */
export function endTypeOf(status: Run['status']): LifecycleType {
  return ENDS[status] ?? 'WORKFLOW_EXECUTION_FAILED'
}

function failureOf(run: Run): string {
  if (run.status === 'TERMINATED')
    return `Workflow execution terminated${run.message ? `: ${run.message}` : ''}`
  if (run.status === 'TIMED_OUT') return 'Workflow execution timed out'
  return run.message ?? 'Workflow execution failed'
}

/** A value as events carry it; what only a client can decode goes as its base64 text. */
function jsonPayload(value: unknown) {
  const encoded = value as { b64payload?: unknown; encoding_options?: unknown } | null
  if (typeof encoded === 'object' && encoded !== null && typeof encoded.b64payload === 'string')
    return {
      type: 'json' as const,
      value: encoded.b64payload,
      encoding_options: encoded.encoding_options as never,
    }
  return { type: 'json' as const, value }
}

function argumentsPayload(input: readonly TemporalPayload[]) {
  const values = input.map((payload) => networkResult(payload))
  const only = values.length === 1 ? jsonPayload(values[0]) : undefined
  return only?.encoding_options ? only : { type: 'json' as const, value: values }
}

/** What every event about a run says. */
export function eventBase(run: Run, nanoseconds: bigint) {
  return {
    event_timestamp: nanoseconds,
    workflow_name: run.workflowName,
    workflow_exec_id: run.executionId,
    workflow_run_id: run.runId,
    root_workflow_exec_id: run.rootExecutionId,
    parent_workflow_exec_id: run.parentExecutionId,
    continued_run_id: null,
    first_execution_run_id: null,
    schedule_id: run.scheduleId,
  }
}

/** The same for the same run and kind, whoever derives the event, however often. */
function derivedId(runId: string, type: string, nanoseconds: bigint): string {
  return uuidAt(nanoseconds / 1000n, `${runId} ${type}`)
}

/** Whether an event about the beginning or the end of a run was made up here: it tells us nothing new. */
export function isDerived(event: WorkflowEvent): boolean {
  const { event_id: id, workflow_run_id: runId, event_type: type, event_timestamp: nanoseconds } = event
  return isUuid(id) && id === derivedId(runId, type, nanoseconds)
}

function base(run: Run, type: LifecycleType, nanoseconds: bigint) {
  return { ...eventBase(run, nanoseconds), event_id: derivedId(run.runId, type, nanoseconds) }
}

function startNanoseconds(run: Run): bigint {
  return BigInt(run.startTime.getTime()) * 1_000_000n
}

/** That a run has begun, as its worker would have told it. @param start from Temporal's history; absent if that is gone */
export function startedEvent(run: Run, seen: SeenEvents, start: StartEvent | undefined): WorkflowEvent {
  const type = 'WORKFLOW_EXECUTION_STARTED'
  return {
    ...base(run, type, startNanoseconds(run)),
    continued_run_id: start?.continuedRunId ?? null,
    first_execution_run_id: start?.firstRunId ?? null,
    event_type: type,
    attributes: {
      task_id: seen.taskId ?? run.runId,
      workflow_name: run.workflowName,
      input: argumentsPayload(start?.input ?? []),
      attempt: start?.attempt ?? 1,
    },
  }
}

/** How a run ended, as its worker would have told it. @param close from Temporal's history; absent if that is gone */
export function endedEvent(run: Run, seen: SeenEvents, close: CloseEvent | undefined): WorkflowEvent {
  const type = endTypeOf(run.status)
  const nanoseconds = BigInt((run.endTime ?? run.startTime).getTime()) * 1_000_000n
  const common = base(run, type, nanoseconds)
  const task = { task_id: seen.taskId ?? run.runId }
  switch (type) {
    case 'WORKFLOW_EXECUTION_COMPLETED':
      return {
        ...common,
        event_type: type,
        attributes: { ...task, result: jsonPayload(run.result), attempt: 1 },
      }
    case 'WORKFLOW_EXECUTION_CANCELED':
      return { ...common, event_type: type, attributes: { ...task, reason: run.message, attempt: 1 } }
    case 'WORKFLOW_EXECUTION_CONTINUED_AS_NEW':
      return {
        ...common,
        event_type: type,
        attributes: {
          ...task,
          new_execution_run_id: close?.newRunId ?? '',
          workflow_name: run.workflowName,
          input: argumentsPayload(close?.newInput ?? []),
        },
      }
    default:
      return {
        ...common,
        event_type: 'WORKFLOW_EXECUTION_FAILED',
        attributes: { ...task, failure: { message: failureOf(run) }, attempt: 1 },
      }
  }
}
