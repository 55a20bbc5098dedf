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

/** Keeps the server told of a worker: what it runs, and that it is there. */
export class Registration {
  readonly #server: ControlPlane
  readonly #specs: WorkflowSpecs
  readonly #warn: (message: string, details?: Record<string, unknown>) => void
  readonly #end = new AbortController()
  #refs: Registered['workflow_registration_refs'] = []
  #beating: Promise<void> | undefined

  constructor(
    server: ControlPlane,
    specs: WorkflowSpecs,
    warn: (message: string, details?: Record<string, unknown>) => void,
  ) {
    this.#server = server
    this.#specs = specs
    this.#warn = warn
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
      try {
        await sleep(BEAT_MS, undefined, { signal })
        if (canBeat) {
          await this.#server.heartbeat(this.#refs, signal)
          continue
        }
      } catch (error) {
        if (signal.aborted) return
        // A server without heartbeats gets the whole registration each time.
        if (error instanceof ServerError && (error.status === 404 || error.status === 405)) canBeat = false
        else this.#warn('The heartbeat failed; registering again', { error: String(error) })
      }
      try {
        const registered = await this.#server.register(this.#specs, signal)
        this.#refs = registered.workflow_registration_refs
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof ServerError && (error.status === 401 || error.status === 403))
          return onRefused(refusal(error))
        this.#warn('Registering failed; trying again', { error: String(error) })
      }
    }
  }
}
