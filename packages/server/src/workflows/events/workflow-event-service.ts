import type {
  listWorkflowEvents,
  recordWorkflowEvent,
  recordWorkflowEvents,
} from '@tramontane/contract/workflow-events'
import type { z } from 'zod'
import { answerInTime } from '../../platform/database/answer-in-time.ts'
import { ApiError } from '../../platform/http/errors.ts'
import type { LiveStream } from '../../platform/http/live-stream.ts'
import type { InstantUnit } from '../../platform/http/nanoseconds.ts'
import { Slots } from '../../platform/slots.ts'
import type { EventFilter } from './event-filter.ts'
import { EventFollower } from './event-follower.ts'
import type { EventHub } from './event-hub.ts'
import { ExecutionEnd, type ExecutionState } from './execution-end.ts'
import type { LostBeginnings } from './lost-beginnings.ts'
import { readSentEvent, textOfSingle, textsOfBatch } from './sent-event.ts'
import { eventText } from './stored-event.ts'
import type { NewEventRow } from './workflow-event-row.ts'
import type { WorkflowEventStore } from './workflow-event-store.ts'
import type { WorkflowEventWriter } from './workflow-event-writer.ts'

type Recorded = z.input<typeof recordWorkflowEvent.response>
type BatchRecorded = z.input<typeof recordWorkflowEvents.response>
type ListQuery = z.output<typeof listWorkflowEvents.query>

const MAX_LIST_BYTES = 16 * 1024 * 1024
const LIST_MS = 20_000
/** How many streams may read pages from the database at a time. */
const PAGES_AT_A_TIME = 4
/** How many malformed events of a batch are told of. */
const TOLD = 5

/** What is asked of the runs of an execution. */
export interface RunsOfExecution {
  /** The newest; undefined if none is known. @throws ApiError TEMPORAL_UNAVAILABLE if there is no telling */
  newest(workspaceId: string, executionId: string): Promise<NewestRun | undefined>
  /** Those whose events may be incomplete. */
  untold(workspaceId: string, executionId: string): Promise<string[]>
}
type NewestRun = Pick<ExecutionState, 'runId' | 'endTime'>

/** Opens the answer, once nothing can be refused any more. */
export type OpenStream = () => LiveStream

function cursorAfter(sequence: number): string {
  return Buffer.from(`after ${sequence}`).toString('base64url')
}

/** @throws ApiError VALIDATION_ERROR */
function positionOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0
  const [, digits] = /^after (\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (digits === undefined)
    throw new ApiError(
      'VALIDATION_ERROR',
      'cursor: is none; take it from `next_cursor` of the page before.',
      {
        issues: [{ loc: ['query', 'cursor'], msg: 'is no cursor of this list', type: 'value_error' }],
      },
    )
  return Number(digits)
}

function message(problems: ReadonlyMap<number, string>): string {
  const told = [...problems].slice(0, TOLD).map(([place, problem]) => `events.${place}: ${problem}`)
  return [...told, ...(problems.size > TOLD ? [`and ${problems.size - TOLD} more`] : [])].join('; ')
}

/** Storing, listing and following events. */
export class WorkflowEventService {
  readonly #writer: WorkflowEventWriter
  readonly #store: WorkflowEventStore
  readonly #beginnings: LostBeginnings
  readonly #hub: EventHub
  readonly #runs: RunsOfExecution
  readonly #slots = new Slots(PAGES_AT_A_TIME)

  constructor(parts: {
    writer: WorkflowEventWriter
    store: WorkflowEventStore
    beginnings: LostBeginnings
    hub: EventHub
    runs: RunsOfExecution
  }) {
    this.#writer = parts.writer
    this.#store = parts.store
    this.#beginnings = parts.beginnings
    this.#hub = parts.hub
    this.#runs = parts.runs
  }

  /**
   * Stores the event of a body.
   * @param text the body as it was sent
   * @throws ApiError VALIDATION_ERROR; see `WorkflowEventWriter.write` and `TellBeginning`
   */
  async record(workspaceId: string, value: unknown, text: string): Promise<Recorded> {
    const sent = readSentEvent(value, textOfSingle(text))
    if ('problem' in sent) throw new ApiError('VALIDATION_ERROR', `event: ${sent.problem}`)
    const [refused] = (await this.#write(workspaceId, [sent.row])).values()
    if (refused !== undefined) throw refused
    return { status: 'success' }
  }

  /**
   * Stores the events of a body, those that are events.
   * @param text the body as it was sent
   * @throws ApiError VALIDATION_ERROR if none of them is an event; as `record`
   */
  async recordBatch(workspaceId: string, values: readonly unknown[], text: string): Promise<BatchRecorded> {
    const texts = textsOfBatch(text)
    const problems = new Map<number, string>()
    const rows: NewEventRow[] = []
    const places: number[] = []
    for (const [place, value] of values.entries()) {
      const sent = readSentEvent(value, texts[place]!)
      if ('problem' in sent) problems.set(place, sent.problem)
      else places[rows.push(sent.row) - 1] = place
    }
    const refused = await this.#write(workspaceId, rows)
    for (const place of refused.keys()) problems.set(places[place]!, 'cannot be stored')
    if (problems.size === 0) return { status: 'success', events_received: values.length }
    if (problems.size === values.length) throw new ApiError('VALIDATION_ERROR', message(problems))
    return { status: 'error', message: message(problems), events_received: values.length - problems.size }
  }

  #write(workspaceId: string, rows: readonly NewEventRow[]): Promise<Map<number, unknown>> {
    return this.#writer.write(workspaceId, rows, this.#beginnings.before(workspaceId, rows))
  }

