import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'

/** An answer of server-sent events. */
export interface EventStream {
  /**
   * Sends one frame, `data` as JSON; resolves when the connection can take more.
   * @throws if the caller has hung up
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

/** Begins an answer of server-sent events, see `beginEventStream`. */
export function openEventStream(reply: FastifyReply): EventStream {
  const raw = beginEventStream(reply)
  raw.on('error', () => {})
  return {
    async send(event, data) {
      if (raw.destroyed) throw new Error('the caller hung up')
      if (raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)) return
      await Promise.race([once(raw, 'drain'), once(raw, 'close')])
      if (raw.destroyed) throw new Error('the caller hung up')
    },
    end: () => raw.end(),
  }
}
