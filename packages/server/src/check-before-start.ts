import type { Config } from './config/config.ts'
import { tryAddress } from './platform/http/listen.ts'
import { checkConfiguredPrograms } from './platform/temporal/configured-programs.ts'
import { whyClosed } from './platform/temporal/worker-proxy/worker-proxy.ts'

/**
 * Looks at what can be known to be wrong before anything is started: a database that is made and started, and stopped again
 * for a port that is taken, is a long way to one line.
 * @throws ConfigError for the first setting that cannot be used
 */
export async function checkBeforeStart(config: Config): Promise<void> {
  await tryAddress({ of: 'users', ...config.http })
  if (whyClosed(config) === null) await tryAddress({ of: 'workers', ...config.workers })
  const { temporal } = config
  if (temporal.kind === 'managed' && temporal.bin !== null) await checkConfiguredPrograms(temporal.bin)
}
