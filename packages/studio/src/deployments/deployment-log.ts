import type { LogRecord } from '@tramontane/contract/logs'
import { ApiError } from '../api/api-error.ts'
import type { Frame } from '../api/stream.ts'
import type { LogLine } from '../logs/log-list.tsx'

/** Keys count up: of lines of one time, the one that came first stands first. */
type KeptLine = LogLine & { readonly key: number }

export interface LogState {
  readonly lines: readonly KeptLine[]
  /** `waiting`: the connection was lost and is made again. */
  readonly state: 'loading' | 'live' | 'waiting' | 'failed'
  readonly error: Error | null
  readonly hasOlder: boolean
}

/** The calls that it makes. */
export interface LogCalls {
  /** A page, the newest line first. */
  page(cursor: string | undefined): Promise<{ results: LogRecord[]; next_cursor: string | null }>
  stream(from: { after: string } | { last_event_id: string }, signal: AbortSignal): AsyncIterable<Frame>
  /** Waits a moment before the connection is made again. */
  pause(signal: AbortSignal): Promise<void>
}

/** Lines beyond are forgotten, the oldest first. */
const MAX_LINES = 10_000
/** Workers send their lines in batches: what is older than the newest line may come after it. */
const LATE_MS = 60_000

/** The log of a deployment: its newest lines, what comes, and older ones when they are asked for. */
export class DeploymentLog {
  #state: LogState = { lines: [], state: 'loading', error: null, hasOlder: false }
  readonly #calls: LogCalls
  readonly #listeners = new Set<() => void>()
  #older: string | null | undefined
  #lastId: string | undefined
  #key = 0

  constructor(calls: LogCalls) {
    this.#calls = calls
  }

  get state(): LogState {
    return this.#state
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Reads the newest lines and follows; until the signal fires. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#older === undefined) await this.#readNewest()
        await this.#readStream(signal)
      } catch (error) {
        if (signal.aborted) return
        const isFinal =
          error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429
        this.#set({ state: isFinal ? 'failed' : 'waiting', error: error as Error })
        if (isFinal) return
      }
      await this.#calls.pause(signal)
    }
  }

  /** Reads the lines before the oldest one. @throws what the call throws */
  async readOlder(): Promise<void> {
    if (!this.#older) return
    const page = await this.#calls.page(this.#older)
    this.#older = page.next_cursor
    this.#set({
      lines: [...page.results.toReversed().map((record) => this.#line(record)), ...this.#state.lines],
      hasOlder: this.#older !== null,
    })
  }

  async #readNewest(): Promise<void> {
    const page = await this.#calls.page(undefined)
    this.#older = page.next_cursor
    this.#set({
      lines: page.results.toReversed().map((record) => this.#line(record)),
      hasOlder: this.#older !== null,
    })
  }

  async #readStream(signal: AbortSignal): Promise<void> {
    const { lines, hasOlder } = this.#state
    const newest = lines.at(-1)
    const from = new Date((newest ? Date.parse(newest.timestamp) : Date.now()) - LATE_MS).toISOString()
    // What is older than the oldest line comes when older lines are asked for.
    const oldest = hasOlder && this.#lastId === undefined ? lines[0]?.timestamp : undefined
    // Those that are shown already, and will come once more.
    const shown = new Map<string, number>()
    if (this.#lastId === undefined)
      for (const line of this.#state.lines)
        if (line.timestamp >= from) shown.set(textOf(line), (shown.get(textOf(line)) ?? 0) + 1)
    const frames = this.#calls.stream(
      this.#lastId === undefined ? { after: from } : { last_event_id: this.#lastId },
      signal,
    )
    this.#set({ state: 'live', error: null })
    let waiting: LogRecord[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    const show = () => {
      timer = undefined
      this.#add(waiting)
      waiting = []
    }
    try {
      for await (const { id, event, data } of frames) {
        if (event === 'error') throw new Error((JSON.parse(data) as { error: string }).error)
        if (event !== undefined && event !== 'log') continue
        this.#lastId = id ?? this.#lastId
        const record = JSON.parse(data) as LogRecord
        const left = shown.get(textOf(record)) ?? 0
        if (oldest !== undefined && left === 0 && record.timestamp <= oldest) continue
        if (left > 0) shown.set(textOf(record), left - 1)
        else waiting.push(record)
        // What comes together is shown together.
        timer ??= setTimeout(show, 50)
      }
    } finally {
      clearTimeout(timer)
      if (!signal.aborted) show()
    }
    if (!signal.aborted) this.#set({ state: 'waiting' })
  }

  #add(records: readonly LogRecord[]): void {
    if (records.length === 0) return
    const before = this.#state.lines
    const lines = [...before, ...records.map((record) => this.#line(record))]
    const isInOrder = lines.every(
      (line, i) => i < before.length || i === 0 || lines[i - 1]!.timestamp <= line.timestamp,
    )
    if (!isInOrder)
      lines.sort((a, b) => (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : a.key - b.key))
    // What is forgotten could not be read again from where the older lines end.
    const isTrimmed = lines.length > MAX_LINES
    if (isTrimmed) this.#older = null
    this.#set({
      lines: isTrimmed ? lines.slice(-MAX_LINES) : lines,
      ...(isTrimmed ? { hasOlder: false } : {}),
    })
  }

  #line(record: LogRecord): KeptLine {
    return { ...record, key: this.#key++ }
  }

  #set(change: Partial<LogState>): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }
}

function textOf({ timestamp, trace_id, span_id, severity_text, body }: LogRecord): string {
  return JSON.stringify([timestamp, trace_id, span_id, severity_text, body])
}
