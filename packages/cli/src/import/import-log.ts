import { setTimeout as delay } from 'node:timers/promises'
import { ApiCallError } from '../api-client.ts'
import type { LogLine } from './log-lines.ts'
import { type RecordRules, readRecord } from './log-record.ts'

const BATCH_RECORDS = 1_000
const BATCH_BYTES = 6 * 1024 * 1024
const IN_FLIGHT = 4
/** Together some two minutes: as long as a server takes to restart, or to work off a rush. */
const PAUSES_MS = [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000]

/** What became of the lines so far. */
export interface ImportCounts {
  /** Lines that were read, blank ones included. */
  lines: number
  /** Events that were not there before. */
  added: number
  /** Events that the server had already. */
  known: number
  bad: number
}

/** Sends records, each as JSON; resolves to how many of them were new when they are committed. */
export type SendRecords = (records: readonly string[]) => Promise<number>

interface Item {
  readonly line: number
  readonly json: string
}

/** Whether the same call may succeed a moment later; records have ids, so that sending them again is harmless. */
function mayPass(error: unknown): error is ApiCallError {
  return error instanceof ApiCallError && [0, 408, 429, 502, 503, 504].includes(error.status)
}

/** Whether the server refuses what was sent, rather than who sends it. */
function isRefusal(error: unknown): error is ApiCallError {
  return error instanceof ApiCallError && [400, 413, 422].includes(error.status)
}

/** An import under way: batches go out while lines are read, a few at a time. */
class Import {
  readonly counts: ImportCounts = { lines: 0, added: 0, known: 0, bad: 0 }
  readonly #send: SendRecords
  readonly #onBadLine: (line: number, problem: string) => void
  readonly #flights = new Set<Promise<void>>()
  #failed: { error: unknown } | undefined
  #batch: Item[] = []
  #bytes = 0

  constructor(send: SendRecords, onBadLine: (line: number, problem: string) => void) {
    this.#send = send
    this.#onBadLine = onBadLine
  }

  async run(lines: AsyncIterable<LogLine>, rules: RecordRules): Promise<void> {
    for await (const { number, text } of lines) {
      this.counts.lines = number
      if (text === null) this.#bad(number, 'longer than 16 MB, or not UTF-8')
      else if (text.trim() !== '') await this.#add(number, text, rules)
      if (this.#failed) break
    }
    await this.#flush()
    await Promise.all(this.#flights)
    if (this.#failed) throw this.#failed.error
  }

  #bad(line: number, problem: string): void {
    this.counts.bad++
    this.#onBadLine(line, problem)
  }

  async #add(number: number, text: string, rules: RecordRules): Promise<void> {
    const read = readRecord(text, number, rules)
    if ('problem' in read) return this.#bad(number, read.problem)
    const json = JSON.stringify(read.record)
    const bytes = Buffer.byteLength(json)
    if (this.#batch.length === BATCH_RECORDS || this.#bytes + bytes > BATCH_BYTES) await this.#flush()
    this.#batch.push({ line: number, json })
    this.#bytes += bytes
  }

  async #flush(): Promise<void> {
    const batch = this.#batch
    this.#batch = []
    this.#bytes = 0
    if (batch.length === 0 || this.#failed) return
    const flight = this.#deliver(batch)
      .catch((error: unknown) => {
        this.#failed ??= { error }
      })
      .finally(() => this.#flights.delete(flight))
    this.#flights.add(flight)
    if (this.#flights.size >= IN_FLIGHT) await Promise.race(this.#flights)
  }

  /** Sends a batch; one that the server refuses is halved until the lines at fault are found. */
  async #deliver(batch: readonly Item[]): Promise<void> {
    try {
      const added = await this.#sendPatiently(batch.map(({ json }) => json))
      this.counts.added += added
      this.counts.known += batch.length - added
    } catch (error) {
      if (!isRefusal(error)) throw error
      if (batch.length === 1) return this.#bad(batch[0]!.line, error.message)
      const middle = Math.ceil(batch.length / 2)
      await this.#deliver(batch.slice(0, middle))
      await this.#deliver(batch.slice(middle))
    }
  }

  async #sendPatiently(records: readonly string[]): Promise<number> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#send(records)
      } catch (error) {
        const pause = PAUSES_MS[attempt]
        if (!mayPass(error) || pause === undefined || this.#failed) throw error
        await delay(Math.max(pause * (0.75 + Math.random() / 2), (error.retryAfter ?? 0) * 1_000))
      }
    }
  }
}

/**
 * Sends the lines of a log as events.
 * @param options.onBadLine is told each line that is no record, or that the server refuses
 * @param options.onProgress is told the counts every fifth of a second, and at the end
 * @throws ApiCallError if the server cannot be reached for minutes, or refuses the key; what it has acknowledged stays
 */
export async function importLog(
  lines: AsyncIterable<LogLine>,
  rules: RecordRules,
  send: SendRecords,
  options: { onBadLine: (line: number, problem: string) => void; onProgress: (counts: ImportCounts) => void },
): Promise<ImportCounts> {
  const work = new Import(send, options.onBadLine)
  const timer = setInterval(() => options.onProgress(work.counts), 200)
  try {
    await work.run(lines, rules)
    return work.counts
  } finally {
    clearInterval(timer)
    options.onProgress(work.counts)
  }
}
