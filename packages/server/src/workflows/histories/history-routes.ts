import type { ResponseOf } from '@tramontane/contract/operation'
import {
  getRunDetails,
  type HistoryEvent,
  listExecutionRuns,
  listHistoryEvents,
  streamRunHistory,
} from '@tramontane/contract/run-history'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '../../platform/http/errors.ts'
import type { LiveStreams } from '../../platform/http/live-streams.ts'
import { route } from '../../platform/http/route.ts'
import type { OutlinedEvent } from '../../platform/temporal/history-outline.ts'
import type { PendingActivity } from '../../platform/temporal/run-state.ts'
import { toExecution, toRunOfExecution } from '../executions/run-reader.ts'
import type { HistoryService, PendingState } from './history-service.ts'

type Details = ResponseOf<typeof getRunDetails>

export function historyRoutes(
  app: FastifyInstance,
  histories: HistoryService,
  streams: Pick<LiveStreams, 'open'>,
): void {
  route(app, streamRunHistory, async ({ caller, params, query, request, reply }) => {
    const run = await histories.run(caller.workspaceId, params.run_id)
    const after = lastEventId(request) ?? query.last_event_id ?? 0
    const stream = streams.open({ request, reply, caller })
    await histories.send(stream, run, after, toFrame)
  })

  route(app, listHistoryEvents, async ({ caller, params, query }) => {
    const { events, next } = await histories.page(caller.workspaceId, params.run_id, {
      after: query.after_event_id,
      limit: query.limit,
      decode: query.decode_payloads,
    })
    return { events, next_after_event_id: next }
  })

  route(app, getRunDetails, async ({ caller, params }) => {
    const run = await histories.run(caller.workspaceId, params.run_id)
    const state = await histories.state(caller.workspaceId, run)
    return {
      run: {
        ...toExecution(run),
        message: run.message,
        schedule_id: run.scheduleId,
        otel_trace_id: run.traceId,
      },
      state: state && toState(state),
    }
  })

  route(app, listExecutionRuns, async ({ caller, params, query }) => {
    const { runs, next } = await histories.chain(caller.workspaceId, params.execution_id, {
      beforeRunId: query.before_run_id,
      limit: query.limit,
    })
    return { runs: runs.map(toRunOfExecution), next_before_run_id: next }
  })
}

/** Browsers' clients send it when they connect again. @throws ApiError VALIDATION_ERROR */
function lastEventId({ headers }: FastifyRequest): number | undefined {
  const header = headers['last-event-id']
  if (typeof header !== 'string' || header === '') return undefined
  if (/^\d{1,9}$/.test(header)) return Number(header)
  const msg = 'must be the number of an event'
  throw new ApiError('VALIDATION_ERROR', `Last-Event-ID: ${msg}`, {
    issues: [{ loc: ['header', 'last-event-id'], msg, type: 'value_error' }],
  })
}

function toHistoryEvent({ id, type, timeNanos, attributes, previews }: OutlinedEvent): HistoryEvent {
  return {
    event_id: id,
    event_type: type,
    event_time: new Date(Number(timeNanos / 1_000_000n)).toISOString(),
    attributes,
    previews,
  }
}

function toFrame(events: readonly OutlinedEvent[]): Uint8Array {
  const data = JSON.stringify({ events: events.map(toHistoryEvent) })
  return Buffer.from(`id: ${events.at(-1)!.id}\nevent: history\ndata: ${data}\n\n`)
}

function toState({
  historyLength,
  historyBytes,
  activities,
  children,
  task,
}: PendingState): Details['state'] {
  return {
    history_length: historyLength,
    history_bytes: historyBytes,
    pending_activities: activities.map(toActivity),
    pending_children: children.map(({ executionId, runId, workflowName }) => ({
      execution_id: executionId,
      run_id: runId,
      workflow_name: workflowName,
    })),
    pending_task: task && {
      is_started: task.isStarted,
      attempt: task.attempt,
      scheduled_time: iso(task.scheduledTime),
      last_failure: task.lastFailure,
    },
  }
}

function toActivity(activity: PendingActivity): NonNullable<Details['state']>['pending_activities'][number] {
  const { lastFailure } = activity
  return {
    activity_id: activity.id,
    activity_name: activity.name,
    state: activity.state,
    attempt: activity.attempt,
    maximum_attempts: activity.maximumAttempts,
    scheduled_time: iso(activity.scheduledTime),
    last_started_time: iso(activity.lastStartedTime),
    last_heartbeat_time: iso(activity.lastHeartbeatTime),
    heartbeat: activity.heartbeat,
    next_attempt_time: iso(activity.nextAttemptTime),
    expiration_time: iso(activity.expirationTime),
    last_failure: lastFailure && { message: lastFailure.message, stack_trace: lastFailure.stackTrace },
    last_worker: activity.lastWorker,
  }
}

function iso(date: Date | null): string | null {
  return date?.toISOString() ?? null
}
