import { createHash } from 'node:crypto'
import { ApiError } from '../http/errors.ts'
import type { JsonObject } from '../json-object.ts'
import { LimitedProcesses } from '../processes/limited-processes.ts'
import { fitsPlainly } from './plain-schema.ts'

/** What the process is asked. */
export interface CheckRequest {
  /** A JSON Schema (2020-12, or draft 4 to 7 if it says so), as JSON. */
  readonly schema: string
  readonly value: unknown
}

/** What became of it. `unusable`: the schema is none that can be checked here; whoever made it is to do it. */
export type CheckAnswer =
  | { readonly kind: 'valid' }
  | { readonly kind: 'invalid'; readonly message: string }
  | { readonly kind: 'unusable' }
  | { readonly kind: 'exhausted' }

const HEAP_MB = 256
const IDLE_MS = 10 * 60_000
/** For so long a schema that took all the time or memory is not tried again. */
const PENALTY_MS = 60_000
const MAX_PENALTIES = 1_000
const MAX_WAITING = 1_000
const MAX_MESSAGE = 1_000

/**
 * Checks users' values against users' schemas, in processes of its own that are killed when they take too long. One
 * that has taken too long is remembered, so that it holds up others once a minute at most.
 */
export class SchemaChecker {
  readonly #timeLimitMs: number
  readonly #processes: LimitedProcesses<CheckRequest, CheckAnswer>
  readonly #penalties = new Map<string, number>()

  /** @param options.processes at most; they start when they are first needed */
  constructor({ timeLimitMs = 2_000, processes = 2 } = {}) {
    this.#timeLimitMs = timeLimitMs
    this.#processes = new LimitedProcesses({
      module: 'schema-process',
      from: import.meta.url,
      heapMb: HEAP_MB,
      size: processes,
      idleMs: IDLE_MS,
    })
  }

  /**
   * @returns what does not fit, in a sentence; undefined if all fits, or the schema cannot be checked here
   * @throws ApiError SERVICE_UNAVAILABLE if too many are waiting
   */
  async mistake(schema: JsonObject, value: unknown): Promise<string | undefined> {
    if (fitsPlainly(schema, value)) return undefined
    const text = JSON.stringify(schema)
    const answer = await this.#check({ schema: text, value })
    if (answer.kind === 'invalid') return answer.message.slice(0, MAX_MESSAGE)
    if (answer.kind === 'exhausted')
      return `it could not be checked within ${this.#timeLimitMs / 1000} seconds; the schema is too costly`
    return undefined
  }

  /** Ends the processes. */
  stop(): void {
    this.#processes.stop()
  }

  async #check(request: CheckRequest): Promise<CheckAnswer> {
    const key = createHash('sha256').update(request.schema).digest('base64url')
    if ((this.#penalties.get(key) ?? 0) > Date.now()) return { kind: 'exhausted' }
    if (this.#processes.stopped || this.#processes.waiting >= MAX_WAITING)
      throw new ApiError('SERVICE_UNAVAILABLE', 'Too many inputs are waiting to be checked; try again.', {
        retryAfter: 1,
      })
    const answer = await this.#processes.run(request, this.#timeLimitMs)
    if (answer !== undefined) return answer
    if (this.#processes.stopped) return { kind: 'unusable' }
    if (this.#penalties.size >= MAX_PENALTIES) this.#penalties.clear()
    this.#penalties.set(key, Date.now() + PENALTY_MS)
    return { kind: 'exhausted' }
  }
}