  /**
   * A page of events as JSON text. It ends early where events are large.
   * @throws ApiError VALIDATION_ERROR for a cursor that is none
   */
  async list(workspaceId: string, query: ListQuery, unit: InstantUnit): Promise<string> {
    const filter: EventFilter = {
      ...(query.root_workflow_exec_id === undefined ? {} : { rootExecutionId: query.root_workflow_exec_id }),
      ...(query.workflow_exec_id === undefined ? {} : { executionId: query.workflow_exec_id }),
      ...(query.workflow_run_id === undefined ? {} : { runId: query.workflow_run_id }),
    }
    const range = { after: positionOf(query.cursor), limit: query.limit, maxBytes: MAX_LIST_BYTES }
    const page = await answerInTime(this.#store.page(workspaceId, filter, range), LIST_MS)
    const next = page.isFull ? JSON.stringify(cursorAfter(page.position)) : 'null'
    return `{"events":[${page.events.map((event) => eventText(event, unit)).join(',')}],"next_cursor":${next}}`
  }

  /**
   * Follows the events of a workspace until the stream is over.
   * @param options.after the last sequence that the reader has
   * @throws before the stream is opened: the database's error, and what `open` throws
   */
  async follow(
    workspaceId: string,
    options: { filter: EventFilter; after: number; unit: InstantUnit },
    open: OpenStream,
  ): Promise<void> {
    const { feed, release } = await this.#hub.hold(workspaceId)
    try {
      const stream = open()
      await new EventFollower({ feed, store: this.#store, slots: this.#slots, stream }, options).run()
    } finally {
      release()
    }
  }

  /**
   * Follows the events of an execution until its last run has ended and all of them are told.
   * @throws ApiError WF_1100, TEMPORAL_UNAVAILABLE if there is no telling whether it exists; as `follow`
   */
  async followExecution(
    workspaceId: string,
    executionId: string,
    options: { after: number; unit: InstantUnit },
    open: OpenStream,
  ): Promise<void> {
    await this.#checkExists(workspaceId, executionId)
    const { feed, release } = await this.#hub.hold(workspaceId)
    try {
      const stream = open()
      const end = new ExecutionEnd(stream, {
        state: () => this.#stateOf(workspaceId, executionId),
        hasSent: (sequence) => follower.hasSent(sequence),
      })
      const follower: EventFollower = new EventFollower(
        { feed, store: this.#store, slots: this.#slots, stream },
        {
          ...options,
          filter: { executionId },
          onSent: (event) => end.sent(event),
          onCaughtUp: () => end.caughtUp(),
        },
      )
      await follower.run()
    } finally {
      release()
    }
  }

  /** @throws ApiError TEMPORAL_UNAVAILABLE, the database's error */
  async #stateOf(workspaceId: string, executionId: string): Promise<ExecutionState | undefined> {
    const run = await this.#runs.newest(workspaceId, executionId)
    if (run === undefined) return undefined
    if (run.endTime === null) return { ...run, untold: [], position: 0 }
    // In this order: what is told of by now is stored, up to the position that is read afterwards.
    const untold = await answerInTime(this.#runs.untold(workspaceId, executionId), LIST_MS)
    return { ...run, untold, position: await answerInTime(this.#store.position(workspaceId), LIST_MS) }
  }

  /** @throws ApiError WF_1100, TEMPORAL_UNAVAILABLE */
  async #checkExists(workspaceId: string, executionId: string): Promise<void> {
    let problem: unknown = new ApiError('WF_1100', `No execution has the id ${JSON.stringify(executionId)}.`)
    // No text with a NUL is in the database, and it may not be asked for one.
    if (executionId.includes('\0')) throw problem
    try {
      if (await this.#runs.newest(workspaceId, executionId)) return
    } catch (error) {
      problem = error
    }
    // Events of an execution that Temporal has forgotten, or cannot tell of now.
    if (!(await answerInTime(this.#store.has(workspaceId, executionId), LIST_MS))) throw problem
  }
}
