import type { Execution, ExecutionStatus } from '@tramontane/contract/executions'

/** One run of an execution. A continued, reset or repeated execution has several; the newest speaks for it. */
export interface Run {
  readonly executionId: string
  readonly runId: string
  readonly workflowName: string
  /** Null when no registered workflow is known by this name. */
  readonly workflowId: string | null
  /** Where it runs: the task queue. */
  readonly deploymentName: string | null
  readonly parentExecutionId: string | null
  /** Its own execution's id if it has no parent. */
  readonly rootExecutionId: string
  readonly status: ExecutionStatus
  readonly startTime: Date
  /** Null while it is open. */
  readonly endTime: Date | null
  /** As it goes over the wire; null while it is open, and when it gave nothing back. */
  readonly result: unknown
  /** What failed, or why it was ended; null if nobody said. */
  readonly message: string | null
  /** The run that goes on in its place; null if none does, or none that is known. */
  readonly nextRunId: string | null
  /** The key that started it. */
  readonly userId: string | null
  /** Of OpenTelemetry, 32 hexadecimal digits; null when not known. */
  readonly traceId: string | null
  /** Of the schedule that started it. */
  readonly scheduleId: string | null
}

/** A run on the wire, without its result. */
export function toExecutionSummary(run: Omit<Run, 'result'>): Omit<Execution, 'result'> {
  return {
    workflow_name: run.workflowName,
    workflow_id: run.workflowId,
    deployment_name: run.deploymentName,
    execution_id: run.executionId,
    parent_execution_id: run.parentExecutionId,
    root_execution_id: run.rootExecutionId,
    run_id: run.runId,
    user_id: run.userId,
    status: run.status,
    start_time: run.startTime.toISOString(),
    end_time: run.endTime?.toISOString() ?? null,
    total_duration_ms: run.endTime && Math.max(0, run.endTime.getTime() - run.startTime.getTime()),
  }
}
