import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { toolEnvironment } from '../../config/env.ts'
import { type Pins, SERVER, SQL_TOOL } from './temporal-programs.ts'

/** The packages of the two programs, and what `go build` calls them. */
const PROGRAMS = {
  server: { pkg: 'go.temporal.io/server/cmd/server', name: SERVER },
  sql: { pkg: 'go.temporal.io/server/cmd/tools/sql', name: SQL_TOOL },
} as const
const PACKAGES = Object.values(PROGRAMS).map(({ pkg }) => pkg)

/** The `go` program in the folders of a PATH. */
export function findGo(searchPath: string): string | undefined {
  return searchPath
    .split(path.delimiter)
    .filter(Boolean)
    .map((folder) => path.join(folder, 'go'))
    .find((file) => existsSync(file))
}

/**
 * Builds both programs from the pins with Go: the modules that they need are fetched, and each is checked against `go.sum`.
 * It takes minutes, and leaves the machine to others meanwhile.
 * @param parts.target an empty folder for the programs
 * @param parts.cache a folder for Go's caches, for a user without a home
 * @param parts.onProgress takes what is done and, as soon as it is known, of how much
 * @throws with what Go said last
 */
export async function buildPrograms(parts: {
  go: string
  pins: Pins
  target: string
  cache: string
  signal: AbortSignal
  onProgress: (progress: { fetched: number; compiled: number; of: number | undefined }) => void
}): Promise<void> {
  const { target, onProgress } = parts
  let fetched = 0
  let compiled = 0
  let of: number | undefined
  const report = (line: string) => {
    if (line.startsWith('go: downloading')) fetched++
    else if (/^[\w.-]+(\/[\w.~-]+)*$/.test(line)) compiled++
    onProgress({ fetched, compiled, of })
  }
  const packages = await runGo(parts, ['list', '-mod=readonly', '-deps', ...PACKAGES], report)
  of = packages.length
  mkdirSync(target, { recursive: true })
  // -s -w: without the tables for debuggers, a third of the size.
  const flags = ['-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-v']
  await runGo(parts, ['build', ...flags, '-o', `${target}${path.sep}`, ...PACKAGES], report)
  for (const [made, { name }] of Object.entries(PROGRAMS))
    renameSync(path.join(target, made), path.join(target, name))
}

/** Runs Go in the folder of the pins, and gives the lines of its output. */
function runGo(
  { go, pins, cache, signal }: { go: string; pins: Pins; cache: string; signal: AbortSignal },
  args: readonly string[],
  onLine: (line: string) => void,
): Promise<string[]> {
  signal.throwIfAborted()
  const home = toolEnvironment()
  const child = spawn(go, args, {
    cwd: pins.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what it starts ends with it.
    detached: true,
    env: {
      ...(home.HOME ? {} : { GOPATH: path.join(cache, 'path'), GOCACHE: path.join(cache, 'build') }),
      ...home,
      CGO_ENABLED: '0',
      GOWORK: 'off',
      GO111MODULE: 'on',
    },
  })
  const stop = () => endGroup(child.pid)
  signal.addEventListener('abort', stop, { once: true })
  lowerPriority(child.pid)
  const output: string[] = []
  const said: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => output.push(line))
  createInterface({ input: child.stderr }).on('line', (line) => {
    said.push(line)
    if (said.length > 50) said.shift()
    onLine(line)
  })
  return new Promise<string[]>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (signal.aborted) reject(signal.reason)
      else if (code === 0) resolve(output)
      else reject(new Error(complaint(said) ?? `go ${args[0]} ended with ${code}`))
    })
  }).finally(() => signal.removeEventListener('abort', stop))
}

/** The line that says why, without those that only say that something was fetched or compiled. */
function complaint(said: readonly string[]): string | undefined {
  const lines = said.filter((line) => line.startsWith('go: ') && !line.startsWith('go: downloading'))
  return (lines.at(-1) ?? said.at(-1))?.trim().slice(0, 300)
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

function lowerPriority(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW)
  } catch {
    // It has ended, or the system does not let us.
  }
}
