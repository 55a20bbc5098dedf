import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
/** Where much else is under way a program takes its time, and one that does not answer stops a start. */
const VERSION_MS = 30_000

/** Temporal's programs, of one version. */
export interface TemporalPrograms {
  readonly server: string
  readonly sqlTool: string
  /** As the server says it: `1.31.2`. */
  readonly version: string
  /** Where they come from. */
  readonly origin: 'configured' | 'path' | 'built' | 'downloaded'
}

export const SERVER = 'temporal-server'
export const SQL_TOOL = 'temporal-sql-tool'

/** What this version of Tramontane builds and runs: `go.mod` and `go.sum`, committed, so that our hashes vouch for it. */
export interface Pins {
  /** The folder of `go.mod` and `go.sum`. */
  readonly folder: string
  /** Of Temporal: `1.31.2`. */
  readonly version: string
  /** Of Go, at least: `1.26.4`. */
  readonly go: string
  /** Changes with every pin. */
  readonly mark: string
}

/** Reads the pins of this package. */
export function readPins(folder = fileURLToPath(new URL('../../../temporal/', import.meta.url))): Pins {
  const goMod = readFileSync(path.join(folder, 'go.mod'), 'utf8')
  const goSum = readFileSync(path.join(folder, 'go.sum'))
  return {
    folder,
    version: /^\s*go\.temporal\.io\/server v(\S+)/m.exec(goMod)![1]!,
    go: /^go (\S+)/m.exec(goMod)![1]!,
    mark: createHash('sha256').update(goMod).update(goSum).digest('hex').slice(0, 12),
  }
}

/** Where the programs that were built are kept, and where those of the release. */
export function keptFolders(
  programs: string,
  { version, mark }: Pins,
): { built: string; downloaded: string } {
  return {
    built: path.join(programs, `${version}-${mark}`),
    downloaded: path.join(programs, `${version}-release`),
  }
}

/** What workers of today need. */
export const OLDEST = '1.29.0'

/** Whether a version that somebody else chose is one that workers of today can use. */
export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  const [oldestMajor, oldestMinor] = OLDEST.split('.').map(Number)
  return major > oldestMajor! || (major === oldestMajor && minor >= oldestMinor!)
}

/** Temporal's programs cannot be found or made. Its message is for users: what is missing, and how to get it. */
export class ProgramsMissingError extends Error {
  override readonly name = 'ProgramsMissingError'
}

/**
 * Looks at what is in a folder, or beside a program.
 * @param location the folder, or the server's program in it
 * @returns undefined if one of them is missing or does not run here
 */
export async function inspect(
  location: string,
  origin: TemporalPrograms['origin'],
): Promise<TemporalPrograms | undefined> {
  const isFolder = existsSync(location) && statSync(location).isDirectory()
  const server = isFolder ? path.join(location, SERVER) : location
  const sqlTool = path.join(path.dirname(server), SQL_TOOL)
  if (!existsSync(server) || !existsSync(sqlTool)) return undefined
  try {
    const { stdout } = await run(server, ['--version'], { timeout: VERSION_MS })
    const version = /\d+\.\d+\.\d+\S*/.exec(stdout)?.[0]
    return version === undefined ? undefined : { server, sqlTool, version, origin }
  } catch {
    return undefined
  }
}

/** The folders of a PATH that have a Temporal. */
export function foldersOnPath(searchPath: string): string[] {
  return searchPath
    .split(path.delimiter)
    .filter((folder) => folder !== '' && existsSync(path.join(folder, SERVER)))
}
