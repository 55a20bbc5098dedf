import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { searchPath } from '../../config/env.ts'
import { type FileLock, takeLock } from '../file-lock.ts'
import { configuredPrograms } from './configured-programs.ts'
import { fetchRelease, RELEASES } from './temporal-archive.ts'
import { buildPrograms, findGo } from './temporal-build.ts'
import {
  foldersOnPath,
  inspect,
  isNewEnough,
  keptFolders,
  type Pins,
  ProgramsMissingError,
  readPins,
  SQL_TOOL,
  type TemporalPrograms,
} from './temporal-programs.ts'

/** After an attempt that failed, the next one: whoever reads the reason has mended it by then, or not at all. */
const AGAIN_MS = 10 * 60_000
const LOCK_POLL_MS = 250
const LOG_MS = 20_000
/** Where Go often is without being on the PATH. */
const WELL_KNOWN = ['/usr/local/go/bin', '/opt/homebrew/bin', '/usr/lib/go/bin', '/snap/bin']

/** Finds or makes Temporal's programs, which may take minutes. `onProgress` takes a sentence that says what is being done. */
export type FindPrograms = (
  signal: AbortSignal,
  onProgress: (doing: string) => void,
) => Promise<TemporalPrograms>

/** How programs are looked for. */
export interface ProgramSearch {
  /** The only place to look, if configured: a folder, or the server's program with the other one beside it. */
  readonly bin: string | null
  /** The folder in which those that were made are kept. */
  readonly keep: string
  readonly logger: Logger
  /** For tests: the folders of the PATH, where the releases are, and the machine that they are for. */
  readonly searchPath?: string
  readonly releases?: string
  readonly machine?: { readonly platform: string; readonly arch: string }
}

/**
 * The order in which Temporal's programs are looked for: where the configuration says, on the PATH, those that were made
 * earlier; else they are built with Go from the pins of this package, else fetched from the official release. Making
 * them happens once, however many servers start; what was interrupted does not count.
 * @returns a function that throws ProgramsMissingError if there are none and none can be made
 */
export function findPrograms(search: ProgramSearch): FindPrograms {
  const pins = readPins()
  let failed: { at: number; reason: string } | undefined
  return async (signal, onProgress) => {
    if (search.bin !== null) return configuredPrograms(search.bin)
    const found = (await onPath(search)) ?? (await kept(search, pins))
    if (found) return found
    if (failed && Date.now() - failed.at < AGAIN_MS) throw new ProgramsMissingError(failed.reason)
    const lock = await takeTurn(search, signal, onProgress)
    try {
      // Whoever had the lock may have made them.
      return (await kept(search, pins)) ?? (await make(search, pins, signal, onProgress))
    } catch (error) {
      signal.throwIfAborted()
      failed = { at: Date.now(), reason: (error as Error).message }
      throw error
    } finally {
      lock.release()
    }
  }
}

/**
 * Looks for programs without making any.
 * @returns what was found; else why what is configured does not do, or which version would be made, and with which Go
 */
export async function lookForPrograms(
  search: Omit<ProgramSearch, 'logger'>,
): Promise<{ found?: TemporalPrograms; missing?: string; version: string; go: string | undefined }> {
  const pins = readPins()
  const outlook = { version: pins.version, go: findGo(pathOf(search)) }
  if (search.bin !== null) {
    return configuredPrograms(search.bin).then(
      (found) => ({ ...outlook, found }),
      (error: Error) => ({ ...outlook, missing: error.message }),
    )
  }
  const found = (await onPath(search)) ?? (await kept(search, pins))
  return found ? { ...outlook, found } : outlook
}

async function onPath(search: Pick<ProgramSearch, 'searchPath'>) {
  for (const folder of foldersOnPath(pathOf(search))) {
    const found = await inspect(folder, 'path')
    if (found && isNewEnough(found.version)) return found
  }
  return undefined
}

function pathOf(search: Pick<ProgramSearch, 'searchPath'>): string {
  return search.searchPath ?? [searchPath(), ...WELL_KNOWN].join(path.delimiter)
}

async function kept(
  { keep }: Pick<ProgramSearch, 'keep'>,
  pins: Pins,
): Promise<TemporalPrograms | undefined> {
  const { built, downloaded } = keptFolders(keep, pins)
  return (await inspect(built, 'built')) ?? (await inspect(downloaded, 'downloaded'))
}

