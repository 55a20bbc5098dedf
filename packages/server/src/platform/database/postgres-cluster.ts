import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Logger } from 'pino'
import { ConfigError } from '../../config/config-error.ts'
import { searchPath } from '../../config/env.ts'
import { canReach, postgresUser, type SystemUser } from '../../config/postgres-user.ts'
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts'

const run = promisify(execFile)
const USER = 'tramontane'
const LOG_BYTES = 10 * 1024 * 1024

/** A PostgreSQL data directory with all that is needed to run it. */
export interface PostgresCluster {
  /** `<data directory>/postgres`: the cluster, its password, the port of its last start, its log. */
  readonly home: string
  readonly data: string
  readonly binaries: PostgresBinaries
  /** Whom it runs as; undefined: the user of this process. */
  readonly user: SystemUser | undefined
  readonly password: string
}

/** The parts of `<dataDir>/postgres`. */
export function clusterPaths(dataDir: string) {
  const home = path.join(dataDir, 'postgres')
  return {
    home,
    data: path.join(home, 'data'),
    passwordFile: path.join(home, 'password'),
    portFile: path.join(home, 'port'),
    logFile: path.join(home, 'postgres.log'),
  }
}

/** The major version that made the data directory; undefined if there is none yet. */
export function clusterMajor(dataDir: string): number | undefined {
  const file = path.join(clusterPaths(dataDir).data, 'PG_VERSION')
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined
}

/** Where a cluster on this port is reached. */
export function clusterUrl(port: number, password: string, database: string): string {
  return `postgresql://${USER}:${password}@127.0.0.1:${port}/${database}`
}

/**
 * Makes the cluster in `<dataDir>/postgres` if it is not there yet, and finds the binaries and the user to run it with.
 * @param from where the binaries are to come from: a directory, `npm`, or null for the best there are
 * @throws ConfigError if there are no binaries that fit, or they or the data cannot be reached
 */
export async function prepareCluster(
  dataDir: string,
  from: string | null,
  logger: Logger,
): Promise<PostgresCluster> {
  const { home, data, passwordFile } = clusterPaths(dataDir)
  const major = clusterMajor(dataDir)
  const user = postgresUser(data)
  const found = findPostgresBinaries(major, from)
  if (!found) throw new ConfigError(noBinaries(major, from))
  const binaries = user ? reachable(found, user) : found
  mkdirSync(home, { recursive: true })
  checkOwner(home)
  chmodSync(home, 0o700)
  if (user) {
    chownSync(home, user.uid, user.gid)
    if (!canReach(home, user)) {
      throw new ConfigError(
        `PostgreSQL runs as the user \`${user.name}\`, who cannot reach ${home}: choose a TRAMONTANE_DATA_DIR outside of private home directories`,
      )
    }
  }
  if (major === undefined) await initialise({ home, data, binaries, user }, passwordFile, logger)
  return { home, data, binaries, user, password: readFileSync(passwordFile, 'utf8').trim() }
}

function noBinaries(major: number | undefined, from: string | null): string {
  if (from === null)
    return major === undefined
      ? "there is no PostgreSQL (15 or newer) here, neither the system's nor npm's: install one, or set TRAMONTANE_DATABASE_URL"
      : `the data directory was made by PostgreSQL ${major}, which is not here: install PostgreSQL ${major}, or restore a backup into a new TRAMONTANE_DATA_DIR`
  const where = `TRAMONTANE_POSTGRES_BIN is ${JSON.stringify(from)}`
  return major === undefined
    ? `${where}, where there is no PostgreSQL (15 or newer): name the folder of its programs \`postgres\` and \`initdb\`, or leave it out`
    : `${where}, where there is no PostgreSQL ${major}, which made the data directory: name that one's folder, or leave it out`
}

function checkOwner(home: string): void {
  const { uid } = statSync(home)
  const own = process.getuid?.()
  if (own === undefined || own === 0 || own === uid) return
  throw new ConfigError(
    `${home} belongs to another user (uid ${uid}): start Tramontane as the user (or root) who started it first, or choose another TRAMONTANE_DATA_DIR`,
  )
}

/** The binaries, or a copy of them where the user can read them: npm's may lie in a private home. */
function reachable(binaries: PostgresBinaries, user: SystemUser): PostgresBinaries {
  if (canReach(binaries.directory, user)) return binaries
  const directory = copyForOthers(binaries)
  if (directory !== undefined && canReach(directory, user)) return { ...binaries, directory }
  throw new ConfigError(
    `PostgreSQL runs as the user \`${user.name}\`, who cannot reach its programs in ${binaries.directory}: move this installation out of private home directories, or install PostgreSQL on the system`,
  )
}

