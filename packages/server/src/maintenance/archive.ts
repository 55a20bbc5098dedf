import { createHash, type Hash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { MaintenanceError } from './maintenance-error.ts'
import { BLOCK, header, parseHeader } from './tar-header.ts'

/**
 * The file of a backup: a tar archive, compressed with zstd, whose last entry holds the SHA-256 of all others in the
 * format of `sha256sum`. `tar --zstd -xf FILE && sha256sum -c SHA256SUMS` checks it without us.
 */
const SUMS = 'SHA256SUMS'
/** Lets zstd notice a changed bit anywhere, headers and padding included, which the sums do not cover. */
const CHECKED = { params: { [constants.ZSTD_c_checksumFlag]: 1 } }

/** One file of the archive. `content` gives exactly `size` bytes. */
export interface ArchiveEntry {
  readonly name: string
  readonly size: number
  readonly content: AsyncIterable<Buffer> | Iterable<Buffer>
}

/** An entry that is all there. */
export function wholeEntry(name: string, content: Buffer): ArchiveEntry {
  return { name, size: content.length, content: [content] }
}

/**
 * Writes the entries to a file, readable by its owner only, and syncs it. Memory does not depend on their size.
 * @returns the bytes of the file
 */
export async function writeArchive(file: string, entries: AsyncIterable<ArchiveEntry>): Promise<number> {
  const output = createWriteStream(file, { mode: 0o600, flush: true })
  await pipeline(Readable.from(tar(entries)), createZstdCompress(CHECKED), output)
  return output.bytesWritten
}

async function* tar(entries: AsyncIterable<ArchiveEntry>): AsyncGenerator<Buffer> {
  let sums = ''
  for await (const entry of entries) {
    const hash = createHash('sha256')
    yield* tarEntry(entry, hash)
    sums += `${hash.digest('hex')}  ${entry.name}\n`
  }
  yield* tarEntry(wholeEntry(SUMS, Buffer.from(sums)), createHash('sha256'))
  yield Buffer.alloc(2 * BLOCK)
}

async function* tarEntry({ name, size, content }: ArchiveEntry, hash: Hash): AsyncGenerator<Buffer> {
  yield header(name, size)
  let written = 0
  for await (const chunk of content) {
    written += chunk.length
    hash.update(chunk)
    yield chunk
  }
  if (written !== size) throw new MaintenanceError(`${name} changed while it was read: try again`)
  yield Buffer.alloc(padding(size))
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK
}

/** Bytes of a stream, asked for by number. */
class ByteReader {
  readonly #source: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  async *take(count: number): AsyncGenerator<Buffer> {
    let missing = count
    while (missing > 0) {
      if (this.#rest.length === 0) {
        const next = await this.#source.next()
        if (next.done) throw new Error('it ends too early')
        this.#rest = next.value
      }
      const part = this.#rest.subarray(0, missing)
      this.#rest = this.#rest.subarray(part.length)
      missing -= part.length
      yield part
    }
  }

  async skipToEnd(): Promise<void> {
    while (!(await this.#source.next()).done);
  }

  async read(count: number): Promise<Buffer> {
    return Buffer.concat(await Array.fromAsync(this.take(count)))
  }
}

/**
 * Reads an archive entry by entry. An entry's content must be read to its end before the next one is asked for.
 * @throws MaintenanceError if the file is no archive of ours, is cut off or was changed; only known for certain when
 *   the last entry was reached
 */
export async function* readArchive(file: string): AsyncGenerator<ArchiveEntry> {
  const input = createReadStream(file)
  const plain = createZstdDecompress()
  input.once('error', (error) => plain.destroy(error))
  const reader = new ByteReader(input.pipe(plain))
  const sums = new Map<string, string>()
  try {
    for (;;) {
      const { name, size } = parseHeader(await reader.read(BLOCK))
      if (name === SUMS) {
        checkSums((await reader.read(size)).toString(), sums)
        await reader.skipToEnd()
        return
      }
      const hash = createHash('sha256')
      yield { name, size, content: hashed(file, reader.take(size), hash) }
      await reader.read(padding(size))
      sums.set(name, hash.digest('hex'))
    }
  } catch (cause) {
    throw broken(file, cause as Error)
  } finally {
    input.destroy()
    plain.destroy()
  }
}

async function* hashed(file: string, content: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of content) {
      hash.update(chunk)
      yield chunk
    }
  } catch (cause) {
    throw broken(file, cause as Error)
  }
}

function broken(file: string, cause: Error): Error {
  if (cause instanceof MaintenanceError) return cause
  return new MaintenanceError(`${file} is no whole backup: ${cause.message}`, { cause })
}

function checkSums(expected: string, found: ReadonlyMap<string, string>): void {
  const lines = expected.split('\n').filter((line) => line !== '')
  const differing = lines.find((line) => found.get(line.slice(66)) !== line.slice(0, 64))
  if (differing !== undefined)
    throw new Error(`the checksum of ${differing.slice(66)} is not the one it was written with`)
  if (lines.length !== found.size) throw new Error('it has more entries than it was written with')
}
