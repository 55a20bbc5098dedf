import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as it came over the wire. */
export interface RawRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** A model provider of which a test decides every byte. */
export interface RawProvider {
  /** Base URL, ending in `/v1`. */
  readonly url: string
  readonly requests: RawRequest[]
  /** Replaces what answers. */
  answer(next: (request: RawRequest, response: ServerResponse) => void): void
  close(): Promise<void>
}

/** Starts the provider on a free loopback port. */
export async function startRawProvider(): Promise<RawProvider> {
  let answer = (_request: RawRequest, response: ServerResponse): void => void response.end()
  const requests: RawRequest[] = []
  const server = createServer(async (incoming, response) => {
    response.on('error', () => {})
    try {
      const body = Buffer.concat(await incoming.toArray())
      const request = { method: incoming.method!, url: incoming.url!, headers: incoming.headers, body }
      requests.push(request)
      answer(request, response)
    } catch {
      // The caller hung up while it sent.
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    answer: (next) => {
      answer = next
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
