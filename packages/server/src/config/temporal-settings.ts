import { isIP } from 'node:net'
import path from 'node:path'
import { ConfigError } from './config-error.ts'
import { type Env, type Setting, variableNames } from './env.ts'
import { isSendable } from './providers-file.ts'
import { type CertifiedKey, readAuthority, readCertifiedKey } from './tls-files.ts'

/** How the server of a Temporal cluster is trusted, and how it knows us. */
export interface TemporalTls {
  /** The authority that its certificate comes from, PEM; null: those that the system trusts. */
  readonly ca: Buffer | null
  /** Our certificate and key, PEM, if it asks for one. */
  readonly client: CertifiedKey | null
}

/** A Temporal that somebody else runs. */
export interface ExternalTemporal {
  readonly kind: 'external'
  /** `host:port` of its frontend. */
  readonly address: string
  readonly tls: TemporalTls | null
  readonly apiKey: string | null
  /** The one namespace that there is, for the default workspace; null: namespaces are made as workspaces need them. */
  readonly namespace: string | null
}

/** Which workflow engine there is. */
export type TemporalSettings =
  | {
      readonly kind: 'managed'
      /** The folder or the program that `TRAMONTANE_TEMPORAL_BIN` names; null: the best there is. */
      readonly bin: string | null
    }
  | ExternalTemporal
  | {
      readonly kind: 'none'
      /** Switched off, or not possible beside a database that other servers may use. */
      readonly reason: 'off' | 'external database'
    }

/** Where workers reach Temporal through this server. */
export interface WorkerSettings {
  readonly host: string
  /** 0 lets the system choose, for tests. */
  readonly port: number
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null
}

const ADDRESS = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/
const NAMESPACE = /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/
const LOOPBACK = /^(127\.|localhost:|\[::1\])/

/** The settings that name what workers see. */
export const WORKER_TLS = { cert: 'workerTlsCert', key: 'workerTlsKey' } as const
const CLIENT_TLS = { cert: 'temporalTlsCert', key: 'temporalTlsKey' } as const

/**
 * Decides which workflow engine there is: one given by address, else one of our own in the managed database. Beside a
 * database of somebody else's none is started: several servers may share it, and each would start one.
 * @throws ConfigError for what cannot be used
 */
export function decideTemporal(env: Env): TemporalSettings {
  const { temporalAddress: address } = env
  if (address === undefined || address === 'none') {
    for (const setting of ADDRESS_ONLY) {
      if (env[setting] !== undefined && address === undefined)
        throw new ConfigError(
          `${variableNames[setting]} is set, but ${variableNames.temporalAddress} is not: it belongs to a Temporal that is given by its address`,
        )
    }
    if (address === 'none') return { kind: 'none', reason: 'off' }
    if (env.databaseUrl !== undefined) return { kind: 'none', reason: 'external database' }
    return { kind: 'managed', bin: env.temporalBin === undefined ? null : path.resolve(env.temporalBin) }
  }
  const port = Number(ADDRESS.exec(address)?.[1])
  if (!(port >= 1 && port <= 65_535))
    throw invalid('temporalAddress', address, 'host:port, as in temporal.example.com:7233, or `none`')
  const namespace = env.temporalNamespace ?? null
  if (namespace !== null && !NAMESPACE.test(namespace))
    throw invalid('temporalNamespace', namespace, 'the name of a namespace of Temporal')
  if (env.temporalApiKey !== undefined && !isSendable(env.temporalApiKey))
    throw new ConfigError(`${variableNames.temporalApiKey} has characters that no header takes`)
  return { kind: 'external', address, tls: tlsOf(env), apiKey: env.temporalApiKey ?? null, namespace }
}

const ADDRESS_ONLY = [
  'temporalApiKey',
  'temporalTls',
  'temporalTlsCa',
  'temporalTlsCert',
  'temporalTlsKey',
  'temporalNamespace',
] as const satisfies readonly Setting[]

/** TLS is used when anything of it is set, and with a key, which must not travel in clear. */
function tlsOf(env: Env): TemporalTls | null {
  const { temporalTls: wanted, temporalTlsCa: ca, temporalTlsCert: cert, temporalTlsKey: key } = env
  if (wanted !== undefined && wanted !== 'true' && wanted !== 'false')
    throw invalid('temporalTls', wanted, '`true` or `false`')
  const parts = [ca, cert, key].some((part) => part !== undefined)
  if (wanted === 'false') {
    if (parts)
      throw new ConfigError(
        `${variableNames.temporalTls} is false, but a certificate for TLS is set: leave out one of both`,
      )
    if (env.temporalApiKey !== undefined && !LOOPBACK.test(env.temporalAddress!))
      throw new ConfigError(
        `${variableNames.temporalTls} is false, and ${variableNames.temporalApiKey} would travel unencrypted: leave out one of both`,
      )
    return null
  }
  if (wanted === undefined && !parts && env.temporalApiKey === undefined) return null
  bothOrNeither(env, 'temporalTlsCert', 'temporalTlsKey')
  return {
    ca: ca === undefined ? null : readAuthority('temporalTlsCa', ca),
    client:
      cert === undefined || key === undefined
        ? null
        : readCertifiedKey(CLIENT_TLS, { certFile: cert, keyFile: key }),
  }
}

/**
 * Decides where workers reach Temporal.
 * @param portOf reads a port
 * @throws ConfigError for what cannot be used
 */
export function decideWorkers(env: Env, portOf: (value: string) => number): WorkerSettings {
  bothOrNeither(env, 'workerTlsCert', 'workerTlsKey')
  const { workerTlsCert: certFile, workerTlsKey: keyFile } = env
  const tls = certFile === undefined || keyFile === undefined ? null : { certFile, keyFile }
  if (tls) readCertifiedKey(WORKER_TLS, tls)
  if (env.workerHost !== undefined && tls === null && !isLoopback(env.workerHost))
    throw new ConfigError(
      `${variableNames.workerHost} is ${JSON.stringify(env.workerHost)}, which other machines reach, and keys would travel unencrypted: set ${variableNames.workerTlsCert} and ${variableNames.workerTlsKey}`,
    )
  // Where the system chooses the one port, it chooses the other too.
  const usual = env.port === '0' ? 0 : 7445
  return {
    host: env.workerHost ?? env.host ?? '127.0.0.1',
    port: env.workerPort === undefined ? usual : portOf(env.workerPort),
    tls,
  }
}

/** Whether only this machine reaches the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

function bothOrNeither(env: Env, one: Setting, other: Setting): void {
  if ((env[one] === undefined) === (env[other] === undefined)) return
  const [set, missing] = env[one] === undefined ? [other, one] : [one, other]
  throw new ConfigError(
    `${variableNames[set]} is set, but ${variableNames[missing]} is not: set both or neither`,
  )
}

function invalid(setting: Setting, value: string, expected: string): ConfigError {
  return new ConfigError(`${variableNames[setting]} is ${JSON.stringify(value)}, but must be ${expected}`)
}
