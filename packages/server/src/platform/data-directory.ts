import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { ConfigError } from '../config/config-error.ts'
import { type FileLock, isLocked, takeLock } from './file-lock.ts'

/**
 * Makes the data directory, private as far as it can be, and claims it: one server at a time.
 *
 * The claim is a lock of the kernel. It is there before the database is, so that two servers that start at the same
 * moment do not both make one.
 * @throws ConfigError if the directory cannot be made or another server has it
 */
export function claimDataDirectory(dataDir: string): FileLock {
  makeDirectory(dataDir)
  let lock: FileLock | undefined
  try {
    // The moment's patience is for a predecessor that is just ending, and for `isClaimed`.
    lock = takeLock(path.join(dataDir, LOCK_FILE), 1_000)
  } catch (cause) {
    throw new ConfigError(`${dataDir} cannot be locked: ${(cause as Error).message}`)
  }
  if (lock) return lock
  throw new ConfigError(
    `another Tramontane server is running on the data directory ${dataDir}: stop it, or choose another TRAMONTANE_DATA_DIR`,
  )
}

/** Whether a server (or a restore) has the data directory now. */
export function isClaimed(dataDir: string): boolean {
  return isLocked(path.join(dataDir, LOCK_FILE))
}

const LOCK_FILE = 'server.lock'
/** By one of these a data directory is known; in the last two the demo and the examples have theirs. */
const OURS = [LOCK_FILE, 'postgres', 'temporal', 'files', 'spool', 'demo', 'examples']

/** Root's PostgreSQL runs as another user, who must be able to pass through to the part that is theirs. */
function makeDirectory(dataDir: string): void {
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700
  try {
    // What is made on the way there must let that user through too, whatever the umask.
    for (const folder of missingFolders(dataDir)) {
      makeFolder(folder)
      if (folder !== dataDir) chmodSync(folder, 0o755)
    }
    const others = otherThingsIn(dataDir)
    if (others) throw new ConfigError(`${others}: set TRAMONTANE_DATA_DIR to a folder of its own`)
    chmodSync(dataDir, mode)
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause
    throw new ConfigError(
      `the data directory ${dataDir} cannot be used (${(cause as NodeJS.ErrnoException).code}): choose another TRAMONTANE_DATA_DIR, or mend its owner`,
    )
  }
}

/**
 * What speaks against a folder as a data directory, which is closed to others: in /etc or somebody's home that would break
 * what else is there.
 * @returns a sentence without its full stop; undefined for one of ours, and for an empty one
 */
export function otherThingsIn(dataDir: string): string | undefined {
  const content = readdirSync(dataDir).filter((name) => !name.startsWith('.') && name !== 'lost+found')
  if (content.length === 0 || content.some((name) => OURS.includes(name))) return undefined
  const some = `${content.slice(0, 3).join(', ')}${content.length > 3 ? ', …' : ''}`
  return `the data directory ${dataDir} holds other things (${some})`
}

/** From the outermost on. They are made one by one: where nothing can be, as in /proc, Node's `recursive` tries for ever. */
function missingFolders(folder: string): string[] {
  return existsSync(folder) ? [] : [...missingFolders(path.dirname(folder)), folder]
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder)
  } catch (error) {
    // Another server that starts at this moment may have made it.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error
  }
}
