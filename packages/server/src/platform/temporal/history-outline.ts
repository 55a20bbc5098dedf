import temporalProto, { type temporal } from '@temporalio/proto'
import type { TemporalPayload } from '@tramontane/contract/workflow-payload'
import { isObject, type JsonObject } from '../json-object.ts'
import { failureMessage } from './close-event.ts'
import { historyPages } from './history.ts'
import { nanosecondsOf } from './run-info.ts'
import type { WorkspaceTemporal } from './temporal.ts'
import type { Target } from './workflow-calls.ts'

/** An event of a history, without what was handed over. */
export interface OutlinedEvent {
  readonly id: number
  /** `WORKFLOW_TASK_COMPLETED` */
  readonly type: string
  readonly timeNanos: bigint
  /** Texts, numbers and truth values; of a type its name, of a failure its message, of a timer's time its seconds (`3600s`). */
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  /** The beginnings of what was handed over, as JSON, by what it is: `input`, `result`. */
  readonly previews: Readonly<Record<string, string>>
}

type HistoryEvent = temporal.api.history.v1.IHistoryEvent
type Duration = NonNullable<temporal.api.history.v1.ITimerStartedEventAttributes['startToFireTimeout']>

const TYPES: Readonly<Record<number, string>> = temporalProto.temporal.api.enums.v1.EventType
const PREFIX = 'EVENT_TYPE_'
/** `EventType` of Temporal's API: WORKFLOW_TASK_SCHEDULED and WORKFLOW_TASK_STARTED. */
const NOT_YET: ReadonlySet<number> = new Set([5, 6])
/** Of what was handed over, so many bytes are shown. */
const PREVIEW_BYTES = 200

/** The events of a run, from the first to the newest. @throws an error of gRPC; see `isNotFound` */
export async function historyOutline(workspace: WorkspaceTemporal, target: Target): Promise<OutlinedEvent[]> {
  const all: OutlinedEvent[] = []
  for await (const events of historyPages(workspace, target)) all.push(...events.map(outlined))
  return all
}

/**
 * The events of a run in short, page by page: what is there after `after`, then what comes, until the run ends or the
 * signal fires.
 * @throws an error of gRPC; see `isNotFound`
 */
export async function* followOutline(
  workspace: WorkspaceTemporal,
  target: Target,
  { after, signal }: { after: number; signal: AbortSignal },
): AsyncGenerator<OutlinedEvent[]> {
  let held: HistoryEvent[] = []
  for await (const events of historyPages(workspace, target, { follow: signal })) {
    if (events.length === 0) continue
    const first = Number(events[0]!.eventId)
    const known = [...held.filter(({ eventId }) => Number(eventId) < first), ...events]
    // Tasks at the end may not be part of the history yet, though Temporal tells of them: what happens next may have
    // their numbers. They are told when something stands behind them.
    const end = known.findLastIndex(({ eventType }) => !NOT_YET.has(eventType ?? 0)) + 1
    held = known.slice(end)
    const fresh = known.slice(0, end).filter(({ eventId }) => Number(eventId) > after)
    if (fresh.length > 0) yield fresh.map(outlined)
  }
}

function outlined(event: HistoryEvent): OutlinedEvent {
  return {
    id: Number(event.eventId),
    type: (TYPES[event.eventType ?? 0] ?? '').replace(PREFIX, ''),
    timeNanos: nanosecondsOf(event.eventTime),
    ...partsOf(event),
  }
}

function partsOf(event: HistoryEvent): Pick<OutlinedEvent, 'attributes' | 'previews'> {
  const [, found] = Object.entries(event).find(([name, value]) => name.endsWith('Attributes') && value) ?? []
  return isObject(found)
    ? { attributes: { ...attributesOf(found), ...innerAttributesOf(found) }, previews: previewsOf(found) }
    : { attributes: {}, previews: {} }
}

/** As Temporal writes durations: `3600s`, `0.500s`. */
function seconds({ seconds, nanos }: Duration): string {
  const whole = Number(seconds ?? 0)
  return `${nanos ? (whole + nanos / 1e9).toFixed(3) : whole}s`
}

/** Some of what lies deeper: how long a timer runs, the execution that an event is about, the name and id of an update, why it was refused. */
function innerAttributesOf(attributes: JsonObject): OutlinedEvent['attributes'] {
  const { workflowExecution, acceptedRequest, rejectedRequest, meta, outcome, startToFireTimeout } =
    attributes
  const request = isObject(acceptedRequest) ? acceptedRequest : rejectedRequest
  const input = isObject(request) ? request.input : undefined
  const ids = isObject(request) ? request.meta : meta
  const found = {
    workflowId: isObject(workflowExecution) ? workflowExecution.workflowId : undefined,
    runId: isObject(workflowExecution) ? workflowExecution.runId : undefined,
    updateName: isObject(input) ? input.name : undefined,
    updateId: isObject(ids) ? ids.updateId : undefined,
    startToFireTimeout: isObject(startToFireTimeout) ? seconds(startToFireTimeout) : undefined,
    failure: isObject(outcome) && isObject(outcome.failure) ? failureMessage(outcome.failure) : undefined,
  }
  return Object.fromEntries(
    Object.entries(found).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

function previewsOf(attributes: JsonObject): OutlinedEvent['previews'] {
  const { input, result, details, acceptedRequest, outcome } = attributes
  const request = isObject(acceptedRequest) && isObject(acceptedRequest.input) ? acceptedRequest.input : {}
  const found = {
    input: preview(input ?? request.args),
    result: preview(result ?? (isObject(outcome) ? outcome.success : undefined)),
    // Of a marker, details are several; what it is about stands under this name.
    details: preview(isObject(details) && isObject(details.data) ? details.data : details),
  }
  return Object.fromEntries(
    Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

/** The beginning of the first of some payloads, without reading more of it; what clients have encoded has none. */
function preview(payloads: unknown): string | undefined {
  const first = isObject(payloads) && Array.isArray(payloads.payloads) ? payloads.payloads[0] : undefined
  const { metadata, data } = (first ?? {}) as TemporalPayload
  const encoding = metadata?.encoding ? Buffer.from(metadata.encoding).toString() : ''
  if (!encoding.startsWith('json/') || !data?.length || metadata?.encoding_options?.length) return undefined
  const text = Buffer.from(data.subarray(0, PREVIEW_BYTES)).toString()
  // A character that was cut in two is left out.
  return data.length > PREVIEW_BYTES ? `${text.replace(/\uFFFD+$/, '')}…` : text
}

function attributesOf(found: JsonObject): OutlinedEvent['attributes'] {
  const values = Object.entries(found).map(
    ([name, value]) => [name, isFailure(name, value) ? failureMessage(value) : plain(value)] as const,
  )
  return Object.fromEntries(
    values.filter((entry): entry is [string, string | number | boolean] => entry[1] !== undefined),
  )
}

function isFailure(name: string, value: unknown): value is JsonObject {
  return (name === 'failure' || name === 'lastFailure') && isObject(value)
}

/** int64 come as objects that tell their number; of all other objects only types and failures say something. */
function plain(value: unknown): string | number | boolean | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (!isObject(value)) return undefined
  if (typeof value.toNumber === 'function') return (value as unknown as { toNumber(): number }).toNumber()
  if (typeof value.name === 'string') return value.name
  return typeof value.message === 'string' ? value.message : undefined
}
