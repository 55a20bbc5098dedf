import type { temporal } from '@temporalio/proto'
import { networkResult, type TemporalPayload } from '@tramontane/contract/workflow-payload'
import { failureMessage } from './close-event.ts'
import { dateOf } from './run-info.ts'
import type { WorkspaceTemporal } from './temporal.ts'
import { executionOf, type Target } from './workflow-calls.ts'

type Activity = temporal.api.workflow.v1.IPendingActivityInfo
type Timestamp = Parameters<typeof dateOf>[0]

/** An activity that has not ended yet. */
export interface PendingActivity {
  readonly id: string
  readonly name: string
  readonly state: 'SCHEDULED' | 'STARTED' | 'CANCEL_REQUESTED' | 'PAUSED' | 'PAUSE_REQUESTED'
  readonly attempt: number
  /** Null: no limit. */
  readonly maximumAttempts: number | null
  readonly scheduledTime: Date | null
  readonly lastStartedTime: Date | null
  readonly lastHeartbeatTime: Date | null
  readonly heartbeat: unknown
  readonly nextAttemptTime: Date | null
  readonly expirationTime: Date | null
  readonly lastFailure: { readonly message: string; readonly stackTrace: string | null } | null
  readonly lastWorker: string | null
}

/** What Temporal knows of a run beside its history. */
export interface RunState {
  readonly historyLength: number
  readonly historyBytes: number
  readonly activities: readonly PendingActivity[]
  readonly children: readonly {
    readonly executionId: string
    readonly runId: string | null
    readonly workflowName: string
  }[]
  readonly task: {
    readonly isStarted: boolean
    readonly attempt: number
    readonly scheduledTime: Date | null
  } | null
}

/** `PendingActivityState` of Temporal's API. */
const STATES: Readonly<Record<number, PendingActivity['state']>> = {
  1: 'SCHEDULED',
  2: 'STARTED',
  3: 'CANCEL_REQUESTED',
  4: 'PAUSED',
  5: 'PAUSE_REQUESTED',
}
const SCHEDULED = 1
/** `PendingWorkflowTaskState` of Temporal's API. */
const TASK_STARTED = 2
const MAX_STACK = 20_000

/** What is pending in a run. @throws an error of gRPC; see `isNotFound` */
export async function readRunState(workspace: WorkspaceTemporal, target: Target): Promise<RunState> {
  const { workflowExecutionInfo, pendingActivities, pendingChildren, pendingWorkflowTask } =
    await workspace.workflowService.describeWorkflowExecution({
      namespace: workspace.namespace,
      execution: executionOf(target),
    })
  return {
    historyLength: Number(workflowExecutionInfo?.historyLength ?? 0),
    historyBytes: Number(workflowExecutionInfo?.historySizeBytes ?? 0),
    activities: (pendingActivities ?? []).map(toActivity),
    children: (pendingChildren ?? []).map(({ workflowId, runId, workflowTypeName }) => ({
      executionId: workflowId ?? '',
      runId: runId || null,
      workflowName: workflowTypeName ?? '',
    })),
    task: pendingWorkflowTask
      ? {
          isStarted: pendingWorkflowTask.state === TASK_STARTED,
          attempt: pendingWorkflowTask.attempt || 1,
          scheduledTime: instant(pendingWorkflowTask.scheduledTime),
        }
      : null,
  }
}

function toActivity(activity: Activity): PendingActivity {
  const { lastFailure, heartbeatDetails, state } = activity
  return {
    id: activity.activityId ?? '',
    name: activity.activityType?.name ?? '',
    state: STATES[state ?? SCHEDULED] ?? 'SCHEDULED',
    attempt: activity.attempt || 1,
    maximumAttempts: activity.maximumAttempts || null,
    scheduledTime: instant(activity.scheduledTime),
    lastStartedTime: instant(activity.lastStartedTime),
    lastHeartbeatTime: instant(activity.lastHeartbeatTime),
    heartbeat: networkResult(heartbeatDetails?.payloads?.[0] as TemporalPayload | undefined),
    // Of one that waits for its first attempt, or is being tried, Temporal names the time of the attempt before.
    nextAttemptTime: state === SCHEDULED ? instant(activity.nextAttemptScheduleTime) : null,
    expirationTime: instant(activity.expirationTime),
    lastFailure: lastFailure
      ? {
          message: failureMessage(lastFailure),
          stackTrace: lastFailure.stackTrace?.slice(0, MAX_STACK) || null,
        }
      : null,
    lastWorker: activity.lastWorkerIdentity || null,
  }
}

function instant(time: Timestamp | null | undefined): Date | null {
  return time ? dateOf(time) : null
}
