import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, mkdirSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { SERVER, SQL_TOOL } from './temporal-programs.ts'

/** Where Temporal's releases are; a folder for each version. */
export const RELEASES = 'https://github.com/temporalio/temporal/releases/download'

const CHECKSUMS = 'checksums.txt'
const CHECKSUMS_MS = 30_000
const CHECKSUMS_BYTES = 1_048_576
/** A server that sends nothing for this long has stalled. */
const SILENCE_MS = 30_000
const ARCHIVE_BYTES = 1_073_741_824

/**
 * Fetches both programs from the official release of a version. Nothing of the archive is unpacked before the whole of
 * it has the checksum that the release's own list of checksums names.
 * @param parts.releases `RELEASES`, or a stand-in
 * @param parts.target an empty folder for the programs
 * @param parts.onProgress takes the bytes so far, and of how many
 * @throws with a reason for users
 */
export async function fetchRelease(parts: {
  releases: string
  version: string
  target: string
  signal: AbortSignal
  onProgress: (progress: { bytes: number; of: number | undefined }) => void
  /** That the programs are for, in Node's words. */
  machine: { readonly platform: string; readonly arch: string }
}): Promise<void> {
  const { version, target, signal, machine } = parts
  const name = archiveName(version, machine)
  if (!name) throw new Error(`there is no release for ${machine.platform} on ${machine.arch}`)
  const folder = `${parts.releases}/v${version}`
  const expected = await expectedChecksum(`${folder}/${CHECKSUMS}`, name, signal)
  mkdirSync(target, { recursive: true })
  const archive = path.join(target, name)
  try {
    const found = await download(`${folder}/${name}`, archive, parts)
    if (found !== expected)
      throw new Error(
        `${name} has the checksum ${found}, but the release says ${expected}: it is damaged, or not the release`,
      )
    await unpack(archive, target, [SERVER, SQL_TOOL])
  } finally {
    rmSync(archive, { force: true })
  }
}

function archiveName(
  version: string,
  { platform, arch }: { platform: string; arch: string },
): string | undefined {
  const system = platform === 'linux' || platform === 'darwin' ? platform : undefined
  const machine = ({ x64: 'amd64', arm64: 'arm64' } as Record<string, string>)[arch]
  return system && machine && `temporal_${version}_${system}_${machine}.tar.gz`
}

async function expectedChecksum(url: string, name: string, signal: AbortSignal): Promise<string> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(CHECKSUMS_MS)])
  const response = await get(url, limit)
  const length = Number(response.headers.get('content-length') ?? 0)
  if (length > CHECKSUMS_BYTES) throw new Error(`${url} is no list of checksums`)
  const lines = (await response.text()).split('\n')
  const found = lines
    .map((line) => /^([0-9a-f]{64})\s+\*?(\S+)\s*$/i.exec(line))
    .find((row) => row?.[2] === name)
  if (!found) throw new Error(`${url} names no checksum for ${name}`)
  return found[1]!.toLowerCase()
}

/** Writes what is at the address into a file, and gives its SHA-256. */
async function download(
  url: string,
  file: string,
  { signal, onProgress }: Pick<Parameters<typeof fetchRelease>[0], 'signal' | 'onProgress'>,
): Promise<string> {
  const silence = new AbortController()
  const reset = () => timer.refresh()
  const timer = setTimeout(() => silence.abort(new Error(`${url} sends nothing any more`)), SILENCE_MS)
  try {
    const response = await get(url, AbortSignal.any([signal, silence.signal]))
    const of = Number(response.headers.get('content-length')) || undefined
    const hash = createHash('sha256')
    let bytes = 0
    const watch = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length
        if (bytes > ARCHIVE_BYTES) return done(new Error(`${url} is larger than any release`))
        hash.update(chunk)
        reset()
        onProgress({ bytes, of })
        done(null, chunk)
      },
    })
    await pipeline(response.body!, watch, createWriteStream(file, { mode: 0o600 }))
    return hash.digest('hex')
  } finally {
    clearTimeout(timer)
  }
}

async function get(url: string, signal: AbortSignal): Promise<Response> {
  let response: Response
  try {
    response = await fetch(url, { signal })
  } catch (error) {
    signal.throwIfAborted()
    const { cause, message } = error as Error
    throw new Error(`${url} cannot be reached: ${(cause as Error | undefined)?.message || message}`)
  }
  if (response.ok && response.body) return response
  await response.body?.cancel()
  throw new Error(`${url} answers ${response.status}`)
}

const BLOCK = 512

/** Unpacks files of a tar archive by name, from whatever folder of it, and leaves out everything else. */
async function unpack(archive: string, target: string, names: readonly string[]): Promise<void> {
  const left = new Set(names)
  const bytes = new ByteReader(createReadStream(archive).pipe(createGunzip()))
  for (;;) {
    const header = await bytes.take(BLOCK)
    if (header === undefined || header.every((byte) => byte === 0)) break
    const text = (from: number, length: number) =>
      header.toString('latin1', from, from + length).replace(/\0.*$/s, '')
    const size = Number.parseInt(text(124, 12).trim(), 8)
    if (!Number.isSafeInteger(size)) throw new Error('the archive is no tar archive')
    const name = path.posix.basename(text(0, 100))
    const isFile = text(156, 1) === '0' || text(156, 1) === ''
    const wanted = isFile && left.delete(name)
    const output = wanted ? await open(path.join(target, name), 'wx', 0o755) : undefined
    try {
      for (let rest = size; rest > 0; ) {
        const chunk = await bytes.take(Math.min(rest, 65_536))
        if (!chunk) throw new Error('the archive ends too early')
        await output?.write(chunk)
        rest -= chunk.length
      }
    } finally {
      await output?.close()
    }
    if (size % BLOCK > 0) await bytes.take(BLOCK - (size % BLOCK))
  }
  if (left.size > 0) throw new Error(`the archive has no ${[...left].join(' and no ')}`)
}

/** Takes pieces of a size of one's own from a stream. */
class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>
  #buffer: Buffer = Buffer.alloc(0)

  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]()
  }

  /** Exactly so many bytes; undefined if there are not as many left. */
  async take(size: number): Promise<Buffer | undefined> {
    while (this.#buffer.length < size) {
      const { value, done } = await this.#chunks.next()
      if (done) return undefined
      this.#buffer = this.#buffer.length === 0 ? value : Buffer.concat([this.#buffer, value])
    }
    const taken = this.#buffer.subarray(0, size)
    this.#buffer = this.#buffer.subarray(size)
    return taken
  }
}
