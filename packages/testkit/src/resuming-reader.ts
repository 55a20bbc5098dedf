import { setTimeout as delay } from 'node:timers/promises'
import type { StreamReader } from './stream-reader.ts'

const LOOK_MS = 5
const RETRY_MS = 50

/** Reads a stream of events in many connections: hangs up at random, and goes on after the last event that it has. */
export class ResumingReader {
  /** What was read, in order. */
  readonly events: { readonly id: string; readonly sequence: number }[] = []
  /** How often it has connected. */
  connections = 0
  readonly #open: (lastEventId: number) => Promise<StreamReader>
  readonly #random: () => number
  readonly #longest: number
  readonly #done: Promise<void>
  readonly #signal: AbortSignal | undefined
  #isStopped = false

  /**
   * @param open opens the stream after a sequence
   * @param random gives numbers from 0 to 1, which decide when to hang up
   * @param options.frames of one connection at most
   * @param options.signal that ends it, as `stop` does: one whose test has failed would read for ever
   */
  constructor(
    open: (lastEventId: number) => Promise<StreamReader>,
    random: () => number,
    { frames = 500, signal }: { frames?: number; signal?: AbortSignal } = {},
  ) {
    this.#open = open
    this.#longest = frames
    this.#random = random
    this.#signal = signal
    this.#done = this.#run()
  }

  /** Leaves off, when what has come is taken. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#done
  }

  get #isOver(): boolean {
    return this.#isStopped || this.#signal?.aborted === true
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      // A server that is away for a moment; what it has to be is the tests' business.
      const reader = await this.#open(this.events.at(-1)?.sequence ?? 0).catch(() => undefined)
      if (reader?.status !== 200) {
        reader?.close()
        await delay(RETRY_MS)
        continue
      }
      this.connections++
      await this.#readSome(reader)
    }
  }

  async #readSome(reader: StreamReader): Promise<void> {
    const enough = 1 + Math.floor(this.#random() ** 2 * this.#longest)
    const until = performance.now() + this.#random() * Math.max(400, this.#longest / 5)
    while (!this.#isOver && !reader.isEnded && reader.frames.length < enough && performance.now() < until)
      await delay(LOOK_MS)
    reader.close()
    for (const { event, data } of reader.frames)
      if (event !== 'error') this.events.push({ id: data.data.event_id, sequence: data.broker_sequence })
  }
}
