import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { Gauge, type Registry } from 'prom-client'
import type { Caller } from './auth.ts'
import { ApiError } from './errors.ts'
import { beginEventStream } from './event-stream.ts'
import { LiveStream, type WaitingBytes } from './live-stream.ts'

const MAX_PER_KEY = 1_000
const MAX_PER_WORKSPACE = 2_000
const TICK_MS = 15_000
/** How long readers are given to read the end when the server stops. */
const CLOSE_MS = 2_000

/** Gives those of some keys that are not valid any more. */
type FindRevoked = (keyIds: readonly string[]) => Promise<readonly string[]>

/**
 * Every open stream of the server, so that their number has limits, heartbeats need one timer, and they end when
 * their key is revoked or the server stops.
 */
export class LiveStreams {
  readonly #streams = new Set<LiveStream>()
  readonly #waiting: WaitingBytes = { total: 0 }
  readonly #logger: Logger
  readonly #findRevoked: FindRevoked
  #timer: NodeJS.Timeout | undefined
  #isClosing = false

  /** @param parts.findRevoked asked now and then, since nobody may have heard that a key was revoked */
  constructor(parts: { logger: Logger; metrics: Registry; findRevoked: FindRevoked }) {
    this.#logger = parts.logger
    this.#findRevoked = parts.findRevoked
    const streams = this.#streams
    new Gauge({
      name: 'tramontane_open_streams',
      help: 'Streams of events and logs that are being read',
      registers: [parts.metrics],
      collect() {
        this.set(streams.size)
      },
    })
  }

  /**
   * Begins an answer of server-sent events. From here on errors can only be told within the stream.
   * @throws ApiError TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE when the server is stopping
   */
  open({
    request,
    reply,
    caller,
  }: {
    request: FastifyRequest
    reply: FastifyReply
    caller: Caller
  }): LiveStream {
    this.#check(caller)
    const raw = beginEventStream(reply)
    const stream = new LiveStream(raw, caller, this.#waiting)
    if (request.method === 'HEAD') stream.end()
    // A caller who has hung up already is heard of no more.
    if (raw.destroyed) return stream
    this.#streams.add(stream)
    stream.onClose(() => this.#remove(stream))
    this.#timer ??= setInterval(() => void this.#tick(), TICK_MS)
    return stream
  }

  /** The key was revoked: its streams end. */
  endOf(keyId: string): void {
    for (const stream of this.#streams)
      if (stream.caller.keyId === keyId)
        stream.breakOff('AUTH_UNAUTHORIZED', 'the key of this stream was revoked')
  }

  /** Opens no stream any more, and ends those that are open; readers are told to resume. */
  async close(): Promise<void> {
    this.#isClosing = true
    clearInterval(this.#timer)
    const closed = [...this.#streams].map((stream) => new Promise<void>((resolve) => stream.onClose(resolve)))
    for (const stream of this.#streams) stream.breakOff('SERVICE_UNAVAILABLE', 'the server is stopping')
    await Promise.race([Promise.all(closed), delay(CLOSE_MS, undefined, { ref: false })])
    for (const stream of this.#streams) stream.destroy()
  }

  #check({ keyId, workspaceId }: Caller): void {
    if (this.#isClosing)
      throw new ApiError('SERVICE_UNAVAILABLE', 'The server is stopping; try again in a moment.', {
        retryAfter: 1,
      })
    let [ofKey, ofWorkspace] = [0, 0]
    for (const { caller } of this.#streams) {
      if (caller.keyId === keyId) ofKey++
      if (caller.workspaceId === workspaceId) ofWorkspace++
    }
    if (ofKey >= MAX_PER_KEY || ofWorkspace >= MAX_PER_WORKSPACE)
      throw new ApiError(
        'TOO_MANY_REQUESTS',
        `${ofKey} streams of this key are open (${MAX_PER_KEY} at most) and ${ofWorkspace} of its workspace (${MAX_PER_WORKSPACE} at most): close some, or read several things from one stream.`,
        { retryAfter: 5 },
      )
  }

  #remove(stream: LiveStream): void {
    this.#streams.delete(stream)
    if (this.#streams.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async #tick(): Promise<void> {
    const now = Date.now()
    for (const stream of this.#streams) stream.tick(now)
    try {
      const keys = new Set([...this.#streams].map(({ caller }) => caller.keyId))
      if (keys.size > 0) for (const key of await this.#findRevoked([...keys])) this.endOf(key)
    } catch (error) {
      this.#logger.debug({ err: error }, 'whether keys of open streams were revoked is not known')
    }
  }
}
