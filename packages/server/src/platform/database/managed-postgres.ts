import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { Logger } from 'pino'
import { ConfigError } from '../../config/config-error.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'
import { clusterPaths, clusterUrl, launch, type PostgresCluster, prepareCluster } from './postgres-cluster.ts'
import { endPostgres, findPostmaster, isResponsive, logIn } from './postmaster.ts'

const DATABASE = 'tramontane'
/** Recovery after a crash may take minutes, and PostgreSQL says that it is at it. */
const RECOVERY_MS = 15 * 60_000
/** How long a PostgreSQL that says nothing at all is waited for before it is replaced. */
const SILENCE_AT_START_MS = 8_000
const SILENCE_RUNNING_MS = 30_000
const WATCH_MS = 500
const PROBE_MS = 5_000
const STOP_MS = 30_000
const MAX_BACKOFF_MS = 30_000

/** A PostgreSQL child process in the data directory, kept running until it is stopped. */
export interface ManagedPostgres {
  readonly url: string
  readonly binaries: PostgresBinaries
  /** Stops PostgreSQL in order (a checkpoint, then exit). */
  stop(): Promise<void>
}

/**
 * Brings up PostgreSQL in `<dataDir>/postgres`: makes the cluster the first time, adopts or replaces what a server
 * that was killed left behind, and starts it again whenever it dies. The caller has claimed the data directory.
 * @param options.binaries where they are to come from: a directory, `npm`, or null for the best there are
 * @throws ConfigError if there are no binaries that fit, or PostgreSQL does not start
 */
export async function startManagedPostgres(
  dataDir: string,
  logger: Logger,
  options: { binaries?: string | null } = {},
): Promise<ManagedPostgres> {
  const cluster = await prepareCluster(dataDir, options.binaries ?? null, logger)
  const { portFile } = clusterPaths(dataDir)
  const port = await bringUp(cluster, await choosePort(portFile), logger)
  writeFileSync(portFile, String(port))
  await createDatabase(clusterUrl(port, cluster.password, 'postgres'))
  const guard = new Guard(cluster, port, logger)
  return {
    url: clusterUrl(port, cluster.password, DATABASE),
    binaries: cluster.binaries,
    stop: () => guard.stop(),
  }
}

/** The URL of a data directory's PostgreSQL if it is running now, for tools beside the server. */
export function findRunningPostgres(dataDir: string): string | undefined {
  const { data, passwordFile } = clusterPaths(dataDir)
  const running = existsSync(passwordFile) ? findPostmaster(data) : undefined
  return running && clusterUrl(running.port, readFileSync(passwordFile, 'utf8').trim(), DATABASE)
}

async function choosePort(portFile: string): Promise<number> {
  const last = existsSync(portFile) ? Number(readFileSync(portFile, 'utf8')) : 0
  return (await bindable(last)) || (await bindable(0))
}

/** The port itself if it is free (any free one for 0), else 0. */
function bindable(port: number): Promise<number> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(0))
    server.listen(port, '127.0.0.1', () => {
      const { port: bound } = server.address() as { port: number }
      server.close(() => resolve(bound))
    })
  })
}

/**
 * Gets the cluster to take connections, whatever state it is in: running, starting, stopping, stuck, dead.
 * @param port for a new start; what already runs keeps its own
 * @returns the port it is reached at
 */
async function bringUp(cluster: PostgresCluster, port: number, logger: Logger): Promise<number> {
  const deadline = Date.now() + RECOVERY_MS
  let silentSince: number | undefined
  let ended: Promise<string> | undefined
  while (Date.now() < deadline) {
    const running = findPostmaster(cluster.data)
    if (running === undefined && ended === undefined) {
      await endPostgres(cluster.data, 0)
      ended = launch(cluster, port).ended
    }
    const answer = await logIn(
      clusterUrl(running?.port ?? port, cluster.password, 'postgres'),
      SILENCE_AT_START_MS,
    )
    if (answer === 'ready' && running !== undefined) {
      if (ended === undefined)
        logger.info(
          { postgresPid: running.pid },
          'adopted the PostgreSQL that an earlier server left running',
        )
      return running.port
    }
    const reason = ended && (await Promise.race([ended, delay(20)]))
    if (reason !== undefined)
      throw new ConfigError(`PostgreSQL does not start: ${reason} (${cluster.home}/postgres.log has more)`)
    silentSince = answer === 'silent' || answer === 'refused' ? (silentSince ?? Date.now()) : undefined
    if (
      running &&
      ended === undefined &&
      silentSince !== undefined &&
      Date.now() - silentSince > SILENCE_AT_START_MS
    ) {
      logger.warn(
        { postgresPid: running.pid },
        'the PostgreSQL that an earlier server left running does not answer; replacing it',
      )
      await endPostgres(cluster.data, STOP_MS)
      silentSince = undefined
    }
    await delay(20)
  }
  throw new ConfigError(
    `PostgreSQL is not ready after ${RECOVERY_MS / 60_000} minutes; ${cluster.home}/postgres.log says why`,
  )
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  // What breaks the connection rejects the query as well; unheard, it would end the process.
  client.on('error', () => {})
  await client.connect()
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE])
    if (found.rowCount === 0) await client.query(`create database ${DATABASE}`)
  } finally {
    await client.end()
  }
}

/** Watches over a running PostgreSQL: starts it again when it died, replaces it when it has been silent for long. */
class Guard {
  readonly #cluster: PostgresCluster
  readonly #port: number
  readonly #logger: Logger
  readonly #stopping = new AbortController()
  readonly #watching: Promise<void>

  constructor(cluster: PostgresCluster, port: number, logger: Logger) {
    this.#cluster = cluster
    this.#port = port
    this.#logger = logger
    this.#watching = this.#watch()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#watching
    await endPostgres(this.#cluster.data, STOP_MS)
  }

  async #watch(): Promise<void> {
    let failures = 0
    let answeredAt = Date.now()
    while (await this.#pause(Math.min(WATCH_MS * 2 ** failures, MAX_BACKOFF_MS))) {
      try {
        const running = findPostmaster(this.#cluster.data)
        if (running !== undefined) {
          if (Date.now() - answeredAt < PROBE_MS) continue
          if (await isResponsive(this.#port, SILENCE_AT_START_MS)) answeredAt = Date.now()
          else if (Date.now() - answeredAt > SILENCE_RUNNING_MS) {
            this.#logger.error(
              { postgresPid: running.pid },
              'PostgreSQL runs but does not answer; replacing it',
            )
            await endPostgres(this.#cluster.data, STOP_MS)
          }
        } else {
          this.#logger.error('PostgreSQL has died; starting it again')
          await bringUp(this.#cluster, this.#port, this.#logger)
          answeredAt = Date.now()
        }
        failures = 0
      } catch (error) {
        failures++
        this.#logger.error({ err: error }, 'PostgreSQL could not be started again; trying later')
      }
    }
  }

  /** @returns false when the server stops */
  #pause(milliseconds: number): Promise<boolean> {
    return delay(milliseconds, true, { signal: this.#stopping.signal, ref: false }).catch(() => false)
  }
}
