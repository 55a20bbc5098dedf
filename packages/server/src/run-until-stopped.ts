import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { ConfigError } from './config/config-error.ts'
import { readConfig } from './config/read-config.ts'
import { NewerSchemaError } from './platform/database/newer-schema-error.ts'
import { createLogger } from './platform/logger.ts'
import { type Server, startServer } from './server.ts'
import { startMessage } from './start-message.ts'

/** A terminal's Ctrl-C reaches this process from several sides at once (the terminal, npm, the bootstrap). */
const SAME_SIGNAL_MS = 1_000
/** After a second signal nothing may take longer than this. */
const HURRY_MS = 10_000
/** Whatever hangs: a stop never takes longer than this. */
const STOP_MS = 90_000
const FLUSH_MS = 1_000

/**
 * Runs a server with the settings of the environment until SIGTERM or SIGINT, and ends the process: with 0 after an orderly
 * stop, with 1 and one line when the start is impossible.
 */
export async function runUntilStopped(): Promise<void> {
  // Everything that is made from here on is private: events, files, the database's password.
  process.umask(0o077)
  // Whoever reads the output may go away (a pager, a collector); the server goes on without being read.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => {})
  let logger: Logger | undefined
  try {
    const config = readConfig()
    logger = createLogger(config.logLevel)
    const stopped = stopSignals()
    const starting = startServer(config, logger)
    // A signal during the start waits for its end, and then stops at once.
    const server = await starting
    announce(server, (url) => logger?.info({ url }, `Tramontane is ready at ${url}`))
    const hurry = await stopped
    logger.info('stopping: finishing what is under way')
    setTimeout(() => process.exit(1), STOP_MS).unref()
    hurry.addEventListener('abort', () => setTimeout(() => process.exit(1), HURRY_MS).unref())
    await server.close({ hurry })
    logger.info('stopped')
    await flushed(logger)
    process.exit(0)
  } catch (error) {
    const expected = error instanceof ConfigError || error instanceof NewerSchemaError
    process.stderr.write(`tramontane: ${expected ? error.message : (error as Error).stack}\n`)
    if (logger) await flushed(logger)
    process.exit(1)
  }
}

/**
 * Waits until the last lines are written, or cannot be: at the exit itself the logger would try to write to a reader that
 * has gone away for ever.
 */
function flushed(logger: Logger): Promise<unknown> {
  return Promise.race([new Promise<void>((resolve) => logger.flush(() => resolve())), delay(FLUSH_MS)])
}

/** Resolves at the first signal to stop, with a signal that fires at the second one. */
function stopSignals(): Promise<AbortSignal> {
  const hurry = new AbortController()
  let first: number | undefined
  return new Promise((resolve) => {
    const onSignal = () => {
      if (first === undefined) {
        first = Date.now()
        resolve(hurry.signal)
      } else if (Date.now() - first > SAME_SIGNAL_MS) hurry.abort()
    }
    process.on('SIGTERM', onSignal)
    process.on('SIGINT', onSignal)
    process.on('SIGHUP', onSignal)
  })
}

/** A person at a terminal reads the message; a machine that collects the log gets a line of it, and a person beside it the rest. */
function announce(server: Server, log: (url: string) => void): void {
  if (process.stdout.isTTY) {
    process.stdout.write(startMessage(server))
    return
  }
  log(server.config.http.publicUrl ?? server.url)
  process.stderr.write(startMessage(server))
}
