import type { ComponentType } from 'react'

/** What became of some more of the things that a job deals with. */
export interface Report<R> {
  readonly done: number
  /** Of these. */
  readonly failed: number
  readonly results: readonly R[]
}

/**
 * Deals with what is left, and tells of it as it goes; leaves off when the signal fires, and throws what keeps it from going on.
 * Called again, it goes on where it was.
 */
export type Work<R> = (report: (report: Report<R>) => void, signal: AbortSignal) => Promise<void>

export interface JobProgress<R> extends Report<R> {
  readonly state: 'running' | 'stopped' | 'interrupted' | 'finished'
  /** What interrupted it. */
  readonly error: Error | null
}

export interface JobViewProps {
  /** Closes the dialog; the job goes on. */
  readonly onAway: () => void
  /** Closes the dialog and forgets the job, which has ended. */
  readonly onClose: () => void
}

let lastId = 0

/** Work on many things that runs in this page: it tells of its progress, can be stopped, and goes on. */
export class PageJob<R> {
  readonly id = ++lastId
  /** What it does: "Judge 3 records". */
  readonly title: string
  /** How many things there are; null: it cannot be told. */
  readonly total: number | null
  /** Its dialog. */
  readonly View: ComponentType<JobViewProps>
  readonly #work: Work<R>
  readonly #listeners = new Set<() => void>()
  #progress: JobProgress<R> = { state: 'running', done: 0, failed: 0, results: [], error: null }
  #control = new AbortController()

  constructor(parts: {
    title: string
    total: number | null
    work: Work<R>
    View: ComponentType<JobViewProps>
  }) {
    this.title = parts.title
    this.total = parts.total
    this.View = parts.View
    this.#work = parts.work
  }

  get progress(): JobProgress<R> {
    return this.#progress
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Goes through what is left; returns when it has finished, was stopped or was interrupted. */
  async run(): Promise<void> {
    this.#control = new AbortController()
    const { signal } = this.#control
    this.#set({ state: 'running', error: null })
    try {
      await this.#work(({ done, failed, results }) => {
        const before = this.#progress
        this.#set({
          done: before.done + done,
          failed: before.failed + failed,
          results: results.length === 0 ? before.results : [...before.results, ...results],
        })
      }, signal)
      this.#set({ state: signal.aborted ? 'stopped' : 'finished' })
    } catch (error) {
      this.#set(signal.aborted ? { state: 'stopped' } : { state: 'interrupted', error: error as Error })
    }
  }

  /** Has it leave off. */
  stop(): void {
    this.#control.abort()
  }

  #set(change: Partial<JobProgress<R>>): void {
    this.#progress = { ...this.#progress, ...change }
    for (const listener of this.#listeners) listener()
  }
}
