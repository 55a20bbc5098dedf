import type { ServerHttp2Stream } from 'node:http2'
import type { Caller } from '../../http/auth.ts'
import { endWithStatus, GRPC, Refusal } from './grpc-status.ts'

/**
 * A worker waits for tasks with about twenty calls, and Temporal lets a namespace have 1,200 long ones on each of its
 * frontends.
 */
const LIMITS = { all: 20_000, ofWorkspace: 4_000 }
const FULL = 'Too many calls are open; try again later.'

/** A call under way, with what is known of it so far. */
export interface OpenCall {
  caller?: Caller
  isPoll?: boolean
}

/** The calls that are under way. */
export class OpenCalls {
  readonly #calls = new Map<ServerHttp2Stream, OpenCall>()
  readonly #ofWorkspace = new Map<string, number>()
  readonly #limits: { readonly all: number; readonly ofWorkspace: number }
  #onIdle: (() => void) | undefined

  constructor(limits = LIMITS) {
    this.#limits = limits
  }

  get size(): number {
    return this.#calls.size
  }

  /**
   * Counts a call until its stream closes.
   * @throws Refusal if there are too many
   */
  add(stream: ServerHttp2Stream): OpenCall {
    if (this.#calls.size >= this.#limits.all) throw new Refusal(GRPC.resourceExhausted, 'busy', FULL)
    const call: OpenCall = {}
    this.#calls.set(stream, call)
    stream.once('close', () => {
      this.#calls.delete(stream)
      if (call.caller) this.#count(call.caller.workspaceId, -1)
      if (this.#calls.size === 0) this.#onIdle?.()
    })
    return call
  }

  /**
   * It is known whose call it is.
   * @throws Refusal if their workspace has too many: one must not keep the others out
   */
  enter(call: OpenCall, caller: Caller): void {
    if ((this.#ofWorkspace.get(caller.workspaceId) ?? 0) >= this.#limits.ofWorkspace)
      throw new Refusal(GRPC.resourceExhausted, 'busy', FULL)
    call.caller = caller
    this.#count(caller.workspaceId, 1)
  }

  /** Ends the calls that `wanted` picks with a status, except those whose answers are on their way. */
  end(wanted: (call: OpenCall) => boolean, code: number, message: string): void {
    for (const [stream, call] of this.#calls) if (wanted(call)) endWithStatus(stream, code, message)
  }

  /** Resolves when none is left, or the signal fires. */
  async idle(limit: AbortSignal): Promise<void> {
    if (this.#calls.size === 0 || limit.aborted) return
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve
      limit.addEventListener('abort', () => resolve())
    })
  }

  #count(workspaceId: string, change: number): void {
    const calls = (this.#ofWorkspace.get(workspaceId) ?? 0) + change
    if (calls > 0) this.#ofWorkspace.set(workspaceId, calls)
    else this.#ofWorkspace.delete(workspaceId)
  }
}
