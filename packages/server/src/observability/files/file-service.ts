import type { Readable } from 'node:stream'
import { MAX_FILE_BYTES } from '@tramontane/contract/files'
import type { Logger } from 'pino'
import type { FileStorage } from '../../platform/files/file-storage.ts'
import { MissingBytesError, StorageFullError } from '../../platform/files/file-storage.ts'
import type { Caller } from '../../platform/http/auth.ts'
import { ApiError } from '../../platform/http/errors.ts'
import { isUuid, newUuid } from '../../platform/uuid.ts'
import { meter } from './byte-meter.ts'
import { cleanFileName } from './file-name.ts'
import type { FileFilter, FileStore, FileViewer, StoredFile } from './file-store.ts'
import type { LinkQuery, SignedLinks } from './signed-links.ts'

/** Bytes that are in the storage, and not yet a file. */
export interface ReceivedBytes {
  readonly workspaceId: string
  readonly id: string
  readonly filename: string
  readonly bytes: number
  readonly lines: number
}

/** What a file is, beside its bytes and its name. */
export type FileDetails = Pick<StoredFile, 'owner_id' | 'purpose' | 'source' | 'mimetype' | 'visibility'> & {
  /** Hours after which it goes; undefined keeps it. */
  readonly expiry?: number
}

/** After this time an upload that was never finished is left over. */
const UPLOAD_SECONDS = 24 * 3600
const SWEEP_BATCH = 200
/** Bytes that could not be removed are tried again after so long. */
const RETRY_SECONDS = 600

function notFound(id: string): ApiError {
  return new ApiError('FILE_NOT_FOUND', `No file has the id ${id}, or it has expired.`)
}

/** Our own ids name objects; nothing of a user's does. */
function keyOf(workspaceId: string, id: string): string {
  return `${workspaceId}/${id}`
}

/** Files: bytes first, then the row; the row goes first, then the bytes. */
export class FileService {
  readonly #store: FileStore
  readonly #storage: FileStorage
  readonly #links: SignedLinks
  readonly #logger: Logger

  constructor(parts: { store: FileStore; storage: FileStorage; links: SignedLinks; logger: Logger }) {
    this.#store = parts.store
    this.#storage = parts.storage
    this.#links = parts.links
    this.#logger = parts.logger
  }

  /**
   * Writes bytes into the storage, where they are left over until `keep`.
   * @param limit bytes at most; null for what the server itself writes
   * @throws ApiError PAYLOAD_TOO_LARGE, SERVICE_UNAVAILABLE if no room is left; nothing is kept then
   */
  async receive(
    workspaceId: string,
    name: string | undefined,
    content: AsyncIterable<Buffer>,
    limit: number | null = MAX_FILE_BYTES,
  ): Promise<ReceivedBytes> {
    const id = newUuid()
    await this.#store.announce(workspaceId, id, UPLOAD_SECONDS)
    const measured = meter(content, limit)
    try {
      await this.#storage.write(keyOf(workspaceId, id), measured.stream)
    } catch (cause) {
      await this.#clear(workspaceId, id)
      if (cause instanceof StorageFullError)
        throw new ApiError('SERVICE_UNAVAILABLE', 'The server has no room left for files.', { cause })
      throw cause
    }
    return { workspaceId, id, filename: cleanFileName(name), bytes: measured.bytes, lines: measured.lines }
  }

