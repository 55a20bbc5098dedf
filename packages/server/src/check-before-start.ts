import type { Config } from './config/config.ts'
import { ConfigError } from './config/config-error.ts'
import { variableNames } from './config/env.ts'
import { tryAddress } from './platform/http/listen.ts'
import { checkConfiguredPrograms } from './platform/temporal/configured-programs.ts'
import { whyClosed } from './platform/temporal/worker-proxy/why-closed.ts'

/**
 * Looks at what can be known to be wrong before anything is started: a database that is made and started, and stopped again
 * for a port that is taken, is a long way to one line.
 * @throws ConfigError for the first setting that cannot be used
 */
export async function checkBeforeStart(config: Config): Promise<void> {
  const { http, workers, temporal } = config
  await tryAddress({ of: 'users', ...http })
  if (whyClosed(config) === null) {
    if (http.port === workers.port && http.port !== 0 && overlap(http.host, workers.host))
      throw new ConfigError(
        `port ${http.port} would be that of ${variableNames.port} and of ${variableNames.workerPort}: set one of them to another`,
      )
    await tryAddress({ of: 'workers', ...workers })
  }
  if (temporal.kind === 'managed' && temporal.bin !== null) await checkConfiguredPrograms(temporal.bin)
}

/** Whether two hosts may be one address: they are the same, or one of them is all there are. */
function overlap(one: string, other: string): boolean {
  const isEvery = (host: string) => host === '0.0.0.0' || host === '::'
  return one === other || isEvery(one) || isEvery(other)
}
