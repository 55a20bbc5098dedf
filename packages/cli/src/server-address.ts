import { decideListening } from '@tramontane/server/config/config'
import { type Env, readEnv } from '@tramontane/server/config/env'
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
 * adds what is not set, as for the server; else the address at which a server with these settings listens. A server that
 * the file names gets no key but the file's: it may be somebody else's file.
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
  const called = named ?? localUrl(decideListening(env))
  return {
    url: called.replace(/\/+$/, '').replace(/\/v1$/, ''),
    key: key?.trim() || (url === undefined && isOfFile(env, called) ? keyOfFile(env) : env.apiKey),
    isNamed: named !== undefined,
  }
}

/** Whether it is the file `.env` that leads to this server. A port only chooses among this machine's. */
function isOfFile({ file, variable }: Env, called: string): boolean {
  if (variable?.('TRAMONTANE_URL') !== undefined) return file?.adds.has('TRAMONTANE_URL') ?? false
  const isHere = /^(localhost|127\.[\d.]+|\[::1\])$/.test(new URL(called).hostname)
  return !isHere && (file?.adds.has('TRAMONTANE_HOST') ?? false)
}

/** @throws CliError if the environment has a key, and the file has none */
function keyOfFile({ file, apiKey }: Env): string | undefined {
  const key = file?.says.TRAMONTANE_API_KEY?.trim() || undefined
  if (key === undefined && apiKey !== undefined)
    throw usageError(
      'the file .env of this folder names the server, and no key for it: the TRAMONTANE_API_KEY of the environment is not sent there. Add TRAMONTANE_API_KEY to the file, or name the server with --url, or the key with --key',
    )
  return key
}
