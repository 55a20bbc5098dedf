import { execFileSync, spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { searchPath } from '../../config/env.ts'

const LOG_BYTES = 10 * 1024 * 1024

/** A Temporal that runs on our configuration file. */
export interface TemporalProcess {
  readonly pid: number
  /** The mark of the configuration that it was started with; undefined if that is not known. */
  readonly mark: string | undefined
}

/** Every process that was started with this configuration file. A pid file alone does not do: pids are used again. */
function processesOf(configFile: string): number[] {
  if (process.platform === 'linux')
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && commandOf(pid).includes(configFile))
  return execFileSync('ps', ['-axo', 'pid=,command='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(.*)$/.exec(line))
    .filter((row) => row !== null)
    .filter((row) => row[2]!.includes(`--config-file ${configFile} `))
    .map((row) => Number(row[1]))
}

function commandOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}

/** Whether the process lives and is still what it was. */
export function isRunning(pid: number, configFile: string): boolean {
  if (process.platform === 'linux') return commandOf(pid).includes(configFile)
  return processesOf(configFile).includes(pid)
}

/** The Temporal that an earlier server left running; undefined if there is none. */
export function findTemporal(configFile: string, processFile: string): TemporalProcess | undefined {
  const [pid, ...others] = processesOf(configFile)
  if (pid === undefined) return undefined
  let mark: string | undefined
  try {
    const said = JSON.parse(readFileSync(processFile, 'utf8')) as { pid: number; mark: string }
    if (said.pid === pid && others.length === 0) mark = said.mark
  } catch {
    // It was not written yet when the server was killed.
  }
  return { pid, mark }
}

/**
 * Ends every Temporal of this configuration file: in order, else by force, from which it recovers.
 * @param patienceMs how long an orderly stop may take
 */
export async function endTemporal(configFile: string, patienceMs: number): Promise<void> {
  const running = processesOf(configFile)
  const deadline = Date.now() + patienceMs
  for (const pid of running) {
    signal(pid, 'SIGTERM')
    // A process that was stopped with SIGSTOP takes no other signal.
    signal(pid, 'SIGCONT')
  }
  while (running.some((pid) => isRunning(pid, configFile)) && Date.now() < deadline) await delay(20)
  for (const left = () => processesOf(configFile); left().length > 0; await delay(20))
    for (const pid of left()) signal(pid, 'SIGKILL')
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // Gone already.
  }
}

/**
 * Starts Temporal. It is detached, so that a Ctrl-C in the terminal reaches this server only, which then stops it in order.
 * @param parts.mark kept beside the data, so that a later server knows what it finds running
 * @returns a promise of its end, with what its log said last; it is never rejected
 */
export function launchTemporal(parts: {
  program: string
  home: string
  configFile: string
  processFile: string
  logFile: string
  mark: string
}): { pid: number; ended: Promise<string> } {
  const { program, home, configFile, processFile, logFile, mark } = parts
  boundLog(logFile)
  const log = openSync(logFile, 'a', 0o600)
  const start = statSync(logFile).size
  const child = spawn(program, ['--config-file', configFile, '--allow-no-auth', 'start'], {
    cwd: home,
    detached: true,
    stdio: ['ignore', log, log],
    env: { PATH: searchPath() },
  })
  closeSync(log)
  child.unref()
  const pid = child.pid ?? 0
  if (pid > 0) writeFileSync(processFile, JSON.stringify({ pid, mark }), { mode: 0o600 })
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, by) =>
      resolve(lastComplaint(logFrom(logFile, start)) ?? `it ended with ${by ?? code}`),
    )
  })
  return { pid, ended }
}

/** What was logged since; nothing if somebody has removed the log. */
function logFrom(logFile: string, start: number): string {
  try {
    return readFileSync(logFile).subarray(start).toString()
  } catch {
    return ''
  }
}

/** Keeps a log that has grown beyond its bound as the only older one. Temporal appends, so that it goes on at the start. */
export function boundLog(logFile: string, running = false): void {
  if (!existsSync(logFile) || statSync(logFile).size <= LOG_BYTES) return
  if (running) {
    writeFileSync(`${logFile}.1`, readFileSync(logFile), { mode: 0o600 })
    truncateSync(logFile)
  } else renameSync(logFile, `${logFile}.1`)
}

/** The last error that a log of Temporal tells of, in one line. */
function lastComplaint(log: string): string | undefined {
  const complaints = log.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return /error|fatal|panic|unable/i.test(line) ? [line.trim()] : []
    try {
      const { level, msg, error } = JSON.parse(line) as { level?: string; msg?: string; error?: string }
      return level === 'error' || level === 'fatal' || level === 'panic' ? [error ?? msg ?? ''] : []
    } catch {
      return []
    }
  })
  return complaints.at(-1)?.slice(0, 500)
}
