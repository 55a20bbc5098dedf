import { decideListening } from '@tramontane/server/config/config'
import { readEnv } from '@tramontane/server/config/env'
import { localUrl } from '@tramontane/server/config/local-url'
import { usageError } from './cli-error.ts'

/** The global options by which a command is told its server. */
export interface ServerOptions {
  readonly url?: string
  readonly key?: string
}

/** Which server a command calls. */
export interface ServerAddress {
  /** Without a slash or `/v1` at its end. */
  readonly url: string
  readonly key: string | undefined
  /** Whether somebody named the server, or it is the one that this machine's settings start. */
  readonly isNamed: boolean
}

/**
 * Decides which server is called and with which key: what the options say; else the environment, to which a file `.env`
 * adds what is not set, as for the server; else the address at which a server with these settings listens.
 * @throws CliError, or the server's ConfigError
 */
export function serverAddress({ url, key }: ServerOptions): ServerAddress {
  const env = readEnv()
  const inEnvironment = env.variable?.('TRAMONTANE_URL')
  const named = url ?? inEnvironment
  if (named !== undefined && (!URL.canParse(named) || !/^https?:$/.test(new URL(named).protocol)))
    throw usageError(
      `${url === undefined ? 'TRAMONTANE_URL' : '--url'} is ${JSON.stringify(named)}, but must be a URL that begins with http:// or https://`,
    )
  return {
    url: (named ?? localUrl(decideListening(env))).replace(/\/+$/, '').replace(/\/v1$/, ''),
    key: key?.trim() || env.apiKey,
    isNamed: named !== undefined,
  }
}
