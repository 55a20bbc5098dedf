import path from 'node:path'
import { ConfigError } from './config-error.ts'
import { defaultDataDir } from './default-data-dir.ts'
import { type Env, type Setting, variableNames } from './env.ts'
import {
  DEFAULT_PROVIDER_CONCURRENCY,
  DEFAULT_PROVIDER_TIMEOUT_SECONDS,
  isPlain,
  isSendable,
  PLAIN_URL,
  type ProviderSettings,
  readProvidersFile,
} from './providers-file.ts'
import {
  decideTemporal,
  decideWorkers,
  type TemporalSettings,
  type WorkerSettings,
} from './temporal-settings.ts'

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** The settings as the server uses them: checked, complete, nested by part. */
export interface Config {
  readonly http: {
    readonly host: string
    /** 0 lets the system choose, for tests. */
    readonly port: number
    /** What every link that is handed out begins with, without a slash at its end; null: the address listened on. */
    readonly publicUrl: string | null
  }
  readonly dataDir: string
  readonly database:
    | {
        readonly kind: 'managed'
        /** Where PostgreSQL's programs come from: a directory, or `npm`; null: the best there are. */
        readonly binaries: string | null
      }
    | { readonly kind: 'external'; readonly url: string }
  /** An admin key of the default workspace, if set. */
  readonly apiKey: string | null
  /** The first whose pattern fits a model's name answers for it. */
  readonly providers: readonly ProviderSettings[]
  /** Bytes of events at most that wait on disk while the database takes none. */
  readonly spoolBytes: number
  /** Days after which events go; null keeps them. */
  readonly retentionDays: number | null
  readonly logLevel: LogLevel
  readonly temporal: TemporalSettings
  /** Where workers reach Temporal. */
  readonly workers: WorkerSettings
  /** Days for which Temporal keeps executions that have ended, and with them their history. */
  readonly workflowRetentionDays: number
}

const LOG_LEVELS: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error', 'silent']

function invalid(setting: Setting, value: string, expected: string): ConfigError {
  return new ConfigError(`${variableNames[setting]} is ${JSON.stringify(value)}, but must be ${expected}`)
}

function wholeNumber(setting: Setting, value: string, min: number, max: number): number {
  const number = Number(value)
  if (/^(tcp|udp):/.test(value))
    throw new ConfigError(
      `${variableNames[setting]} is ${JSON.stringify(value)}, which Kubernetes sets for a service of that name: set enableServiceLinks to false for the pod, or name the service otherwise`,
    )
  if (!/^\d+$/.test(value) || number < min || number > max)
    throw invalid(setting, value, `a whole number from ${min} to ${max}`)
  return number
}

/** A URL of one of the given protocols; secrets in it are not repeated in the message. */
function url(setting: Setting, value: string, protocols: readonly string[]): URL {
  const parsed = URL.canParse(value) ? new URL(value) : undefined
  if (!parsed && protocols.some((protocol) => value.startsWith(`${protocol}//`)))
    throw new ConfigError(
      `${variableNames[setting]} is no URL: a port is a number up to 65535, and in a password characters such as @ / # % are written as %40 %2F %23 %25`,
    )
  if (!parsed || !protocols.includes(parsed.protocol)) {
    const shown = value.includes('@') ? '(not shown: it may hold a password)' : value
    throw invalid(
      setting,
      shown,
      `a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    )
  }
  return parsed
}

function baseUrl(setting: Setting, value: string): string {
  const parsed = url(setting, value, ['http:', 'https:'])
  if (!isPlain(parsed)) throw new ConfigError(`${variableNames[setting]} must be ${PLAIN_URL}`)
  return parsed.href.replace(/\/+$/, '')
}

function dataDirOf({ dataDir, databaseUrl }: Env): string {
  if (dataDir !== undefined) return path.resolve(dataDir)
  return databaseUrl === undefined ? defaultDataDir() : path.resolve('.tramontane')
}

/**
 * Decides where the server listens: what a program needs to know that only calls it.
 * @throws ConfigError
 */
export function decideListening(env: Pick<Env, 'host' | 'port'>): Pick<Config['http'], 'host' | 'port'> {
  return {
    host: env.host ?? '127.0.0.1',
    port: env.port === undefined ? 7444 : wholeNumber('port', env.port, 0, 65_535),
  }
}

/**
 * Decides the settings from the environment's strings.
 * @throws ConfigError for the first value that cannot be used.
 */
export function decideConfig(env: Env): Config {
  if (env.providerApiKey && !env.providerUrl) {
    throw new ConfigError(
      `${variableNames.providerApiKey} is set, but ${variableNames.providerUrl} is not: set both or neither`,
    )
  }
  if (env.providerApiKey && !isSendable(env.providerApiKey))
    throw new ConfigError(`${variableNames.providerApiKey} has characters that no header takes`)
  if (env.apiKey && env.apiKey.length < 16) {
    throw new ConfigError(
      `${variableNames.apiKey} has ${env.apiKey.length} characters, but must have at least 16`,
    )
  }
  if (env.apiKey && !/^[\x21-\x7e]{1,500}$/.test(env.apiKey))
    throw new ConfigError(
      `${variableNames.apiKey} must be at most 500 printable ASCII characters without spaces, as a header takes them`,
    )
  if (env.logLevel && !LOG_LEVELS.includes(env.logLevel))
    throw invalid('logLevel', env.logLevel, `one of ${LOG_LEVELS.join(', ')}`)
  const providers: ProviderSettings[] = env.providersFile
    ? readProvidersFile(env.providersFile, env.variable ?? (() => undefined))
    : []
  if (env.providerUrl) {
    providers.push({
      name: 'default',
      models: '*',
      url: baseUrl('providerUrl', env.providerUrl),
      apiKey: env.providerApiKey ?? null,
      timeoutSeconds: DEFAULT_PROVIDER_TIMEOUT_SECONDS,
      concurrency: DEFAULT_PROVIDER_CONCURRENCY,
    })
  }
  const twice = providers.find(({ name }, index) => providers.findIndex((one) => one.name === name) < index)
  if (twice)
    throw new ConfigError(
      `two providers are called ${JSON.stringify(twice.name)} in ${variableNames.providersFile}${twice.name === 'default' ? ` (that of ${variableNames.providerUrl} is called so)` : ''}: give each a name of its own`,
    )
  if (env.databaseUrl) url('databaseUrl', env.databaseUrl, ['postgres:', 'postgresql:'])
  const listening = decideListening(env)
  const temporal = decideTemporal(env)
  const workers = decideWorkers(env, (value) => wholeNumber('workerPort', value, 0, 65_535))
  return {
    http: {
      ...listening,
      publicUrl: env.publicUrl ? baseUrl('publicUrl', env.publicUrl) : null,
    },
    dataDir: dataDirOf(env),
    database: env.databaseUrl
      ? { kind: 'external', url: env.databaseUrl }
      : { kind: 'managed', binaries: env.postgresBin ?? null },
    apiKey: env.apiKey ?? null,
    providers,
    spoolBytes:
      (env.spoolMegabytes === undefined ? 256 : wholeNumber('spoolMegabytes', env.spoolMegabytes, 1, 1e6)) *
      1_048_576,
    retentionDays:
      env.retentionDays === undefined ? null : wholeNumber('retentionDays', env.retentionDays, 1, 36_500),
    logLevel: (env.logLevel as LogLevel | undefined) ?? 'info',
    temporal,
    workers,
    workflowRetentionDays:
      env.workflowRetentionDays === undefined
        ? 30
        : wholeNumber('workflowRetentionDays', env.workflowRetentionDays, 1, 36_500),
  }
}
