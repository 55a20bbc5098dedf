import { setTimeout as sleep } from 'node:timers/promises'
import {
  type ControlPlane,
  type Registered,
  refusal,
  ServerError,
  type WorkflowSpecs,
  whenServerIsReady,
} from './control-plane.ts'
import type { WorkerError } from './worker-error.ts'

const BEAT_MS = 10_000

type Warn = (message: string, details?: Record<string, unknown>) => void

/** Keeps the server told of a worker: what it runs, and that it is there. */
export class Registration {
  readonly #server: ControlPlane
  readonly #specs: WorkflowSpecs
  readonly #tell: (message: string) => void
  readonly #warn: Warn
  readonly #end = new AbortController()
  #refs: Registered['workflow_registration_refs'] = []
  #beating: Promise<void> | undefined
  /** Why the server was not told the last time. */
  #trouble: string | undefined

  constructor(
    server: ControlPlane,
    specs: WorkflowSpecs,
    log: { readonly tell: (message: string) => void; readonly warn: Warn },
  ) {
    this.#server = server
    this.#specs = specs
    this.#tell = log.tell
    this.#warn = log.warn
  }

  /**
   * Registers, and beats from then on.
   * @param options.onRefused is told when the server does not want the worker any more: its key was taken away
   * @throws WorkerError if the server refuses
   */
  async start(options: {
    waitMs: number
    signal: AbortSignal
    onWait(why: string): void
    onRefused(error: WorkerError): void
  }): Promise<Registered> {
    const registered = await whenServerIsReady(
      () => this.#server.register(this.#specs, options.signal),
      options,
    )
    this.#refs = registered.workflow_registration_refs
    this.#beating = this.#beat(options.onRefused)
    return registered
  }

  async stop(): Promise<void> {
    this.#end.abort()
    await this.#beating
  }

  async #beat(onRefused: (error: WorkerError) => void): Promise<void> {
    const { signal } = this.#end
    let canBeat = true
    while (!signal.aborted) {
      let forgotten: unknown
      try {
        await sleep(BEAT_MS, undefined, { signal })
        if (canBeat) {
          await this.#server.heartbeat(this.#refs, signal)
          this.#hears()
          continue
        }
      } catch (error) {
        if (signal.aborted) return
        // A server without heartbeats gets the whole registration each time.
        if (error instanceof ServerError && (error.status === 404 || error.status === 405)) canBeat = false
        else forgotten = error
      }
      try {
        const registered = await this.#server.register(this.#specs, signal)
        this.#refs = registered.workflow_registration_refs
        if (this.#hears()) continue
        if (forgotten) this.#warn('The heartbeat failed; registered again', { error: String(forgotten) })
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof ServerError && (error.status === 401 || error.status === 403))
          return onRefused(refusal(error))
        this.#doesNotHear(error)
      }
    }
  }

  /** Tells once that the server is away, and not at each attempt. */
  #doesNotHear(error: unknown): void {
    const mayPass = error instanceof ServerError && error.isPassing
    // One that stops refuses at first, and then does not answer.
    const trouble = mayPass ? 'away' : error instanceof ServerError ? `status ${error.status}` : String(error)
    if (trouble !== this.#trouble)
      this.#warn('The server does not hear of this worker; it is tried until it does', {
        error: error instanceof ServerError ? error.message : error,
      })
    this.#trouble = trouble
  }

  /** @returns whether that is news, which it tells */
  #hears(): boolean {
    if (this.#trouble === undefined) return false
    this.#trouble = undefined
    this.#tell('The server hears of this worker again')
    return true
  }
}
