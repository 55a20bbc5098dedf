import type { FastifyInstance } from 'fastify'
import type { Config } from '../../config/config.ts'
import { ConfigError } from '../../config/config-error.ts'

/**
 * Begins to listen.
 * @returns where: `http://127.0.0.1:7444`
 * @throws ConfigError for an address that cannot be had
 */
export async function listen(app: FastifyInstance, { host, port }: Config['http']): Promise<string> {
  try {
    return await app.listen({ host, port })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'EADDRINUSE')
      throw new ConfigError(
        `port ${port} of ${host} is in use by another program (or another Tramontane): stop it, or set TRAMONTANE_PORT`,
      )
    if (code === 'EACCES')
      throw new ConfigError(`port ${port} is not open to this user: set TRAMONTANE_PORT to one from 1024`)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new ConfigError(`TRAMONTANE_HOST is ${JSON.stringify(host)}, which is no address of this machine`)
    throw error
  }
}
