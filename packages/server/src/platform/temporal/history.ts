import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import type { temporal } from '@temporalio/proto'
import { networkResult } from '@tramontane/contract/workflow-payload'
import { parseExact } from '../exact-json.ts'
import { isObject, type JsonObject } from '../json-object.ts'
import { failureMessage } from './close-event.ts'
import { nanosecondsOf } from './run-info.ts'
import type { WorkspaceTemporal } from './temporal.ts'
import { executionOf, type Target } from './workflow-calls.ts'

type HistoryEvent = temporal.api.history.v1.IHistoryEvent

/** Events that Temporal gives at once, at most. */
const PAGE = 256
/** How long a call may take that waits for new events; Temporal lets it return sooner. */
const WAIT_MS = 60_000
/** Events from the newest one backwards among which a problem is looked for. */
const LOOK_BACK = 20
/** `EventType` of Temporal's API. */
const WORKFLOW_TASK_COMPLETED = 7

/**
 * The events of a run from the first to the newest, page by page.
 * @param options.follow goes on with those that come, until the run ends or this fires; pages may be empty then
 * @param options.pageSize at most; what is not in the first page is read ahead
 * @throws an error of gRPC; see `isNotFound`
 */
export async function* historyPages(
  temporal: WorkspaceTemporal,
  target: Target,
  { follow, pageSize = PAGE }: { follow?: AbortSignal; pageSize?: number } = {},
): AsyncGenerator<readonly HistoryEvent[]> {
  const ask = (nextPageToken: Uint8Array | undefined) =>
    temporal.workflowService.getWorkflowExecutionHistory({
      namespace: temporal.namespace,
      execution: executionOf(target),
      maximumPageSize: pageSize,
      nextPageToken,
      waitNewEvent: follow !== undefined,
      skipArchival: true,
    })
  const read: typeof ask = (token) =>
    follow === undefined
      ? ask(token)
      : temporal.withAbortSignal(follow, () => temporal.withDeadline(WAIT_MS, () => ask(token)))
  let reading: ReturnType<typeof read> | undefined = read(undefined)
  while (reading) {
    const { history, nextPageToken }: Awaited<ReturnType<typeof read>> = await reading
    // While one page is used, Temporal reads the next.
    reading = nextPageToken?.length ? read(nextPageToken) : undefined
    reading?.catch(() => {})
    yield history?.events ?? []
  }
}

/** The ids of the events to which a run can be reset: those of its completed workflow tasks. */
export async function resetPoints(temporal: WorkspaceTemporal, target: Target): Promise<number[]> {
  const points: number[] = []
  for await (const events of historyPages(temporal, target))
    for (const event of events)
      if (event.eventType === WORKFLOW_TASK_COMPLETED) points.push(Number(event.eventId))
  return points
}

/** What went wrong when a worker last carried out a run's code. */
export interface TaskProblem {
  readonly kind: 'failed' | 'timed out'
  /** Of the task, within the run. */
  readonly taskId: string
  readonly nanoseconds: bigint
  readonly message: string
}

/** The newest problem of a run whose tasks fail; Temporal notes the first of a row. @throws an error of gRPC */
export async function lastTaskProblem(
  temporal: WorkspaceTemporal,
  target: Target & { runId: string },
): Promise<TaskProblem | undefined> {
  const { history } = await temporal.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: temporal.namespace,
    execution: executionOf(target),
    maximumPageSize: LOOK_BACK,
  })
  for (const event of history?.events ?? []) {
    const { workflowTaskFailedEventAttributes: failed, workflowTaskTimedOutEventAttributes: timedOut } = event
    const task = failed ?? timedOut
    if (!task) continue
    return {
      kind: failed ? 'failed' : 'timed out',
      taskId: String(task.scheduledEventId),
      nanoseconds: nanosecondsOf(event.eventTime),
      message: failed ? failureMessage(failed.failure) : 'The worker did not answer in time.',
    }
  }
  return undefined
}

/**
 * A run's history as Temporal's own tools write it: `{events: […]}`, which a worker can replay.
 * @param options.decode puts JSON values in the place of payloads; what only a client can decode becomes
 *   `{b64payload, encoding_options}`
 * @throws an error of gRPC; see `isNotFound`
 */
export async function readHistory(
  temporal: WorkspaceTemporal,
  target: Target,
  { decode }: { decode: boolean },
): Promise<JsonObject> {
  const all: JsonObject[] = []
  for await (const events of historyPages(temporal, target)) all.push(...wholeEvents(events, decode))
  return { events: all }
}

function wholeEvents(events: readonly HistoryEvent[], decode: boolean): JsonObject[] {
  const { events: all = [] } = JSON.parse(historyToJSON({ events: [...events] })) as { events?: JsonObject[] }
  return decode ? all.map((event) => decoded(event) as JsonObject) : all
}

/**
 * A part of a run's history, its events as `readHistory` has them.
 * @param part.maxBytes of JSON after which it ends early, with one event at least
 * @returns `next`: the number of the last event, if there are more
 * @throws an error of gRPC; see `isNotFound`
 */
export async function readHistoryPart(
  temporal: WorkspaceTemporal,
  target: Target,
  part: { after: number; limit: number; maxBytes: number; decode: boolean },
): Promise<{ events: JsonObject[]; next: number | null }> {
  const found: JsonObject[] = []
  let [bytes, last] = [0, part.after]
  // Who wants the first event should not wait for hundreds.
  const pageSize = Math.min(PAGE, part.after + part.limit + 1)
  for await (const page of historyPages(temporal, target, { pageSize })) {
    const wanted = page.filter(({ eventId }) => Number(eventId) > part.after)
    // What is not wanted is not even written as JSON.
    for (const event of wanted.length === 0 ? [] : wholeEvents(wanted, part.decode)) {
      if (found.length === part.limit || bytes > part.maxBytes) return { events: found, next: last }
      found.push(event)
      bytes += JSON.stringify(event).length
      last = Number(event.eventId)
    }
  }
  return { events: found, next: null }
}

/** A JSON tree with its payloads replaced by what they hold. */
function decoded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decoded)
  if (!isObject(value)) return value
  if (isPayload(value)) return networkResult(toPayload(value), parseExact)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decoded(item)]))
}

/** Temporal leaves out `data` when it is empty. */
function isPayload(value: JsonObject): boolean {
  const { metadata, data, ...rest } = value
  if (!isObject(metadata) || Object.keys(rest).length > 0) return false
  return typeof metadata.encoding === 'string' && (data === undefined || typeof data === 'string')
}

function toPayload({ metadata, data }: JsonObject) {
  const bytes = Object.entries(metadata as Record<string, string>).map(([key, text]) => [
    key,
    Buffer.from(text, 'base64'),
  ])
  return { metadata: Object.fromEntries(bytes), data: Buffer.from((data as string) ?? '', 'base64') }
}
