/**
 * Runs work that belongs together one after the other. What waits here holds no database connection, as it would if it
 * waited for a lock.
 */
export class OneAtATime {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Runs `work` when all that came before under this key has ended, well or badly. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve()
    const mine = before.then(work, work)
    this.#last.set(key, mine)
    try {
      return await mine
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key)
    }
  }
}
