const LINE_FEED = 10
const MARK = Buffer.from('[DONE]')
const END_LINES = ['data: [DONE]', 'data:[DONE]']

/** Decides which bytes of an answer may flow at once and which wait until the call's event is kept. */
export interface HeldAnswer {
  /** Takes what the provider sent; gives what may go to the caller now. */
  pass(chunk: Buffer): Buffer | undefined
  /** Whether the answer is complete although the provider has not ended it yet. */
  readonly isComplete: boolean
  /** Gives what was held. */
  release(): Buffer | undefined
}

/** A whole answer: always holds the newest chunk, since any chunk may be the last. */
export class HeldBody implements HeldAnswer {
  readonly isComplete = false
  #last: Buffer | undefined

  pass(chunk: Buffer): Buffer | undefined {
    const before = this.#last
    this.#last = chunk
    return before
  }

  release(): Buffer | undefined {
    const last = this.#last
    this.#last = undefined
    return last
  }
}

/** A stream of server-sent events: everything flows at once but the line `data: [DONE]` and what comes after it. */
export class HeldStream implements HeldAnswer {
  #held: Buffer[] = []
  #isComplete = false
  #isReleased = false
  #atLineStart = true

  get isComplete(): boolean {
    return this.#isComplete
  }

  pass(chunk: Buffer): Buffer | undefined {
    if (this.#isReleased) return chunk
    if (this.#isComplete) {
      this.#held.push(chunk)
      return undefined
    }
    const bytes = this.#held.length > 0 ? Buffer.concat([...this.#held, chunk]) : chunk
    this.#held = []
    const end = this.#endLine(bytes)
    const from = end ?? this.#beginningOfEndLine(bytes)
    this.#isComplete = end !== undefined
    if (from === undefined) {
      if (bytes.length > 0) this.#atLineStart = bytes.at(-1) === LINE_FEED
      return bytes
    }
    this.#atLineStart = true
    this.#held.push(bytes.subarray(from))
    return from > 0 ? bytes.subarray(0, from) : undefined
  }

  release(): Buffer | undefined {
    const held = this.#held
    this.#held = []
    this.#isReleased = true
    return held.length > 0 ? Buffer.concat(held) : undefined
  }

  /** Where the line `data: [DONE]` begins. The same characters inside a message are none. */
  #endLine(bytes: Buffer): number | undefined {
    for (let mark = bytes.indexOf(MARK); mark >= 0; mark = bytes.indexOf(MARK, mark + 1)) {
      const start = bytes.lastIndexOf(LINE_FEED, mark) + 1
      const line = bytes.toString('latin1', start, mark + MARK.length)
      if ((start > 0 || this.#atLineStart) && END_LINES.includes(line)) return start
    }
    return undefined
  }

  /** Where a last, unfinished line begins that may become `data: [DONE]` with the next chunk. */
  #beginningOfEndLine(bytes: Buffer): number | undefined {
    const start = bytes.lastIndexOf(LINE_FEED) + 1
    if (start === bytes.length || bytes.length - start > END_LINES[0]!.length) return undefined
    if (start === 0 && !this.#atLineStart) return undefined
    const line = bytes.toString('latin1', start)
    return END_LINES.some((endLine) => endLine.startsWith(line)) ? start : undefined
  }
}
