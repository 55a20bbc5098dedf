import { randomUUID } from 'node:crypto'
import type { Context, Info } from '@temporalio/activity'
import { ApplicationFailure, defaultPayloadConverter, type Headers } from '@temporalio/common'
import type { ActivityInterceptors, ActivityInterceptorsFactory } from '@temporalio/worker'
import { INTERNAL_ACTIVITY_PREFIX } from '../definition/definition-names.ts'
import { disownArguments, own } from '../owned-value.ts'
import { failureMessage, jsonPayload } from '../run-events.ts'
import { spanAttributes, traceText } from '../span-record.ts'
import { ActivityRun, currentActivityRun, runActivity } from './activity-run.ts'
import type { EventPublisher } from './event-publisher.ts'
import type { Telemetry } from './telemetry.ts'

/** How long an attempt that is over waits at most until what it told has arrived. */
const ARRIVAL_MS = 1_000

/**
 * What surrounds each attempt at an activity: the context comes off its arguments and goes onto its result, and the attempt is
 * told as events and as a span. The system's own activities are not told.
 */
export function activityInterceptors(
  publisher: EventPublisher,
  telemetry: Telemetry,
): ActivityInterceptorsFactory {
  return (context) => interceptors(context, publisher, telemetry)
}

function interceptors(
  context: Context,
  publisher: EventPublisher,
  telemetry: Telemetry,
): ActivityInterceptors {
  const { info } = context
  const isInternal = info.activityType.startsWith(INTERNAL_ACTIVITY_PREFIX)
  return {
    inbound: {
      async execute(input, next) {
        const { args, context: owner } = disownArguments(input.args)
        const call = () => next({ ...input, args })
        if (isInternal) {
          const run = new ActivityRun(info, owner, publisher, undefined)
          return runActivity(run, call)
        }
        const custom = headerValue(input.headers, 'custom_tracing_attributes')
        const result = await telemetry.inSpan(
          `ExecuteActivity:${info.activityType}`,
          traceparent(input.headers),
          activityAttributes(info, args, custom),
          async (span) => {
            const ids = span?.spanContext()
            const run = new ActivityRun(
              info,
              owner,
              publisher,
              ids && { traceId: ids.traceId, spanId: ids.spanId },
            )
            const started = performance.now()
            const timed = () =>
              call().finally(() => {
                span?.setAttribute('wf.activity.execution.ms', Math.round(performance.now() - started))
              })
            const value = await runActivity(run, () => told(run, context, args, timed))
            span?.setAttribute('wf.result', traceText(value))
            return value
          },
        )
        // A caller that gave no context is another kind of workflow, and gets a plain result.
        return owner ? own(result, { ...owner, executionToken: undefined }) : result
      },
    },
    outbound: {
      getLogAttributes(input, next) {
        const run = currentActivityRun()
        return next({
          ...input,
          ...run?.trace,
          rootWorkflowId: run?.owner?.rootExecutionId,
          parentWorkflowId: run?.owner?.parentExecutionId,
        })
      },
    },
  }
}

/** Runs an attempt, with events before and after. */
async function told(
  run: ActivityRun,
  context: Context,
  args: unknown[],
  call: () => Promise<unknown>,
): Promise<unknown> {
  const { info } = run
  const names = { task_id: info.activityId, activity_name: info.activityType }
  const started = performance.now()
  if (info.attempt === 1) void run.emit('ACTIVITY_TASK_STARTED', { ...names, input: jsonPayload(args) })
  try {
    const value = await call()
    const completed = run.emit('ACTIVITY_TASK_COMPLETED', { ...names, result: jsonPayload(value) })
    await arrival(completed, info, started)
    return value
  } catch (error) {
    const failure = { message: failureMessage(error) }
    const type = isLastAttempt(context, error) ? 'ACTIVITY_TASK_FAILED' : 'ACTIVITY_TASK_RETRYING'
    await arrival(run.emit(type, { ...names, attempt: info.attempt, failure }), info, started)
    throw error
  }
}

/**
 * Waits until what an attempt told has arrived: so it comes before what happens next, also where another worker tells that.
 * But not for long, nor until Temporal takes the attempt for lost, because it is silent meanwhile, and has the work done again.
 */
async function arrival(told: Promise<void>, info: Info, started: number): Promise<void> {
  const leftMs = (info.startToCloseTimeoutMs || Number.POSITIVE_INFINITY) - (performance.now() - started)
  const silentMs = Math.min(leftMs, info.heartbeatTimeoutMs || Number.POSITIVE_INFINITY)
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, Math.min(ARRIVAL_MS, silentMs / 4))
  await Promise.race([told, late]).finally(() => clearTimeout(timer))
}

/**
 * Whether Temporal tries no more after this. An attempt that was cut short because it was silent for too long, or its worker
 * stops, counts as one that failed; only one whose call was cancelled is the last, whatever it throws then.
 */
function isLastAttempt({ info, cancellationDetails }: Context, error: unknown): boolean {
  if (cancellationDetails?.cancelRequested) return true
  if (error instanceof ApplicationFailure && error.nonRetryable) return true
  const { attempt, retryPolicy } = info
  const type =
    error instanceof ApplicationFailure ? error.type : error instanceof Error ? error.name : undefined
  if (type && retryPolicy?.nonRetryableErrorTypes?.includes(type)) return true
  const most = retryPolicy?.maximumAttempts
  return most !== undefined && most > 0 && attempt >= most
}

function activityAttributes(info: Info, args: readonly unknown[], custom: unknown) {
  const { workflowId = '', runId = '' } = info.workflowExecution ?? {}
  const waitedMs = info.currentAttemptScheduledTimestampMs
    ? Math.max(0, Date.now() - info.currentAttemptScheduledTimestampMs)
    : 0
  return {
    ...spanAttributes(
      'activity',
      info.activityType,
      randomUUID().replaceAll('-', ''),
      typeof custom === 'object' && custom !== null ? (custom as Record<string, unknown>) : undefined,
    ),
    'wf.arguments': traceText(args),
    'wf.workflow.type': info.workflowType ?? '',
    'wf.workflow.execution_id': workflowId,
    temporalWorkflowID: workflowId,
    temporalRunID: runId,
    'wf.activity.execution_id': info.activityId,
    'wf.activity.attempt': info.attempt,
    'wf.activity.max_attempts': info.retryPolicy?.maximumAttempts ?? 0,
    'wf.activity.schedule_to_start.ms': waitedMs,
  }
}

function traceparent(headers: Headers): string | undefined {
  const carrier = headerValue(headers, '_tracer-data')
  if (typeof carrier !== 'object' || carrier === null) return undefined
  const { traceparent: value } = carrier as { traceparent?: unknown }
  return typeof value === 'string' ? value : undefined
}

function headerValue(headers: Headers, name: string): unknown {
  const payload = headers[name]
  if (!payload) return undefined
  try {
    return defaultPayloadConverter.fromPayload(payload)
  } catch {
    return undefined
  }
}
