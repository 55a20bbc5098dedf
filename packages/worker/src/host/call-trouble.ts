/** What Temporal's core says of each of its calls, at each attempt after the fifth. */
const RETRIED = /^gRPC call (\w+) retried \d+ times$/
const STATUS = /code: (\w+), message: "((?:[^"\\]|\\.)*)"/
/** Core waits less than this between two attempts: after such a silence calls have succeeded again. */
const OVER_MS = 60_000

/** Makes one word of the many that Temporal's core has for one interruption of the way to Temporal. */
export class CallTrouble {
  #reason = ''
  #heardAt = Number.NEGATIVE_INFINITY

  /**
   * @returns undefined for a record of something else; else what fails and why, and whether that is news
   */
  hear(
    message: string,
    error: unknown,
    now = performance.now(),
  ): { what: string; reason: string; isNews: boolean } | undefined {
    const call = RETRIED.exec(message)?.[1]
    if (call === undefined) return undefined
    const what = call.startsWith('poll_') ? 'No task can be fetched' : 'Temporal cannot be reached'
    const text = String(error)
    const [, code, words] = STATUS.exec(text) ?? []
    const reason = words || code || text.slice(0, 200)
    const isNews = reason !== this.#reason || now - this.#heardAt > OVER_MS
    this.#reason = reason
    this.#heardAt = now
    return { what, reason, isNews }
  }
}
