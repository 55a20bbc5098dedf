import { setTimeout as delay } from 'node:timers/promises'

export interface CircuitSettings {
  /** Events that fail, with no success between them, before calls are held back. */
  readonly trip: number
  readonly firstPauseMs: number
  readonly maxPauseMs: number
  /** Time without a success, while calls fail, after which there is no use in going on. */
  readonly giveUpMs: number
}

export const circuitSettings: CircuitSettings = {
  trip: 4,
  firstPauseMs: 500,
  maxPauseMs: 30_000,
  giveUpMs: 10 * 60_000,
}

/** The provider has not answered for so long that the campaign gives up. */
export class OutageError extends Error {
  override readonly name = 'OutageError'
}

/**
 * Holds a campaign's calls back while the provider is down or asks to be left alone, so that an outage costs events
 * no attempts. When several events have failed with no success between them, the circuit is open: after a pause, which
 * grows, one call alone finds out whether the provider is back.
 */
export class Circuit {
  readonly #settings: CircuitSettings
  readonly #now: () => number
  readonly #failing = new Set<number>()
  #failingSince: number | undefined
  #reason = ''
  #pauses = 0
  #pausedUntil = 0
  #probing = false
  #waiting: (() => void)[] = []

  constructor(settings: CircuitSettings = circuitSettings, now: () => number = () => performance.now()) {
    this.#settings = settings
    this.#now = now
  }

  /** Whether calls are held back because the provider is failing. */
  get open(): boolean {
    return this.#failing.size >= this.#settings.trip
  }

  /** Why calls are held back; null while they are not. */
  get trouble(): string | null {
    return this.open ? this.#reason : null
  }

  /**
   * Waits until a call may be made; each must be followed by `succeeded`, `failed` or `left`.
   * @throws the signal's reason
   */
  async enter(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      const pause = this.#pausedUntil - this.#now()
      if (pause > 0) await delay(pause, undefined, { signal })
      else if (!this.open) return
      else if (this.#probing) await this.#change(signal)
      else {
        this.#probing = true
        return
      }
    }
  }

  /** The provider answered, be it that the request is wrong. */
  succeeded(): void {
    this.#failing.clear()
    this.#failingSince = undefined
    this.#pauses = 0
    this.left()
  }

  /**
   * The call failed in a way that may pass.
   * @param event whose call it was
   * @param retryAfterSeconds when the provider wants to be asked again
   * @throws OutageError if it has gone on for too long
   */
  failed(event: number, reason: string, retryAfterSeconds?: number): void {
    const now = this.#now()
    this.#failing.add(event)
    this.#reason = reason
    this.#failingSince ??= now
    if (this.open && this.#pausedUntil <= now)
      this.#pause(Math.min(this.#settings.firstPauseMs * 2 ** this.#pauses++, this.#settings.maxPauseMs))
    if (retryAfterSeconds !== undefined)
      this.#pause(Math.min(retryAfterSeconds * 1_000, this.#settings.giveUpMs))
    this.left()
    const minutes = Math.round(this.#settings.giveUpMs / 60_000)
    if (now - this.#failingSince >= this.#settings.giveUpMs)
      throw new OutageError(`No call has succeeded for ${minutes} minutes. ${reason}`)
  }

  /** The call was given up before it came to anything. */
  left(): void {
    this.#probing = false
    for (const wake of this.#waiting.splice(0)) wake()
  }

  #pause(milliseconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#now() + milliseconds)
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake)
        resolve()
      }
      signal.addEventListener('abort', wake, { once: true })
      this.#waiting.push(wake)
    })
  }
}
