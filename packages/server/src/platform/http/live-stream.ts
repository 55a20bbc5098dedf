import type { ServerResponse } from 'node:http'
import type { ErrorCode } from '@tramontane/contract/errors'
import type { Caller } from './auth.ts'

/** What may wait for one reader; who is further behind is cut off. Frames are shared by all who wait for them. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024
/** What may wait for all of them together; beyond, only readers who are little behind are kept. */
const MAX_WAITING_FOR_ALL = 128 * 1024 * 1024
const LITTLE = 512 * 1024
/** A connection that takes nothing for so long has no reader any more. */
const STALLED_MS = 60_000
/** How long a reader who was cut off may take to read what the connection holds. */
const FAREWELL_MS = 10_000
const HEARTBEAT = Buffer.from(': heartbeat\n\n')

/** Why a stream was broken off; the official clients know these three words. */
export type BreakReason = 'read_error' | 'stream_error' | 'internal_error'

/** What waits for all readers of a server, in bytes. */
export interface WaitingBytes {
  total: number
}

/**
 * One open answer of server-sent events whose frames come when something happens. Sending never waits: what the
 * connection does not take yet waits in a queue with a limit.
 */
export class LiveStream {
  readonly caller: Caller
  readonly #raw: ServerResponse
  readonly #all: WaitingBytes
  readonly #over = new AbortController()
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  /** Since when the connection takes nothing; undefined while it does. */
  #blockedAt: number | undefined
  /** When the last frame was sent. */
  #endedAt: number | undefined
  #becameReady: (() => void) | undefined

  /**
   * @param raw an answer whose head has been sent
   * @param all counts what waits for this stream too
   */
  constructor(raw: ServerResponse, caller: Caller, all: WaitingBytes) {
    this.#raw = raw
    this.#all = all
    this.caller = caller
    raw.on('error', () => {})
    raw.on('drain', () => this.#takeUp())
    raw.once('close', () => this.#finish())
    if (raw.destroyed) this.#finish()
    else this.#write([HEARTBEAT])
  }

  /** Fires when the stream is over: its reader hung up, or it was ended or broken off. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  /** Sends frames, in order. A reader for whom too much waits already is cut off. */
  send(frames: readonly Uint8Array[]): void {
    if (this.over.aborted || frames.length === 0) return
    if (this.#blockedAt === undefined) this.#write(frames)
    else this.#queue(frames)
    if (this.#isTooFarBehind()) this.breakOff('WF_1400', 'events come faster than this reader takes them')
  }

  /** Resolves when the connection has taken everything that was sent, or when the stream is over. */
  async ready(): Promise<void> {
    if (this.#blockedAt === undefined || this.over.aborted) return
    await new Promise<void>((resolve) => {
      this.#becameReady = resolve
    })
  }

  /** Ends the stream after what was sent. */
  end(): void {
    if (this.over.aborted) return
    this.#write(this.#waiting)
    this.#bow()
  }

  /**
   * Ends the stream with an error frame. What waits is dropped, so that the reader has everything up to one frame and
   * nothing after it, and can resume there.
   * @param because half a sentence
   */
  breakOff(code: ErrorCode, because: string, reason: BreakReason = 'stream_error'): void {
    if (this.over.aborted) return
    const error = `${code}: ${because}; go on after the last event with Last-Event-ID`
    const data = JSON.stringify({ error, reason, code })
    this.#write([Buffer.from(`event: error\ndata: ${data}\n\n`)])
    this.#bow()
  }

  /**
   * What has to happen now and then: heartbeats, and an end for connections that nobody reads.
   * @param now in ms since 1970
   */
  tick(now: number): void {
    if (this.#endedAt !== undefined) {
      if (now - this.#endedAt > FAREWELL_MS) this.destroy()
    } else if (this.#blockedAt === undefined) this.#write([HEARTBEAT])
    else if (now - this.#blockedAt > STALLED_MS)
      this.breakOff('WF_1400', `this reader has taken nothing for ${STALLED_MS / 1_000} seconds`)
  }

  /** Calls back when the connection is closed. */
  onClose(listener: () => void): void {
    this.#raw.once('close', listener)
  }

  /** Closes the connection at once. */
  destroy(): void {
    this.#raw.destroy()
  }

  /** In one piece: what a corked answer says of whether the connection takes more is not to be relied on. */
  #write(frames: readonly Uint8Array[]): void {
    if (frames.length === 0) return
    const goesOn = this.#raw.write(frames.length === 1 ? frames[0] : Buffer.concat(frames))
    if (!goesOn) this.#blockedAt ??= Date.now()
  }

  #isTooFarBehind(): boolean {
    if (this.#waiting.length < 2) return false
    const isTight = this.#all.total > MAX_WAITING_FOR_ALL
    return this.#waitingBytes > (isTight ? LITTLE : MAX_WAITING_BYTES)
  }

  #count(bytes: number): void {
    this.#waitingBytes += bytes
    this.#all.total += bytes
  }

  #queue(frames: readonly Uint8Array[]): void {
    for (const frame of frames) {
      this.#waiting.push(frame)
      this.#count(frame.byteLength)
    }
  }

  #takeUp(): void {
    this.#blockedAt = undefined
    const waiting = this.#waiting
    let taken = 0
    while (taken < waiting.length && this.#blockedAt === undefined) {
      const frame = waiting[taken++]!
      this.#count(-frame.byteLength)
      this.#write([frame])
    }
    this.#waiting = waiting.slice(taken)
    if (this.#blockedAt === undefined) this.#tellReady()
  }

  #bow(): void {
    this.#raw.end()
    this.#endedAt = Date.now()
    this.#finish()
  }

  #finish(): void {
    this.#waiting = []
    this.#count(-this.#waitingBytes)
    this.#over.abort()
    this.#tellReady()
  }

  #tellReady(): void {
    this.#becameReady?.()
    this.#becameReady = undefined
  }
}
