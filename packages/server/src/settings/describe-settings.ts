import type { Config } from '../config/config.ts'
import { type Setting, variableNames } from '../config/env.ts'

/** A setting as people read it; never a secret. */
export interface DescribedSetting {
  readonly variable: string
  readonly value: string
  readonly description: string
}

/** A connection string without user, password and options. */
function withoutSecrets(databaseUrl: string): string {
  const { host, pathname } = new URL(databaseUrl)
  return `${host}${pathname}`
}

function days(value: number): string {
  return `${value} ${value === 1 ? 'day' : 'days'}`
}

function temporalOf({ temporal }: Config): string {
  if (temporal.kind === 'managed') return 'managed by this server'
  if (temporal.kind === 'external') return `${temporal.address}${temporal.tls ? ', over TLS' : ''}`
  return temporal.reason === 'off' ? 'none: switched off' : 'none, beside a database of its own'
}

/**
 * What the server was started with, in the order in which people ask for it.
 * @param publicUrl what links begin with, decided or not
 */
export function describeSettings(config: Config, publicUrl: string): DescribedSetting[] {
  const { http, database, workers, providers } = config
  const rows: readonly [Setting, string, string][] = [
    ['publicUrl', publicUrl, 'what every link begins with: the address by which users reach the server'],
    ['host', http.host, 'the address that the server listens on'],
    ['port', String(http.port), 'its port'],
    [
      'providerUrl',
      providers.find(({ name, models }) => name === 'default' && models === '*')?.url ?? 'none',
      'the model provider for every model that no other provider answers for',
    ],
    [
      'providersFile',
      String(providers.filter(({ name, models }) => name !== 'default' || models !== '*').length),
      'providers by pattern of the model’s name, from a file',
    ],
    [
      'retentionDays',
      config.retentionDays === null ? 'kept for ever' : days(config.retentionDays),
      'how long events, spans, logs and the events of workflows are kept',
    ],
    [
      'workflowRetentionDays',
      days(config.workflowRetentionDays),
      'how long Temporal keeps the history of executions that have ended',
    ],
    ['dataDir', config.dataDir, 'where the managed database, files and spooled events are'],
    [
      'databaseUrl',
      database.kind === 'managed' ? 'managed by this server' : withoutSecrets(database.url),
      'the PostgreSQL that everything is stored in',
    ],
    [
      'spoolMegabytes',
      `${config.spoolBytes / 1_048_576} MiB`,
      'events that may wait on disk while the database is away',
    ],
    ['temporalAddress', temporalOf(config), 'the workflow engine'],
    ['workerHost', workers.host, 'the address that workers connect to'],
    ['workerPort', String(workers.port), 'its port'],
    [
      'workerTlsCert',
      workers.tls ? workers.tls.certFile : 'none',
      'the certificate that workers see; other machines’ workers need one',
    ],
    [
      'apiKey',
      config.apiKey === null ? 'not set' : 'set, not shown',
      'an admin key of the default workspace beside those that are listed under Keys',
    ],
    ['logLevel', config.logLevel, 'how much is logged'],
  ]
  return rows.map(([setting, value, description]) => ({
    variable: variableNames[setting],
    value,
    description,
  }))
}