function copyForOthers(binaries: PostgresBinaries): string | undefined {
  const copy = `/var/lib/tramontane/postgresql-${binaries.version}`
  if (binaries.origin === 'npm' && !existsSync(copy)) {
    const partial = `${copy}.${process.pid}`
    const umask = process.umask(0o022)
    try {
      cpSync(path.dirname(binaries.directory), partial, { recursive: true, verbatimSymlinks: true })
      renameSync(partial, copy)
    } catch {
      rmSync(partial, { recursive: true, force: true })
    } finally {
      process.umask(umask)
    }
  }
  return binaries.origin === 'npm' ? path.join(copy, 'bin') : undefined
}

/**
 * Makes the cluster. Text sorts and compares by its bytes (`C`: what indexes and prefixes want), but knows its letters
 * (`C.UTF-8`): with plain `C`, lower('É') is 'É', and searches that ignore case would miss every accented letter.
 * `lc-ctype` is what pg_trgm looks at, whatever the locale provider; without it such letters have no trigrams.
 */
async function initialise(
  cluster: Pick<PostgresCluster, 'home' | 'data' | 'binaries' | 'user'>,
  passwordFile: string,
  logger: Logger,
): Promise<void> {
  const { home, data, binaries, user } = cluster
  logger.info({ major: binaries.major, origin: binaries.origin }, 'making a database')
  writeFileSync(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 })
  if (user) chownSync(passwordFile, user.uid, user.gid)
  const unfinished = `${data}.unfinished`
  const initdb = (locale: readonly string[]) => {
    // What an initdb that was killed, or failed, left behind is no cluster, though it has a PG_VERSION.
    rmSync(unfinished, { recursive: true, force: true })
    const fixed = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', '--data-checksums']
    return run(
      path.join(binaries.directory, 'initdb'),
      ['-D', unfinished, '-U', USER, ...fixed, ...locale, `--pwfile=${passwordFile}`],
      { uid: user?.uid, gid: user?.gid, cwd: home },
    )
  }
  const builtin = binaries.major >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : []
  try {
    await initdb([...builtin, '--lc-ctype=C.UTF-8'])
  } catch (error) {
    logger.warn({ err: error }, 'no locale C.UTF-8 here: ignoring case may be limited to unaccented letters')
    await initdb(builtin).catch((cause: Error & { stderr?: string }) => {
      throw new ConfigError(`PostgreSQL cannot make a database in ${data}: ${lastLine(cause.stderr ?? '')}`)
    })
  }
  renameSync(unfinished, data)
}

function lastLine(text: string): string {
  const lines = text.split('\n').filter((line) => /error|fatal|could not/i.test(line))
  return (lines.at(-1) ?? text).trim().slice(0, 500)
}

/**
 * Starts the cluster's PostgreSQL on a port. It is detached, so that a Ctrl-C in the terminal reaches this server
 * only, which then stops PostgreSQL in order.
 * @returns a promise of its end, with what its log said last; it is never rejected
 */
export function launch(cluster: PostgresCluster, port: number): { ended: Promise<string> } {
  const { binaries, home, data, user } = cluster
  const logFile = path.join(home, 'postgres.log')
  if (existsSync(logFile) && statSync(logFile).size > LOG_BYTES) renameSync(logFile, `${logFile}.1`)
  const log = openSync(logFile, 'a', 0o600)
  const start = statSync(logFile).size
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '128MB',
    max_wal_size: '2GB',
    wal_compression: 'on',
    random_page_cost: 1.1,
    jit: 'off',
    max_stack_depth: '6MB',
    logging_collector: 'off',
  }
  const child = spawn(
    path.join(binaries.directory, 'postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    {
      uid: user?.uid,
      gid: user?.gid,
      cwd: home,
      detached: true,
      stdio: ['ignore', log, log],
      env: { PATH: searchPath(), LANG: 'C' },
    },
  )
  closeSync(log)
  child.unref()
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', () => resolve(lastLine(logFrom(logFile, start))))
  })
  return { ended }
}

/** What was logged since; nothing if somebody has removed the log. */
function logFrom(logFile: string, start: number): string {
  try {
    return readFileSync(logFile).subarray(start).toString()
  } catch {
    return ''
  }
}
