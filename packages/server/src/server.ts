import type { Logger } from 'pino'
import type { Assembled, Stop } from './assembly.ts'
import { checkBeforeStart } from './check-before-start.ts'
import type { Config } from './config/config.ts'
import { claimDataDirectory } from './platform/data-directory.ts'
import { type ManagedPostgres, startManagedPostgres } from './platform/database/managed-postgres.ts'
import { createLogger } from './platform/logger.ts'

/** A running server. */
export interface Server extends Assembled {
  /**
   * Drains and stops in order: requests (30 s at most), background work, database.
   * @param options.hurry when it fires, requests that are still under way are cut off
   */
  close(options?: { hurry?: AbortSignal }): Promise<void>
}

const NEVER = new AbortController().signal

/** Starts a server. What was started is stopped again if a later part fails. */
export async function startServer(
  config: Config,
  logger: Logger = createLogger(config.logLevel),
): Promise<Server> {
  const stop: Stop[] = []
  let closing: Promise<void> | undefined
  const stopAll = async (hurry: AbortSignal) => {
    while (stop.length > 0) {
      // What fails to stop must not keep the rest, the database above all, from being stopped.
      await stop.pop()!(hurry).catch((error: unknown) =>
        logger.error({ err: error }, 'a part did not stop in order'),
      )
    }
  }
  const close: Server['close'] = ({ hurry = NEVER } = {}) => {
    closing ??= stopAll(hurry)
    return closing
  }
  try {
    const claim = claimDataDirectory(config.dataDir)
    stop.push(async () => claim.release())
    await checkBeforeStart(config)
    const postgres: ManagedPostgres | undefined =
      config.database.kind === 'managed'
        ? await startManagedPostgres(config.dataDir, logger, { binaries: config.database.binaries })
        : undefined
    if (postgres) stop.push(() => postgres.stop())
    // Not before: what is wrong until here is told in a sixth of the processor time that loading everything takes.
    const { assemble } = await import('./assembly.ts')
    return { ...(await assemble({ config, logger, postgres, stop })), close }
  } catch (error) {
    await close()
    throw error
  }
}
