/** What came of one execution, as the batch operations answer it. */
export interface BatchResult {
  readonly status: 'success' | 'failure'
  readonly error: string | null
}

export interface BulkFailure {
  readonly executionId: string
  readonly error: string
}

export interface BulkProgress {
  /** `interrupted`: a call failed; `resume` goes on where it was. */
  readonly state: 'running' | 'stopped' | 'interrupted' | 'finished'
  /** Executions that were dealt with, failures included. */
  readonly done: number
  readonly failures: readonly BulkFailure[]
  /** What interrupted it. */
  readonly error: Error | null
}

/**
 * Ends many executions, in batches, one after the other. Tells of its progress, can be stopped between two batches, and goes on
 * after a call that failed.
 */
export class BulkEnd {
  #progress: BulkProgress = { state: 'running', done: 0, failures: [], error: null }
  readonly #batches: AsyncIterator<readonly string[]>
  readonly #end: (ids: readonly string[]) => Promise<Readonly<Record<string, BatchResult>>>
  readonly #listeners = new Set<() => void>()
  /** A batch whose call has failed, and which comes first when it goes on. */
  #pending: readonly string[] | undefined
  #isStopped = false

  /**
   * @param batches the ids of executions, each list no longer than a call takes
   * @param end makes the call
   */
  constructor(
    batches: AsyncIterable<readonly string[]>,
    end: (ids: readonly string[]) => Promise<Readonly<Record<string, BatchResult>>>,
  ) {
    this.#batches = batches[Symbol.asyncIterator]()
    this.#end = end
  }

  get progress(): BulkProgress {
    return this.#progress
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Goes through the batches that are left; returns when it has finished, was stopped or was interrupted. */
  async run(): Promise<void> {
    this.#isStopped = false
    this.#set({ state: 'running', error: null })
    try {
      for (;;) {
        if (this.#isStopped) return this.#set({ state: 'stopped' })
        this.#pending ??= await this.#next()
        if (!this.#pending) return this.#set({ state: 'finished' })
        if (this.#isStopped) return this.#set({ state: 'stopped' })
        const results = await this.#end(this.#pending)
        const failures = Object.entries(results)
          .filter(([, { status }]) => status === 'failure')
          .map(([executionId, { error }]) => ({ executionId, error: error ?? 'It failed.' }))
        const { length } = this.#pending
        this.#pending = undefined
        this.#set({
          done: this.#progress.done + length,
          failures: [...this.#progress.failures, ...failures],
        })
      }
    } catch (error) {
      this.#set({ state: 'interrupted', error: error as Error })
    }
  }

  /** Has it stop after the batch that is under way. */
  stop(): void {
    this.#isStopped = true
  }

  async #next(): Promise<readonly string[] | undefined> {
    const { done, value } = await this.#batches.next()
    return done ? undefined : value
  }

  #set(change: Partial<BulkProgress>): void {
    this.#progress = { ...this.#progress, ...change }
    for (const listener of this.#listeners) listener()
  }
}

/** Lists as long as a call takes. */
export async function* inBatches(ids: readonly string[], size: number): AsyncGenerator<readonly string[]> {
  for (let at = 0; at < ids.length; at += size) yield ids.slice(at, at + size)
}

/** A page of a list: the ids of executions, and the token of the page after it. */
export interface IdPage {
  readonly ids: readonly string[]
  readonly next: string | null
}

/** The ids on all pages of a list, each once; a page whose reading failed is read again when it is asked for again. */
export function pagesOf(
  read: (token: string | undefined) => Promise<IdPage>,
): AsyncIterable<readonly string[]> {
  const seen = new Set<string>()
  let token: string | null | undefined
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        for (;;) {
          if (token === null) return { done: true, value: undefined }
          const page = await read(token)
          token = page.next
          const ids = page.ids.filter((id) => !seen.has(id))
          for (const id of ids) seen.add(id)
          if (ids.length > 0) return { done: false, value: ids }
        }
      },
    }),
  }
}