async function takeTurn(
  { keep, logger }: ProgramSearch,
  signal: AbortSignal,
  onProgress: (doing: string) => void,
): Promise<FileLock> {
  mkdirSync(keep, { recursive: true, mode: 0o700 })
  for (let told = false; ; told = true) {
    const lock = takeLock(path.join(keep, 'making.lock'), 0)
    if (lock) return lock
    if (!told) {
      logger.info({ keep }, 'waiting for another start that is making the workflow engine')
      onProgress(
        'The workflow engine (Temporal) is being made ready by another start; try again in some minutes.',
      )
    }
    await delay(LOCK_POLL_MS, undefined, { signal })
  }
}

async function make(
  search: ProgramSearch,
  pins: Pins,
  signal: AbortSignal,
  onProgress: (doing: string) => void,
): Promise<TemporalPrograms> {
  const { keep, logger } = search
  for (const name of readdirSync(keep))
    if (name.endsWith('.partial')) rmSync(path.join(keep, name), { recursive: true, force: true })
  const { built, downloaded } = keptFolders(keep, pins)
  const say = speaker(logger, onProgress)
  const go = findGo(pathOf(search))
  let noBuild = `Go (${pins.go} or newer) is not installed`
  if (go !== undefined) {
    try {
      return await build({ search, pins, signal, go, target: built, say })
    } catch (error) {
      signal.throwIfAborted()
      noBuild = `building it with ${go} failed (${(error as Error).message})`
      logger.warn({ err: error }, 'Temporal cannot be built')
    }
  }
  try {
    return await fetchOfficial({ search, pins, signal, target: downloaded, say })
  } catch (error) {
    signal.throwIfAborted()
    const noRelease = `fetching its release failed (${(error as Error).message})`
    logger.warn({ err: error }, 'Temporal cannot be fetched')
    throw new ProgramsMissingError(
      `There is no workflow engine: ${noBuild}, and ${noRelease}. Install Go, put temporal-server and ${SQL_TOOL} ${pins.version} into a folder that TRAMONTANE_TEMPORAL_BIN names, or name a Temporal that runs elsewhere with TRAMONTANE_TEMPORAL_ADDRESS.`,
    )
  }
}

interface Making {
  readonly search: ProgramSearch
  readonly pins: Pins
  readonly signal: AbortSignal
  readonly target: string
  readonly say: (doing: string, howFar: string) => void
}

async function build({ search, pins, signal, target, say, go }: Making & { go: string }) {
  const doing = `Temporal ${pins.version} is being built with Go, once, which takes some minutes`
  say(doing, '')
  const partial = `${target}.partial`
  const cache = path.join(search.keep, 'go')
  const onProgress = ({
    fetched,
    compiled,
    of,
  }: {
    fetched: number
    compiled: number
    of?: number | undefined
  }) =>
    say(
      doing,
      of === undefined ? `${fetched} modules are fetched` : `${compiled} of ${of} packages are compiled`,
    )
  await buildPrograms({ go, pins, target: partial, cache, signal, onProgress })
  return finish(partial, target, pins, 'built', search.logger)
}

async function fetchOfficial({ search, pins, signal, target, say }: Making) {
  const doing = `Temporal ${pins.version} is being fetched, once`
  say(doing, '')
  const partial = `${target}.partial`
  const onProgress = ({ bytes, of }: { bytes: number; of: number | undefined }) =>
    say(doing, `${megabytes(bytes)}${of === undefined ? '' : ` of ${megabytes(of)}`} MB are here`)
  const { releases = RELEASES, machine = process } = search
  await fetchRelease({ releases, version: pins.version, target: partial, signal, onProgress, machine })
  return finish(partial, target, pins, 'downloaded', search.logger)
}

/** What was made is tried, and takes its place whole. */
async function finish(
  partial: string,
  target: string,
  pins: Pins,
  origin: TemporalPrograms['origin'],
  logger: Logger,
): Promise<TemporalPrograms> {
  const made = await inspect(partial, origin)
  if (made?.version !== pins.version) throw new Error('what was made does not run here')
  rmSync(target, { recursive: true, force: true })
  renameSync(partial, target)
  logger.info({ version: pins.version, folder: target, origin }, 'the workflow engine (Temporal) is here')
  return (await inspect(target, origin))!
}

/** Tells at once who asks, and the log every now and then. */
function speaker(logger: Logger, onProgress: (doing: string) => void): Making['say'] {
  let last: { doing: string; at: number } | undefined
  return (doing, howFar) => {
    onProgress(`The workflow engine is not there yet: ${doing}${howFar && `; ${howFar}`}.`)
    if (last?.doing === doing && Date.now() - last.at < LOG_MS) return
    last = { doing, at: Date.now() }
    logger.info(howFar === '' ? doing : `${doing}; ${howFar}`)
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(0)
}
