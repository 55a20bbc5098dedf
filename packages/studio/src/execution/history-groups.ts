import type { HistoryEvent } from '@tramontane/contract/run-history'

/** What kind of thing an execution did, or had done to it. */
export type GroupKind =
  | 'activity'
  | 'child'
  | 'timer'
  | 'signal'
  | 'update'
  | 'external'
  | 'marker'
  | 'task'
  | 'run'
  | 'other'

export type GroupState = 'open' | 'completed' | 'failed' | 'canceled' | 'timed out' | 'noted'

/** Something that an execution did, put together from the events of its history. */
export interface HistoryGroup {
  /** Number of its first event. */
  readonly id: number
  readonly kind: GroupKind
  readonly name: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  /** Null while it goes on; what has no duration ends when it begins. */
  endedAt: number | null
  state: GroupState
  /** When a worker took it up for the last time. */
  takenAt: number | null
  /** How often it was tried. */
  attempt: number
  /** What failed. */
  message: string | null
  /** How the attempt before the last one failed. */
  lastFailure: string | null
  /** Of an activity. */
  readonly activityId: string | null
  /** Of a child: which execution and run. */
  childExecutionId: string | null
  childRunId: string | null
  readonly eventIds: number[]
  /** The WORKFLOW_TASK_COMPLETED to which a reset has to go so that this is done anew. */
  resetPoint: number | null
  /** Of the task with which a run goes on that was made by a reset: the run that it was made from. */
  resetFrom: string | null
  input: string | null
  result: string | null
}

interface Beginning {
  readonly kind: GroupKind
  readonly nameOf: (event: HistoryEvent) => string
  /** Nothing more will come of it. */
  readonly isPoint?: true
}

const named = (attribute: string) => (event: HistoryEvent) => String(event.attributes[attribute] ?? '')

/** Local activities leave only a marker: what they are called stands in its details. */
function markerName({ attributes, previews }: HistoryEvent): string {
  const local = /"activity_type":"((?:[^"\\]|\\.)*)"/.exec(previews.details ?? '')?.[1]
  return local ?? String(attributes.markerName ?? '')
}

/** The events that begin something. */
const BEGINNINGS: Readonly<Record<string, Beginning>> = {
  ACTIVITY_TASK_SCHEDULED: { kind: 'activity', nameOf: named('activityType') },
  START_CHILD_WORKFLOW_EXECUTION_INITIATED: { kind: 'child', nameOf: named('workflowType') },
  TIMER_STARTED: { kind: 'timer', nameOf: named('timerId') },
  WORKFLOW_TASK_SCHEDULED: { kind: 'task', nameOf: () => 'Workflow task' },
  WORKFLOW_EXECUTION_SIGNALED: { kind: 'signal', nameOf: named('signalName'), isPoint: true },
  WORKFLOW_EXECUTION_UPDATE_ACCEPTED: { kind: 'update', nameOf: named('updateName') },
  SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED: { kind: 'external', nameOf: named('signalName') },
  REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED: { kind: 'external', nameOf: () => 'Cancel request' },
  MARKER_RECORDED: { kind: 'marker', nameOf: markerName, isPoint: true },
}

/** Which member of a later event has the number of the one that began the thing. */
const BEGUN_BY: readonly (readonly [RegExp, string])[] = [
  [/^ACTIVITY_TASK_/, 'scheduledEventId'],
  [/^WORKFLOW_TASK_/, 'scheduledEventId'],
  [/^(START_)?CHILD_WORKFLOW_EXECUTION_/, 'initiatedEventId'],
  [/^EXTERNAL_WORKFLOW_EXECUTION_|^(SIGNAL|REQUEST_CANCEL)_EXTERNAL_/, 'initiatedEventId'],
  [/^TIMER_/, 'startedEventId'],
  [/^WORKFLOW_EXECUTION_UPDATE_/, 'acceptedEventId'],
]

/** How the last word of an event's type says that something stands. */
const STATES: readonly (readonly [RegExp, GroupState])[] = [
  [/_(COMPLETED|FIRED|SIGNALED|CANCEL_REQUESTED)$/, 'completed'],
  [/_(FAILED|TERMINATED|REJECTED)$/, 'failed'],
  [/_TIMED_OUT$/, 'timed out'],
  [/_CANCELED$/, 'canceled'],
]

function stateAfter(type: string): GroupState | undefined {
  return STATES.find(([pattern]) => pattern.test(type))?.[1]
}

/** Whether something belongs to the machinery: what the SDK does for itself, and tasks that went as they should. */
export function isMachinery({ kind, name, state }: HistoryGroup): boolean {
  if (kind === 'task') return state === 'completed' || state === 'open'
  if (kind === 'other') return state === 'noted'
  return (kind === 'marker' || kind === 'activity') && name.startsWith('__')
}

