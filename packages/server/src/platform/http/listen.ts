import { createServer } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Config } from '../../config/config.ts'
import { ConfigError } from '../../config/config-error.ts'
import { variableNames } from '../../config/env.ts'

/** An address that the server listens on: that of the API and the studio, or that for workers. */
export interface Address {
  readonly of: 'users' | 'workers'
  readonly host: string
  readonly port: number
}

const SETTINGS = {
  users: { host: variableNames.host, port: variableNames.port, aside: '' },
  workers: { host: variableNames.workerHost, port: variableNames.workerPort, aside: ', for workers,' },
}

/**
 * Sees whether an address can be had, before there is anything to listen with.
 * @throws ConfigError if not
 */
export async function tryAddress(address: Address): Promise<void> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(address.port, address.host, resolve)
    })
  } catch (error) {
    throw addressRefused(address, error)
  }
  await new Promise((resolve) => server.close(resolve))
}

/**
 * Begins to listen.
 * @returns where: `http://127.0.0.1:7444`
 * @throws ConfigError for an address that cannot be had
 */
export async function listen(app: FastifyInstance, { host, port }: Config['http']): Promise<string> {
  try {
    return await app.listen({ host, port })
  } catch (error) {
    throw addressRefused({ of: 'users', host, port }, error)
  }
}

/** What stands against listening on an address, and the way out; another error stays what it is. */
export function addressRefused({ of, host, port }: Address, error: unknown): unknown {
  const { code = '', syscall } = error as NodeJS.ErrnoException
  if (syscall === undefined) return error
  const settings = SETTINGS[of]
  if (code === 'EADDRINUSE')
    return new ConfigError(
      `port ${port} of ${host}${settings.aside} is in use by another program (or another Tramontane): stop it, or set ${settings.port}`,
    )
  if (code === 'EACCES')
    return new ConfigError(`port ${port} is not open to this user: set ${settings.port} to one from 1024`)
  const isNone = ['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN'].includes(code)
  const why = isNone ? 'is no address of this machine' : `cannot be listened on (${code})`
  return new ConfigError(
    `${settings.host} is ${JSON.stringify(host)}, which ${why}: use 127.0.0.1 for this machine alone, or 0.0.0.0 for every network`,
  )
}
