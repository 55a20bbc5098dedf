import { randomInt } from 'node:crypto'
import { isFree } from '@tramontane/server/maintenance/free-port'

/** Below those that systems give to outgoing connections: until the port is used, nobody else comes by it. */
const PORTS = { first: 15_000, last: 32_000 }

const given = new Set<number>()

/** A port of this machine that nobody has at the moment; another one each time. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.first, PORTS.last)
    if (given.has(port) || !(await isFree('127.0.0.1', port))) continue
    given.add(port)
    return port
  }
}
