import type { IncomingMessage, Server } from 'node:http'

const LOOK_MS = 1_000
/** How long the rest of a refused body may stay away, and how long it may take in all. */
const SILENCE_MS = 5_000
const LONGEST_MS = 30_000

/**
 * What becomes of a body whose answer is out before it was read, as when the key is wrong or the body too large: its
 * rest is thrown away as it comes, because a connection that is cut while the caller sends takes the answer with it.
 * A rest that does not come, or does not end, is cut off.
 */
export function drainUnreadBodies(server: Server): void {
  // Not a hook of Fastify, which a URL that cannot be decoded comes past.
  server.on('request', (request, response) => {
    response.once('close', () => {
      if (!request.complete && !request.destroyed) drain(request)
    })
  })
}

function drain(body: IncomingMessage): void {
  body.resume()
  const { socket } = body
  const begun = performance.now()
  let heardAt = begun
  let bytes = socket.bytesRead
  const look = setInterval(() => {
    const now = performance.now()
    if (socket.bytesRead !== bytes) heardAt = now
    bytes = socket.bytesRead
    if (body.complete || socket.destroyed) clearInterval(look)
    else if (now - heardAt > SILENCE_MS || now - begun > LONGEST_MS) socket.destroy()
  }, LOOK_MS)
  look.unref()
}
