import { chmodSync, mkdirSync } from 'node:fs'
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

/** Root's PostgreSQL runs as another user, who must be able to pass through to the part that is theirs. */
function makeDirectory(dataDir: string): void {
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700
  try {
    const first = mkdirSync(dataDir, { recursive: true })
    chmodSync(dataDir, mode)
    // What was made on the way there must let that user through too, whatever the umask.
    for (let made = path.dirname(dataDir); first && made.startsWith(first); made = path.dirname(made))
      chmodSync(made, 0o755)
  } catch (cause) {
    throw new ConfigError(
      `the data directory ${dataDir} cannot be used (${(cause as NodeJS.ErrnoException).code}): choose another TRAMONTANE_DATA_DIR, or mend its owner`,
    )
  }
}
