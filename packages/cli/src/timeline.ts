import { patchTaskState } from '@tramontane/contract/task-patches'
import type { WorkflowEvent } from '@tramontane/contract/workflow-events'
import { oneLine, truncate } from './terminal-text.ts'

/** What is, or was, under way in an execution: a run, an activity, a custom task. */
interface Row {
  readonly label: string
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

  /** Takes an event. @returns the line of what has changed; undefined if nothing that is shown has */
  add(event: WorkflowEvent): string | undefined {
    const time = Number(event.event_timestamp / 1_000_000n)
    this.#startedAt ??= time
    const row = this.#changed(event, time)
    return row && this.#line(row, time)
  }

  /** All rows as lines, the running ones as they are now. */
  lines(now: number, columns: number): string[] {
    return [...this.#rows.values()].map((row) => truncate(this.#line(row, now), columns))
  }

  #changed(event: WorkflowEvent, time: number): Row | undefined {
    const run = event.workflow_run_id
    switch (event.event_type) {
      case 'WORKFLOW_EXECUTION_STARTED':
        return this.#start(run, event.attributes.display_name ?? event.workflow_name, 0, time)
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
