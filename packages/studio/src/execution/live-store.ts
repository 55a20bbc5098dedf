import { useSyncExternalStore } from 'react'
import { ApiError } from '../api/api-error.ts'
import type { OperationId } from '../api/call.ts'
import { type Frame, stream } from '../api/stream.ts'

export type StreamState = 'reading' | 'waiting' | 'ended' | 'failed'

const PAUSE_MS = 1_000
/** How soon those who look on are told of news; while much comes at once, less and less often. */
const TELL_MS = 80
const TELL_RARELY_MS = 400
/** How long a stream goes on that nobody looks at: going back to it must not begin it anew. */
const KEEP_MS = 10_000

/**
 * Something that grows by a stream, kept outside of components. It is read while somebody looks on; a stream that breaks is
 * resumed behind the last frame.
 */
export abstract class LiveStore {
  state: StreamState = 'reading'
  error: Error | null = null
  /** Another one each time that something has changed. */
  version = 0
  readonly #listeners = new Set<() => void>()
  #abort: AbortController | undefined
  #keeping: ReturnType<typeof setTimeout> | undefined
  #telling: ReturnType<typeof setTimeout> | undefined
  #toldAt = Number.NEGATIVE_INFINITY
  #pause = TELL_MS
  #lastId: string | undefined

  /** Which operation is followed. */
  protected abstract readonly operation: OperationId
  protected abstract readonly parts: { params: unknown; query?: Record<string, unknown> }
  /** Takes a frame. */
  protected abstract take(frame: Frame): void
  /** The stream has ended without an error: whether that is the end of what it tells of. */
  protected abstract isOver(): boolean | Promise<boolean>

  readonly subscribe = (listener: () => void): (() => void) => {
    clearTimeout(this.#keeping)
    this.#listeners.add(listener)
    if (!this.#abort && this.state !== 'ended') {
      this.#abort = new AbortController()
      void this.#read(this.#abort.signal)
    }
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#keeping = setTimeout(() => this.#leaveOff(), KEEP_MS)
    }
  }

  readonly getVersion = (): number => this.version

  /** Begins again after a failure. */
  readonly retry = (): void => {
    this.#leaveOff()
    this.#set('reading', null)
    if (this.#listeners.size === 0) return
    this.#abort = new AbortController()
    void this.#read(this.#abort.signal)
  }

  #leaveOff(): void {
    this.#abort?.abort()
    this.#abort = undefined
  }

  #set(state: StreamState, error: Error | null): void {
    if (this.state === state && this.error === error) return
    this.state = state
    this.error = error
    this.tell()
  }

  /** Tells those who look on, soon; the first news at once. */
  protected tell(): void {
    if (this.#telling !== undefined) return
    const ago = performance.now() - this.#toldAt
    this.#pause = ago > 2 * this.#pause ? TELL_MS : Math.min(TELL_RARELY_MS, this.#pause * 1.5)
    const wait = Math.max(0, this.#pause - ago)
    this.#telling = setTimeout(() => {
      this.#telling = undefined
      this.#toldAt = performance.now()
      this.version++
      for (const listener of this.#listeners) listener()
    }, wait)
  }

  async #read(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const query = { ...this.parts.query, last_event_id: this.#lastId }
        for await (const frame of stream(this.operation, { ...this.parts, query }, { signal })) {
          if (frame.event === 'error') throw breakOf(frame)
          this.take(frame)
          this.#lastId = frame.id ?? this.#lastId
          this.#set('reading', null)
          this.tell()
        }
        if (await this.isOver()) {
          this.#set('ended', null)
          return
        }
      } catch (error) {
        if (signal.aborted) return
        if (isFinal(error)) {
          this.#abort = undefined
          this.#set('failed', error as Error)
          return
        }
        this.#set('waiting', error as Error)
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
}

function breakOf({ data }: Frame): ApiError {
  const { error, code } = JSON.parse(data) as { error: string; code: string }
  return new ApiError(error, {
    status: code === 'AUTH_UNAUTHORIZED' ? 401 : code === 'WF_1100' ? 404 : 503,
    code,
  })
}

/** Whether trying again cannot help. */
function isFinal(error: unknown): boolean {
  return error instanceof ApiError && error.status >= 400 && ![408, 429, 502, 503, 504].includes(error.status)
}

/** Draws a component again when a store has news, and has the store read meanwhile. */
export function useLive<S extends LiveStore>(store: S): S {
  useSyncExternalStore(store.subscribe, store.getVersion)
  return store
}

/** Remembers the last few stores by key, so that going to another tab and back begins nothing anew. */
export function keptStores<S extends LiveStore>(make: (key: string) => S, max = 500): (key: string) => S {
  const kept = new Map<string, S>()
  return (key) => {
    const store = kept.get(key) ?? make(key)
    kept.delete(key)
    kept.set(key, store)
    if (kept.size > max) kept.delete(kept.keys().next().value!)
    return store
  }
}
