/** Why one item of an export (a span, a log record) is not stored; the message goes on after "because". */
export class Refusal extends Error {}

/** Counts, by reason, the items of an export that are refused. */
export class Refusals {
  readonly #counts = new Map<string, number>()
  readonly #items: string

  /** @param items what they are called: `spans` */
  constructor(items: string) {
    this.#items = items
  }

  /**
   * Notes why `count` items are refused.
   * @throws what was thrown, if it is no Refusal
   */
  add(thrown: unknown, count = 1): void {
    if (!(thrown instanceof Refusal)) throw thrown
    this.#counts.set(thrown.message, (this.#counts.get(thrown.message) ?? 0) + count)
  }

  get count(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
  }

  /** For the sender; empty if nothing was refused. */
  get sentence(): string {
    if (this.#counts.size === 0) return ''
    const reasons = [...this.#counts].map(([reason, count]) => `${count} because ${reason}`)
    return `Of the ${this.#items}, ${this.count} were not stored: ${reasons.join('; ')}.`
  }
}
