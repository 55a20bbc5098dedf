/**
 * Commits what comes in from many callers in few transactions: while one batch is being written, the next one
 * gathers. Each caller is answered when *its* item is committed. This is what makes one durable write per LLM call
 * affordable: the cost of a commit is shared by all calls that arrive during the one before.
 */
export class GroupCommit<T> {
  readonly #write: (items: T[]) => Promise<void>
  readonly #maxBatch: number
  readonly #maxConcurrent: number
  readonly #weigh: (item: T) => number
  #waiting: { item: T; resolve: () => void; reject: (error: unknown) => void }[] = []
  #writing = 0

  /**
   * @param write commits a batch, all or nothing; its rejection reaches every caller of the batch
   * @param limits.maxBatch items in one transaction at most, or what they may weigh together
   * @param limits.maxConcurrent transactions at a time
   * @param limits.weigh what an item weighs; 1 if absent. One item is taken however much it weighs
   */
  constructor(
    write: (items: T[]) => Promise<void>,
    limits: { maxBatch: number; maxConcurrent: number; weigh?: (item: T) => number },
  ) {
    this.#write = write
    this.#maxBatch = limits.maxBatch
    this.#maxConcurrent = limits.maxConcurrent
    this.#weigh = limits.weigh ?? (() => 1)
  }

  /** Items that wait for a transaction. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Resolves when the item is committed; rejects when its batch failed. */
  add(item: T): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      this.#pump()
    })
  }

  /** How many of those that wait go into the next transaction. */
  #nextBatch(): number {
    let weight = 0
    for (const [place, { item }] of this.#waiting.entries()) {
      weight += this.#weigh(item)
      if (weight > this.#maxBatch) return Math.max(1, place)
    }
    return this.#waiting.length
  }

  #pump(): void {
    while (this.#waiting.length > 0 && this.#writing < this.#maxConcurrent) {
      const batch = this.#waiting.splice(0, this.#nextBatch())
      this.#writing++
      this.#write(batch.map((entry) => entry.item))
        .then(
          () => {
            for (const { resolve } of batch) resolve()
          },
          (error: unknown) => {
            for (const { reject } of batch) reject(error)
          },
        )
        .finally(() => {
          this.#writing--
          this.#pump()
        })
    }
  }
}
