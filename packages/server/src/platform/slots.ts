/** Lets a bounded number of holders in; the others wait in the order in which they came. */
export class Slots {
  readonly #size: number
  readonly #waiting = new Set<() => void>()
  #taken = 0

  /** @param size holders at a time */
  constructor(size: number) {
    this.#size = size
  }

  /**
   * Waits for a slot.
   * @returns what gives it back; calling it again does nothing
   * @throws the signal's reason if it fires first
   */
  async take(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted()
    if (this.#taken < this.#size) this.#taken++
    else await this.#turn(signal)
    let given = false
    return () => {
      if (given) return
      given = true
      this.#giveBack()
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        this.#waiting.delete(enter)
        reject(signal!.reason)
      }
      this.#waiting.add(enter)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  /** The slot goes to the next who waits without becoming free in between, so nobody can slip in. */
  #giveBack(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#taken--
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
