import type { temporal } from '@temporalio/proto'
import type { ExecutionStatus } from '@tramontane/contract/executions'
import { networkResult, type TemporalPayload } from '@tramontane/contract/workflow-payload'
import { dateOf, nanosecondsOf } from './run-info.ts'
import type { WorkspaceTemporal } from './temporal.ts'
import { isTimeout } from './temporal-error.ts'
import { executionOf, type Target } from './workflow-calls.ts'

type HistoryEvent = temporal.api.history.v1.IHistoryEvent
type Failure = temporal.api.failure.v1.IFailure

/** How a run ended: the last event of its history. */
export interface CloseEvent {
  readonly status: ExecutionStatus
  readonly time: Date
  readonly nanoseconds: bigint
  /** As it goes over the wire; null if there is none. */
  readonly result: unknown
  /** What failed, or why it was ended; null if nobody said. */
  readonly message: string | null
  /** The run that goes on in its place. */
  readonly newRunId: string | null
  /** What the new run of a continued one is given. */
  readonly newInput: readonly TemporalPayload[]
}

/** How a run began: the first event of its history. */
export interface StartEvent {
  readonly input: readonly TemporalPayload[]
  readonly attempt: number
  readonly continuedRunId: string | null
  readonly firstRunId: string | null
}

/** `HistoryEventFilterType` of Temporal's API. */
const CLOSE_EVENT = 2
const MAX_MESSAGE = 10_000

/** What a failure says, and what caused it. */
export function failureMessage(failure: Failure | null | undefined): string {
  const said: string[] = []
  for (let one = failure; one && said.length < 10; one = one.cause)
    if (one.message && !said.some((text) => text.includes(one!.message!))) said.push(one.message)
  return said.join(': ').slice(0, MAX_MESSAGE) || 'It failed, and did not say why.'
}

function reasonOf(payloads: readonly TemporalPayload[] | null | undefined): string | null {
  if (!payloads?.length) return null
  const details = networkResult(payloads[0])
  return typeof details === 'string' ? details.slice(0, MAX_MESSAGE) : null
}

/** @returns undefined for an event that ends no run */
function toCloseEvent(event: HistoryEvent): CloseEvent | undefined {
  const base = {
    time: dateOf(event.eventTime ?? {}),
    nanoseconds: nanosecondsOf(event.eventTime),
    result: null as unknown,
    message: null as string | null,
    newInput: [] as readonly TemporalPayload[],
  }
  const {
    workflowExecutionCompletedEventAttributes: completed,
    workflowExecutionFailedEventAttributes: failed,
    workflowExecutionCanceledEventAttributes: canceled,
    workflowExecutionTerminatedEventAttributes: terminated,
    workflowExecutionTimedOutEventAttributes: timedOut,
    workflowExecutionContinuedAsNewEventAttributes: continued,
  } = event
  if (completed) {
    const newRunId = completed.newExecutionRunId || null
    return { ...base, status: 'COMPLETED', result: networkResult(completed.result?.payloads?.[0]), newRunId }
  }
  if (failed) {
    const newRunId = failed.newExecutionRunId || null
    return { ...base, status: 'FAILED', message: failureMessage(failed.failure), newRunId }
  }
  if (canceled)
    return { ...base, status: 'CANCELED', message: reasonOf(canceled.details?.payloads), newRunId: null }
  if (terminated) return { ...base, status: 'TERMINATED', message: terminated.reason || null, newRunId: null }
  if (timedOut) return { ...base, status: 'TIMED_OUT', newRunId: timedOut.newExecutionRunId || null }
  if (continued)
    return {
      ...base,
      status: 'CONTINUED_AS_NEW',
      newRunId: continued.newExecutionRunId || null,
      newInput: continued.input?.payloads ?? [],
    }
  return undefined
}

/**
 * How a run ended.
 * @param options.waitMs how long its end is waited for
 * @param options.signal breaks the waiting off; an error of gRPC (CANCELLED) is thrown then
 * @returns undefined while it is open
 * @throws an error of gRPC; see `isNotFound`
 */
export async function readClose(
  temporal: WorkspaceTemporal,
  target: Target,
  { waitMs = 0, signal }: { waitMs?: number; signal?: AbortSignal } = {},
): Promise<CloseEvent | undefined> {
  const deadline = Date.now() + waitMs
  const ask = async (pageToken: Uint8Array | undefined) =>
    temporal.workflowService.getWorkflowExecutionHistory({
      namespace: temporal.namespace,
      execution: executionOf(target),
      historyEventFilterType: CLOSE_EVENT,
      waitNewEvent: waitMs > 0,
      nextPageToken: pageToken,
      skipArchival: true,
    })
  let pageToken: Uint8Array | undefined
  for (;;) {
    const remaining = deadline - Date.now()
    const one = () => (signal ? temporal.withAbortSignal(signal, () => ask(pageToken)) : ask(pageToken))
    try {
      const answer = await (waitMs > 0 ? temporal.withDeadline(Math.max(remaining, 100), one) : one())
      const closed = answer.history?.events?.map(toCloseEvent).find((event) => event !== undefined)
      if (closed) return closed
      pageToken = answer.nextPageToken?.length ? answer.nextPageToken : undefined
    } catch (error) {
      if (waitMs === 0 || !isTimeout(error)) throw error
    }
    if (Date.now() >= deadline || signal?.aborted) return undefined
  }
}

/** How a run began. @throws an error of gRPC; see `isNotFound` */
export async function readStart(temporal: WorkspaceTemporal, target: Target): Promise<StartEvent> {
  const { history } = await temporal.workflowService.getWorkflowExecutionHistory({
    namespace: temporal.namespace,
    execution: executionOf(target),
    maximumPageSize: 1,
    skipArchival: true,
  })
  const event = history?.events?.[0]
  const started = event?.workflowExecutionStartedEventAttributes
  return {
    input: started?.input?.payloads ?? [],
    attempt: started?.attempt || 1,
    continuedRunId: started?.continuedExecutionRunId || null,
    firstRunId: started?.firstExecutionRunId || null,
  }
}