  /** Makes a file of what was received. @throws ApiError SERVICE_UNAVAILABLE if that took longer than a day */
  async keep(received: ReceivedBytes, { expiry, ...details }: FileDetails): Promise<StoredFile> {
    const { workspaceId, id, filename, bytes, lines } = received
    const added = await this.#store.add({
      workspace_id: workspaceId,
      id,
      filename,
      bytes,
      ...details,
      sample_type: details.purpose === 'batch' ? 'batch_request' : 'instruct',
      num_lines: /\.jsonl$/i.test(filename) ? lines : null,
      expires_at: expiry === undefined ? null : new Date(Date.now() + expiry * 3_600_000),
    })
    if (!added) throw new ApiError('SERVICE_UNAVAILABLE', 'The upload took longer than a day; send it again.')
    return added
  }

  /** Drops what was received. */
  async discard({ workspaceId, id }: ReceivedBytes): Promise<void> {
    await this.#clear(workspaceId, id)
  }

  list(caller: Caller, filter: FileFilter, page: { limit: number; offset: number }): Promise<StoredFile[]> {
    return this.#store.list(viewerOf(caller), filter, page)
  }

  count(caller: Caller, filter: FileFilter): Promise<number> {
    return this.#store.count(viewerOf(caller), filter)
  }

  /** @throws ApiError FILE_NOT_FOUND */
  get(caller: Caller, id: string): Promise<StoredFile> {
    return this.#find(viewerOf(caller), id)
  }

  /** @throws ApiError FILE_NOT_FOUND */
  async delete(caller: Caller, id: string): Promise<void> {
    if (!isUuid(id) || !(await this.#store.remove(viewerOf(caller), id))) throw notFound(id)
    // As the server writes it: its bytes are kept under that name.
    await this.#clear(caller.workspaceId, id.toLowerCase())
  }

  /** A file with its bytes. @throws ApiError FILE_NOT_FOUND, also if the bytes are not where they should be */
  async open(caller: Caller, id: string): Promise<{ file: StoredFile; content: Readable }> {
    return this.#open(viewerOf(caller), id)
  }

  /** A file with its bytes, for work that someone who may see it has asked for; undefined if it is gone. */
  async openForWork(
    workspaceId: string,
    id: string,
  ): Promise<{ bytes: number; content: Readable } | undefined> {
    try {
      const { file, content } = await this.#open({ workspaceId, keyId: null }, id)
      return { bytes: file.bytes, content }
    } catch (error) {
      if (error instanceof ApiError && error.code === 'FILE_NOT_FOUND') return undefined
      throw error
    }
  }

  /** Writes a file of the server's own, of any size. @returns a link to it that works for `linkHours` */
  async publish(
    file: {
      workspaceId: string
      ownerId: string
      filename: string
      mimetype: string
      expiryHours: number
      linkHours: number
    },
    content: AsyncIterable<Buffer>,
  ): Promise<string> {
    const received = await this.receive(file.workspaceId, file.filename, content, null)
    const kept = await this.keep(received, {
      owner_id: file.ownerId,
      purpose: 'fine-tune',
      source: 'mistral',
      mimetype: file.mimetype,
      visibility: 'workspace',
      expiry: file.expiryHours,
    })
    return this.#links.make(kept.workspace_id, kept.id, file.linkHours)
  }

  /** A link that gives the file to whoever holds it. @throws ApiError FILE_NOT_FOUND */
  async link(caller: Caller, id: string, hours: number): Promise<string> {
    const file = await this.get(caller, id)
    return this.#links.make(file.workspace_id, file.id, hours)
  }

  /** What a signed link leads to. @throws ApiError FILE_NOT_FOUND, whatever is wrong with the link */
  async openLinked(id: string, query: LinkQuery): Promise<{ file: StoredFile; content: Readable }> {
    if (!isUuid(id) || !isUuid(query.workspace) || !(await this.#links.holds(id, query)))
      throw new ApiError('FILE_NOT_FOUND', 'This link is wrong or has expired; ask for a new one.')
    return this.#open({ workspaceId: query.workspace, keyId: null }, id)
  }

  /** Removes what has expired and what was left over, by killed uploads too. Run on a schedule. */
  async sweep(signal: AbortSignal): Promise<void> {
    while ((await this.#store.removeExpired(SWEEP_BATCH)) === SWEEP_BATCH);
    for (let left = SWEEP_BATCH; left === SWEEP_BATCH && !signal.aborted; ) {
      const due = await this.#store.leftovers(SWEEP_BATCH)
      for (const { workspace_id, id } of due)
        if (!(await this.#clear(workspace_id, id)))
          await this.#store.postpone(workspace_id, id, RETRY_SECONDS)
      left = due.length
    }
  }

  async #find(viewer: FileViewer, id: string): Promise<StoredFile> {
    const file = isUuid(id) ? await this.#store.find(viewer, id) : undefined
    if (!file) throw notFound(id)
    return file
  }

  async #open(viewer: FileViewer, id: string): Promise<{ file: StoredFile; content: Readable }> {
    const file = await this.#find(viewer, id)
    try {
      return { file, content: await this.#storage.read(keyOf(file.workspace_id, file.id)) }
    } catch (cause) {
      if (!(cause instanceof MissingBytesError)) throw cause
      this.#logger.error(
        { file: file.id },
        'the bytes of a file are missing: is its folder shared or restored?',
      )
      throw new ApiError(
        'FILE_NOT_FOUND',
        'The file is known, but its bytes are not in the storage of this server. Servers on one database must share their files.',
        { cause },
      )
    }
  }

  /** Removes left-over bytes now; if that fails, the sweep does it later. @returns whether they are gone */
  async #clear(workspaceId: string, id: string): Promise<boolean> {
    try {
      await this.#store.clear(workspaceId, id, () => this.#storage.remove(keyOf(workspaceId, id)))
      return true
    } catch (error) {
      this.#logger.warn({ err: error, file: id }, 'left-over bytes could not be removed; trying again later')
      return false
    }
  }
}

function viewerOf({ workspaceId, keyId, role }: Caller): FileViewer {
  return { workspaceId, keyId: role === 'admin' ? null : keyId }
}
