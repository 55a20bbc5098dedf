import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'

/** A connection that takes nothing for so long has no reader any more. */
const STALLED_MS = 60_000

/** An answer of server-sent events. */
export interface EventStream {
  /**
   * Sends one frame, `data` as JSON; resolves when the connection can take more.
   * @throws if the caller has hung up, or reads nothing for a minute
   */
  send(event: string, data: unknown): Promise<void>
  end(): void
}

/** Sends the head of an answer of server-sent events. From here on errors can only be told within the stream. */
export function beginEventStream(reply: FastifyReply): ServerResponse {
  reply.hijack()
  const { raw } = reply
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) raw.setHeader(name, value)
  // `no-transform` and the nginx header: a proxy that buffers or compresses would hold the frames back.
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  })
  return raw
}

/** Resolves when a connection takes more, or is closed; closes one that takes nothing for so long. */
function drained(raw: ServerResponse, stalledMs: number): Promise<void> {
  return new Promise((resolve) => {
    const stalled = setTimeout(() => raw.destroy(), stalledMs)
    const done = () => {
      clearTimeout(stalled)
      raw.off('drain', done).off('close', done)
      resolve()
    }
    raw.on('drain', done).on('close', done)
  })
}

/** Begins an answer of server-sent events, see `beginEventStream`. */
export function openEventStream(reply: FastifyReply, { stalledMs = STALLED_MS } = {}): EventStream {
  const raw = beginEventStream(reply)
  raw.on('error', () => {})
  return {
    async send(event, data) {
      if (raw.destroyed) throw new Error('the caller hung up')
      if (raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)) return
      await drained(raw, stalledMs)
      if (raw.destroyed) throw new Error('the caller hung up')
    },
    end: () => raw.end(),
  }
}
