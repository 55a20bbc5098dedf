import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { ConfigError } from '../../config/config-error.ts'

/** The first process of a running PostgreSQL, as its pid file names it. */
export interface Postmaster {
  readonly pid: number
  readonly port: number
}

function pidFile(data: string): string {
  return path.join(data, 'postmaster.pid')
}

function belongsTo(pid: number, data: string): boolean {
  if (process.platform === 'linux') return workingDirectory(pid) === realpathSync(data)
  return processesOf(data).includes(pid)
}

/** Every process of the cluster. The pid file alone does not do: pids are used again, and children outlive a killed parent. */
function processesOf(data: string): number[] {
  const directory = realpathSync(data)
  if (process.platform === 'linux') {
    // PostgreSQL's processes all work in their data directory.
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && workingDirectory(pid) === directory)
  }
  const rows = execFileSync('ps', ['-axo', 'pid=,ppid=,command='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((row) => row !== null)
  const parents = rows.filter((row) => row[3]!.includes(`-D ${data}`)).map((row) => row[1]!)
  return rows
    .filter((row) => parents.includes(row[1]!) || parents.includes(row[2]!))
    .map((row) => Number(row[1]))
}

function workingDirectory(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return undefined
  }
}

/** The running postmaster of a data directory; undefined if there is none, whatever a stale pid file says. */
export function findPostmaster(data: string): Postmaster | undefined {
  let lines: string[]
  try {
    lines = readFileSync(pidFile(data), 'utf8').split('\n')
  } catch {
    return undefined
  }
  const [pid, port] = [Number(lines[0]), Number(lines[3])]
  if (!(pid > 0) || !(port > 0)) return undefined
  return belongsTo(pid, data) ? { pid, port } : undefined
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // Gone already.
  }
}

async function until(condition: () => boolean, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs
  while (!condition()) {
    if (Date.now() > deadline) return false
    await delay(10)
  }
  return true
}

/**
 * Ends whatever runs on a data directory: in order if it listens, else by force, from which PostgreSQL recovers.
 * Afterwards nothing runs there and no pid file is left.
 * @param patienceMs how long an orderly stop may take
 */
export async function endPostgres(data: string, patienceMs: number): Promise<void> {
  const postmaster = findPostmaster(data)
  for (const [name, within] of [
    ['SIGINT', patienceMs],
    ['SIGQUIT', 5_000],
  ] as const) {
    if (postmaster === undefined) break
    // A process that was stopped with SIGSTOP takes no other signal.
    for (const pid of processesOf(data)) signal(pid, 'SIGCONT')
    signal(postmaster.pid, name)
    if (await until(() => !belongsTo(postmaster.pid, data), within)) break
  }
  // Also what a killed postmaster left behind: it would keep the shared memory in use.
  await until(() => {
    const left = processesOf(data)
    for (const pid of left) signal(pid, 'SIGKILL')
    return left.length === 0
  }, 10_000)
  rmSync(pidFile(data), { force: true })
}

/** What PostgreSQL says to a client that wants to come in. */
export type PostgresAnswer = 'ready' | 'not yet' | 'refused' | 'silent'

/**
 * Logs in once.
 * @throws ConfigError if the password is not the right one
 */
export async function logIn(url: string, withinMs: number): Promise<PostgresAnswer> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: withinMs })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.end()
    return 'ready'
  } catch (error) {
    const code = (error as { code?: string }).code
    if (code === '28P01') {
      throw new ConfigError(
        'PostgreSQL refuses the password that is kept beside its data (postgres/password in the data directory): put back the one that belongs to it',
      )
    }
    if (code === '53300') return 'ready'
    if (code?.startsWith('57P')) return 'not yet'
    return code === 'ECONNREFUSED' || code === 'ECONNRESET' ? 'refused' : 'silent'
  }
}

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

/** Whether a PostgreSQL on this port takes connections at all, asked in one byte, without logging in. */
export function isResponsive(port: number, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: withinMs })
    const done = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => socket.write(SSL_REQUEST))
    socket.once('data', () => done(true))
    socket.once('timeout', () => done(false))
    socket.once('error', () => done(false))
    socket.once('close', () => done(false))
  })
}
