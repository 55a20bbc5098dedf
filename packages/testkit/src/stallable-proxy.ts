import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A TCP proxy in front of a database, to take it away from a server. */
export interface StallableProxy {
  /** The database's address through the proxy. */
  readonly url: string
  /** Nothing passes any more in either direction, and nothing breaks. */
  stall(): void
  /** What was held passes on. */
  resume(): void
  /** Connections break, and new ones are refused until `resume`. */
  cut(): void
  close(): Promise<void>
}

/** @param databaseUrl an address with a host and a port */
export async function startStallableProxy(databaseUrl: string): Promise<StallableProxy> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let isStalled = false
  let isCut = false
  const server = createServer((inner) => {
    if (isCut) return inner.destroy()
    const outer = connect(Number(target.port || 5432), target.hostname)
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(from)
      from.on('data', (bytes) => to.write(bytes))
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      if (isStalled) from.pause()
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    stall: () => {
      isStalled = true
      for (const socket of sockets) socket.pause()
    },
    resume: () => {
      isStalled = false
      isCut = false
      for (const socket of sockets) socket.resume()
    },
    cut: () => {
      isCut = true
      for (const socket of sockets) socket.destroy()
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
