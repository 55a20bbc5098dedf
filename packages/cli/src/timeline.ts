import type { HistoryEvent } from '@tramontane/contract/run-history'
import { patchTaskState } from '@tramontane/contract/task-patches'
import type { WorkflowEvent } from '@tramontane/contract/workflow-events'
import { oneLine, truncate } from './terminal-text.ts'

/** What is, or was, under way in an execution: a run, an activity, a custom task, a timer, a child; or a signal that came. */
interface Row {
  label: string
  readonly depth: number
  readonly startedAt: number
  state: 'running' | 'retrying' | 'done' | 'failed' | 'canceled'
  endedAt?: number
  failedAttempts?: number
  note: string
}

const MARKS: Readonly<Record<Row['state'], string>> = {
  running: '▶',
  retrying: '↻',
  done: '✓',
  failed: '✗',
  canceled: '■',
}
/** Activities of the SDK's own, which say little about the workflow. */
const INTERNAL = /^__/
const LABEL_COLUMNS = 40

/** Milliseconds as people say them: 12 ms, 3.4 s, 5 min 6 s. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`
  const seconds = Math.round(milliseconds / 1_000)
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`
}

/** The timeline of an execution, made from its events as they come. */
export class Timeline {
  readonly #rows = new Map<string, Row>()
  readonly #states = new Map<string, unknown>()
  readonly #all: boolean
  #startedAt: number | undefined

  /** @param options.all also what belongs to the SDK */
  constructor({ all }: { all: boolean }) {
    this.#all = all
  }

  /** Takes an event that a worker has told. @returns the line of what has changed; undefined if nothing that is shown has */
  add(event: WorkflowEvent): string | undefined {
    return this.#take(Number(event.event_timestamp / 1_000_000n), (time) => this.#changed(event, time))
  }

  /** Takes an event of a run's history, for what workers do not tell. @returns as `add` */
  addHistory(runId: string, event: HistoryEvent): string | undefined {
    return this.#take(Date.parse(event.event_time), (time) => this.#noted(runId, event, time))
  }

