import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

const SQLITE_BUSY = 5

/** A lock that this process has until `release` or its end. */
export interface FileLock {
  release(): void
}

/**
 * Takes a lock of the kernel on a file, through SQLite because Node has no call for it. It ends with the process however
 * that ends, and holds between containers that share a volume.
 * @param patienceMs how long another holder is waited for; the process stands still meanwhile
 * @returns undefined if another process (or another caller in this one) has it
 * @throws if the file cannot be made or locked at all
 */
export function takeLock(file: string, patienceMs: number): FileLock | undefined {
  const lock = new DatabaseSync(file, { timeout: patienceMs })
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return { release: () => lock.close() }
  } catch (cause) {
    lock.close()
    if ((cause as { errcode?: number }).errcode === SQLITE_BUSY) return undefined
    throw cause
  }
}

/** Whether somebody has the lock now. */
export function isLocked(file: string): boolean {
  if (!existsSync(file)) return false
  const lock = new DatabaseSync(file, { timeout: 0 })
  try {
    lock.exec('BEGIN IMMEDIATE; ROLLBACK')
    return false
  } catch (cause) {
    if ((cause as { errcode?: number }).errcode === SQLITE_BUSY) return true
    throw cause
  } finally {
    lock.close()
  }
}
