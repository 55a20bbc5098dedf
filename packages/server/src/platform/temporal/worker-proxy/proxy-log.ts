import type { Logger } from 'pino'
import type { Refusal } from './grpc-status.ts'

/** The same thing is told once in this time, however often workers try. */
const QUIET_MS = 60_000
const REMEMBERED = 1_000

/** What is logged of the calls of workers, which can be many: the same is not told again for a minute. */
export class ProxyLog {
  readonly #logger: Logger
  readonly #told = new Map<string, number>()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** A call was refused. What crosses the border of a workspace is worth a warning. */
  refused(refusal: Refusal, call: { method: string | undefined; keyId: string | undefined }): void {
    const { reason, code, message } = refusal
    const crossed = reason === 'namespace' || reason === 'token' || reason === 'target'
    const fields = { ...call, reason, code }
    if (!crossed) this.#logger.debug(fields, `a worker's call was refused: ${message}`)
    else if (this.#isNews(`${call.keyId} ${call.method} ${reason}`))
      this.#logger.warn(fields, `a worker's call was refused: ${message}`)
  }

  /** @param place the type and the number of a field that is not passed on */
  leftOut(place: string, method: string): void {
    if (this.#isNews(place))
      this.#logger.warn(
        { method, field: place },
        'a field of a worker’s call is not passed on, because this version of Tramontane does not know it',
      )
  }

  /** A call failed for a reason of ours. */
  failed(error: unknown): void {
    if (this.#isNews(String((error as Error)?.message)))
      this.#logger.warn({ err: error }, 'a call of a worker could not be passed on')
  }

  #isNews(key: string): boolean {
    const now = Date.now()
    if (now - (this.#told.get(key) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return false
    if (this.#told.size >= REMEMBERED) this.#told.clear()
    this.#told.set(key, now)
    return true
  }
}
