import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { isUnavailable } from '../platform/database/database-error.ts'
import type { Caller } from '../platform/http/auth.ts'

/**
 * How long a key that was found may be taken as good without asking the database again. That another server revoked it
 * is told at once; this is for what is told while nobody hears it.
 */
const FRESH_MS = 500
/** A key that is used at this age is asked for again, a moment later, so as not to take from the call that finds out. */
const ASK_AHEAD = { age: FRESH_MS / 2, afterMs: 25 }
/** How long it stays good while the database does not answer: the gateway's traffic must not stop with it. */
const STALE_MS = 15 * 60_000
/** How long a call waits for a database that may have stalled. */
const PATIENCE_MS = 250
/** After this, a look-up is taken to hang on a dead connection. */
const HANGING_MS = 5_000
const SIZE = 1_000

interface Known {
  readonly caller: Caller
  readonly foundAt: number
  isAskedAhead: boolean
}

interface LookUp {
  readonly startedAt: number
  readonly caller: Promise<Caller | undefined>
  /** Resolves when patience is at an end. */
  readonly overdue: Promise<void>
}

/**
 * Finds the callers of keys, remembering them for a moment, and for longer while the database is away. A key that is used
 * often is asked for ahead: no call waits for that.
 */
export class KnownKeys {
  readonly #find: (hash: Buffer) => Promise<Caller | undefined>
  readonly #known = new Map<string, Known>()
  readonly #lookUps = new Map<string, LookUp>()
  #forgotten = 0

  /** @param find asks the database by the key's SHA-256 */
  constructor(find: (hash: Buffer) => Promise<Caller | undefined>) {
    this.#find = find
  }

  /** @throws the database's error, if the key was not seen lately */
  async find(hash: Buffer): Promise<Caller | undefined> {
    const name = hash.toString('base64')
    const known = this.#known.get(name)
    const age = known ? Date.now() - known.foundAt : Number.POSITIVE_INFINITY
    if (known && age < FRESH_MS) {
      if (age > ASK_AHEAD.age && !known.isAskedAhead) {
        known.isAskedAhead = true
        setTimeout(() => this.#lookUp(name, hash), ASK_AHEAD.afterMs).unref()
      }
      return known.caller
    }
    const lookUp = this.#lookUp(name, hash)
    if (!known || age > STALE_MS) return lookUp.caller
    const answer = lookUp.caller.catch((error: unknown) => {
      if (isUnavailable(error)) return known.caller
      throw error
    })
    return Promise.race([answer, lookUp.overdue.then(() => known.caller)])
  }

  /** The key is good no longer, whatever a look-up under way may say. */
  forget(keyId: string): void {
    this.#forgotten++
    this.#lookUps.clear()
    for (const [name, { caller }] of this.#known) if (caller.keyId === keyId) this.#known.delete(name)
  }

  /** One for all calls that ask for the same key at the same time. */
  #lookUp(name: string, hash: Buffer): LookUp {
    const underWay = this.#lookUps.get(name)
    if (underWay && Date.now() - underWay.startedAt < HANGING_MS) return underWay
    const lookUp: LookUp = {
      startedAt: Date.now(),
      caller: this.#ask(name, hash).finally(() => {
        if (this.#lookUps.get(name) === lookUp) this.#lookUps.delete(name)
      }),
      overdue: delay(PATIENCE_MS, undefined, { ref: false }),
    }
    // Those who wait have their own handlers; when all have gone on with what they knew, nobody is left to hear.
    lookUp.caller.catch(() => {})
    this.#lookUps.set(name, lookUp)
    return lookUp
  }

  async #ask(name: string, hash: Buffer): Promise<Caller | undefined> {
    const forgotten = this.#forgotten
    const caller = await this.#find(hash)
    if (!caller) this.#known.delete(name)
    else if (forgotten === this.#forgotten) {
      if (this.#known.size >= SIZE) this.#known.clear()
      this.#known.set(name, { caller, foundAt: Date.now(), isAskedAhead: false })
    }
    return caller
  }
}

/** What is kept of a key, and looked up by. */
export function hashKey(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