  /** All rows as lines, in the order in which they began, the running ones as they are now. */
  lines(now: number, columns: number): string[] {
    const rows = [...this.#rows.values()].toSorted((one, other) => one.startedAt - other.startedAt)
    return rows.map((row) => truncate(this.#line(row, now), columns))
  }

  #take(time: number, change: (time: number) => Row | undefined): string | undefined {
    this.#startedAt = Math.min(this.#startedAt ?? time, time)
    const row = change(time)
    return row && this.#line(row, time)
  }

  #noted(run: string, { event_type: type, event_id, attributes, previews }: HistoryEvent, time: number) {
    const text = (name: string) => String(attributes[name] ?? '')
    const begin = (what: string, note = '') => {
      const row = this.#start(`${run} #${event_id}`, what, 1, time)
      row.note = oneLine(note)
      return row
    }
    const end = (member: string, state: Row['state'], note = '') =>
      this.#end(`${run} #${text(member)}`, state, time, note)
    switch (type) {
      case 'WORKFLOW_EXECUTION_STARTED':
        // Its worker tells of it too; before one is there, this is all that is known.
        return this.#rows.has(run) ? undefined : this.#start(run, text('workflowType'), 0, time)
      case 'TIMER_STARTED':
        return begin(`timer of ${duration(Number.parseFloat(text('startToFireTimeout')) * 1_000)}`)
      case 'TIMER_FIRED':
        return end('startedEventId', 'done')
      case 'TIMER_CANCELED':
        return end('startedEventId', 'canceled')
      case 'WORKFLOW_EXECUTION_SIGNALED':
        return Object.assign(begin(`signal ${text('signalName')}`, previews.input), {
          state: 'done',
          endedAt: time,
        })
      case 'WORKFLOW_EXECUTION_UPDATE_ACCEPTED':
        return begin(`update ${text('updateName')}`, previews.input)
      case 'WORKFLOW_EXECUTION_UPDATE_COMPLETED':
        return end('acceptedEventId', attributes.failure ? 'failed' : 'done', text('failure'))
      case 'START_CHILD_WORKFLOW_EXECUTION_INITIATED':
        return begin(`child ${text('workflowType')}`, text('workflowId'))
      case 'CHILD_WORKFLOW_EXECUTION_COMPLETED':
        return end('initiatedEventId', 'done')
      case 'CHILD_WORKFLOW_EXECUTION_CANCELED':
        return end('initiatedEventId', 'canceled')
      case 'START_CHILD_WORKFLOW_EXECUTION_FAILED':
        return end('initiatedEventId', 'failed', 'an execution with its id is there already')
      case 'CHILD_WORKFLOW_EXECUTION_FAILED':
        return end('initiatedEventId', 'failed', text('failure'))
      case 'CHILD_WORKFLOW_EXECUTION_TERMINATED':
        return end('initiatedEventId', 'failed', 'terminated')
      case 'CHILD_WORKFLOW_EXECUTION_TIMED_OUT':
        return end('initiatedEventId', 'failed', 'timed out')
      default:
        return undefined
    }
  }

  #changed(event: WorkflowEvent, time: number): Row | undefined {
    const run = event.workflow_run_id
    switch (event.event_type) {
      case 'WORKFLOW_EXECUTION_STARTED': {
        const label = event.attributes.display_name ?? event.workflow_name
        const noted = this.#rows.get(run)
        if (!noted) return this.#start(run, label, 0, time)
        noted.label = oneLine(label)
        return undefined
      }
      case 'WORKFLOW_EXECUTION_COMPLETED':
        return this.#end(run, 'done', time, shown(event.attributes.result.value))
      case 'WORKFLOW_EXECUTION_FAILED':
        return this.#end(run, 'failed', time, event.attributes.failure.message)
      case 'WORKFLOW_EXECUTION_CANCELED':
        return this.#end(run, 'canceled', time, event.attributes.reason ?? '')
      case 'WORKFLOW_EXECUTION_CONTINUED_AS_NEW':
        return this.#end(run, 'done', time, 'continued as new')
      case 'ACTIVITY_TASK_STARTED': {
        const { task_id: id, activity_name: name } = event.attributes
        if (INTERNAL.test(name) && !this.#all) return undefined
        return this.#start(`${run} ${id}`, name, 1, time)
      }
      case 'ACTIVITY_TASK_COMPLETED': {
        const key = `${run} ${event.attributes.task_id}`
        const failed = this.#rows.get(key)?.failedAttempts
        return this.#end(key, 'done', time, failed ? `attempt ${failed + 1}` : '')
      }
      case 'ACTIVITY_TASK_RETRYING':
        return this.#retry(`${run} ${event.attributes.task_id}`, event.attributes)
      case 'ACTIVITY_TASK_FAILED':
        return this.#end(
          `${run} ${event.attributes.task_id}`,
          'failed',
          time,
          event.attributes.failure.message,
        )
      case 'CUSTOM_TASK_STARTED':
        this.#states.set(event.attributes.custom_task_id, event.attributes.payload?.value)
        return this.#start(event.attributes.custom_task_id, event.attributes.custom_task_type, 2, time)
      case 'CUSTOM_TASK_IN_PROGRESS':
        return this.#progress(event.attributes.custom_task_id, event.attributes.payload)
      case 'CUSTOM_TASK_COMPLETED':
        return this.#end(event.attributes.custom_task_id, 'done', time, shown(event.attributes.payload.value))
      case 'CUSTOM_TASK_FAILED':
        return this.#end(event.attributes.custom_task_id, 'failed', time, event.attributes.failure.message)
      case 'CUSTOM_TASK_TIMED_OUT':
        return this.#end(event.attributes.custom_task_id, 'failed', time, 'timed out')
      case 'CUSTOM_TASK_CANCELED':
        return this.#end(event.attributes.custom_task_id, 'canceled', time, event.attributes.reason ?? '')
      default:
        return undefined
    }
  }

  #start(key: string, label: string, depth: number, startedAt: number): Row {
    const row: Row = { label: oneLine(label), depth, startedAt, state: 'running', note: '' }
    this.#rows.set(key, row)
    return row
  }

  #end(key: string, state: Row['state'], time: number, note: string): Row | undefined {
    const row = this.#rows.get(key)
    if (!row) return undefined
    Object.assign(row, { state, endedAt: time, note: oneLine(note) || row.note })
    return row
  }

  #retry(
    key: string,
    { attempt, failure }: { attempt: number; failure: { message: string } },
  ): Row | undefined {
    const row = this.#rows.get(key)
    if (row)
      Object.assign(row, {
        state: 'retrying',
        failedAttempts: attempt,
        note: `attempt ${attempt}: ${oneLine(failure.message)}`,
      })
    return row
  }

  #progress(key: string, payload: { type: string; value: unknown }): Row | undefined {
    const row = this.#rows.get(key)
    if (!row) return undefined
    const state =
      payload.type === 'json' ? payload.value : patchTaskState(this.#states.get(key), payload.value)
    this.#states.set(key, state)
    row.note = oneLine(shown(state))
    return row
  }

  #line({ label, depth, startedAt, endedAt, state, note }: Row, now: number): string {
    const offset = `+${duration(Math.max(0, startedAt - this.#startedAt!))}`.padStart(11)
    const name = truncate(`${'  '.repeat(depth)}${label}`, LABEL_COLUMNS).padEnd(LABEL_COLUMNS)
    const took = duration(Math.max(0, (endedAt ?? now) - startedAt)).padStart(11)
    return `${offset}  ${MARKS[state]} ${name} ${took}  ${note}`.trimEnd()
  }
}

/** A task's state in a few words: its only text if it is that of a stream, else JSON. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  if (typeof value !== 'object') return String(value)
  const texts = Object.values(value).filter((part) => typeof part === 'string')
  return texts.length === 1 && Object.keys(value).length === 1 ? texts[0]! : JSON.stringify(value)
}