/** An execution's history as the things that happened in it, made up event by event. */
export class HistoryGroups {
  readonly all: HistoryGroup[] = []
  /** The events to which the run can be reset. */
  readonly resetPoints: HistoryEvent[] = []
  readonly #byFirstEvent = new Map<number, HistoryGroup>()
  /** Those for which the next WORKFLOW_TASK_COMPLETED is where a reset has to go. */
  #unhandled: HistoryGroup[] = []
  /** Where the run was taken back to an earlier point of another one, which has all that is before. */
  readonly resets: HistoryGroup[] = []
  /** When the last event happened. */
  lastAt = 0
  /** Whether something was tried more than once. */
  hasRetries = false

  /** Takes the next events, in their order. */
  add(events: readonly HistoryEvent[]): void {
    for (const event of events) this.#take(event)
  }

  #take(event: HistoryEvent): void {
    const { event_type: type, event_id: id } = event
    const at = Date.parse(event.event_time)
    this.lastAt = Math.max(this.lastAt, at)
    const beginning = BEGINNINGS[type]
    if (beginning) this.#begin(event, at, beginning)
    else if (!this.#goOn(event, at)) {
      const kind = type.startsWith('WORKFLOW_EXECUTION_') ? 'run' : 'other'
      this.#keep(newGroup(event, at, kind, sentence(type), stateAfter(type) ?? 'noted'))
    }
    if (type !== 'WORKFLOW_TASK_COMPLETED') return
    this.resetPoints.push(event)
    for (const group of this.#unhandled) group.resetPoint = id
    this.#unhandled = []
  }

  #begin(event: HistoryEvent, at: number, { kind, nameOf, isPoint }: Beginning): void {
    const group = newGroup(event, at, kind, nameOf(event), isPoint ? 'noted' : 'open')
    if (kind === 'child') group.childExecutionId = text(event.attributes.workflowId)
    if (!isPoint) group.endedAt = null
    this.#keep(group)
  }

  #keep(group: HistoryGroup): void {
    this.all.push(group)
    this.#byFirstEvent.set(group.id, group)
    if (group.resetPoint === null) this.#unhandled.push(group)
  }

  /** @returns whether the event goes on with something */
  #goOn(event: HistoryEvent, at: number): boolean {
    const { event_type: type, event_id: id, attributes, previews } = event
    const member = BEGUN_BY.find(([pattern]) => pattern.test(type))?.[1]
    const group = member && this.#byFirstEvent.get(Number(attributes[member]))
    if (!group) return false
    group.eventIds.push(id)
    if (typeof attributes.attempt === 'number') group.attempt = Math.max(group.attempt, attributes.attempt)
    this.hasRetries ||= group.attempt > 1
    group.lastFailure = text(attributes.lastFailure) ?? group.lastFailure
    group.message = text(attributes.failure) ?? text(attributes.lastFailure) ?? group.message
    group.result = previews.result ?? group.result
    if (type.endsWith('_STARTED')) {
      group.takenAt = at
      group.childExecutionId = text(attributes.workflowId) ?? group.childExecutionId
      group.childRunId = text(attributes.runId) ?? group.childRunId
      return true
    }
    const state = stateAfter(type)
    if (state === undefined || type === 'ACTIVITY_TASK_CANCEL_REQUESTED') return true
    group.state = group.kind === 'update' && attributes.failure !== undefined ? 'failed' : state
    group.endedAt = at
    group.resetFrom = text(attributes.baseRunId)
    if (group.resetFrom !== null) {
      group.state = 'noted'
      this.resets.push(group)
    }
    // What was tried again and succeeded says how it failed only where its attempts are told.
    if (group.state === 'completed') group.message = null
    return true
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function newGroup(
  event: HistoryEvent,
  at: number,
  kind: GroupKind,
  name: string,
  state: GroupState,
): HistoryGroup {
  const { attributes, previews } = event
  const by = attributes.workflowTaskCompletedEventId
  return {
    id: event.event_id,
    kind,
    name,
    startedAt: at,
    endedAt: at,
    state,
    takenAt: null,
    attempt: 1,
    message: text(attributes.failure) ?? (kind === 'run' ? text(attributes.reason) : null),
    lastFailure: null,
    activityId: text(attributes.activityId),
    childExecutionId: null,
    childRunId: null,
    eventIds: [event.event_id],
    resetPoint: typeof by === 'number' && by > 0 ? by : null,
    resetFrom: null,
    input: previews.input ?? previews.details ?? null,
    result: previews.result ?? null,
  }
}

/** `WORKFLOW_EXECUTION_STARTED` as words: `Workflow execution started`. */
export function sentence(type: string): string {
  const words = type.toLowerCase().replaceAll('_', ' ')
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}
