import { once } from 'node:events'
import type { Readable } from 'node:stream'
import type { Disk } from 'flydrive'

/** Where the bytes of files are kept. Keys are made by the server, never by users. */
export interface FileStorage {
  /**
   * Writes an object; resolves when it would survive a power failure. What a failed write left behind may stay until
   * it is removed.
   * @throws StorageFullError, or the error of `content`
   */
  write(key: string, content: Readable): Promise<void>
  /** Opens an object for reading. @throws MissingBytesError if there is none */
  read(key: string): Promise<Readable>
  /** Removes an object; one that is not there is removed already. */
  remove(key: string): Promise<void>
}

/** The storage has no object with this key, although it should have: a folder that is not shared, or was not restored. */
export class MissingBytesError extends Error {
  override readonly name = 'MissingBytesError'
}

/** No room is left where files are kept. */
export class StorageFullError extends Error {
  override readonly name = 'StorageFullError'
}

/** Codes of a full disk, a full quota, and a file larger than the file system takes. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** The error with a code that a library may have wrapped into errors of its own. */
function codeOf(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ('code' in current && typeof current.code === 'string' && !current.code.startsWith('E_'))
      return current.code
  }
  return undefined
}

/**
 * A storage on one of flydrive's disks: a local folder, S3 or what is compatible with it.
 * @param makeDurable called after an object was written, for disks on which written does not mean synced
 */
export function diskStorage(disk: Disk, makeDurable: (key: string) => Promise<void>): FileStorage {
  return {
    async write(key, content) {
      try {
        await disk.putStream(key, content)
        await makeDurable(key)
      } catch (cause) {
        if (content.errored) throw content.errored
        if (FULL.has(codeOf(cause) ?? ''))
          throw new StorageFullError('no room is left where files are kept', { cause })
        throw cause
      }
    },
    async read(key) {
      const missing = (cause?: unknown) => new MissingBytesError(`there is no object ${key}`, { cause })
      if (!(await disk.exists(key))) throw missing()
      const stream = await disk.getStream(key)
      try {
        // Streams open late: only now is it known that the object can be read at all.
        await once(stream, 'readable')
      } catch (cause) {
        throw codeOf(cause) === 'ENOENT' ? missing(cause) : cause
      }
      return stream
    },
    remove: (key) => disk.delete(key),
  }
}
