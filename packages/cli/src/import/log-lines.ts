import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { PassThrough, pipeline, type Readable, Transform } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { CliError, usageError } from '../cli-error.ts'

/** Bytes of a line that are still read; a longer one is told by its number. */
const MAX_LINE_BYTES = 16 * 1024 * 1024

/** A line of a log. `text` is null if it is too long, or no UTF-8. */
export interface LogLine {
  /** From 1. */
  readonly number: number
  readonly text: string | null
}

/** A log being read. */
export interface LogSource {
  readonly lines: AsyncIterable<LogLine>
  /** Bytes of the file; null for standard input. */
  readonly size: number | null
  /** Bytes read so far, as they are in the file. */
  bytesRead(): number
}

/** Passes on what it gets, decompressed if it begins as gzip does. */
function decompressed(source: Readable): Readable {
  const out = new PassThrough()
  source.once('error', (error) => out.destroy(error))
  source.once('end', () => out.end())
  source.once('data', (first: Buffer) => {
    source.pause()
    source.removeAllListeners('end')
    source.unshift(first)
    const isGzip = first[0] === 0x1f && first[1] === 0x8b
    const done = (error: Error | null | undefined) => void (error && out.destroy(error))
    if (isGzip) pipeline(source, createGunzip(), out, done)
    else pipeline(source, out, done)
  })
  return out
}

const decoder = new TextDecoder('utf-8', { fatal: true })

function decode(parts: readonly Buffer[], length: number): string | null {
  if (length > MAX_LINE_BYTES) return null
  try {
    return decoder.decode(parts.length === 1 ? parts[0]! : Buffer.concat(parts))
  } catch {
    return null
  }
}

async function* split(source: Readable): AsyncGenerator<LogLine> {
  let number = 0
  let parts: Buffer[] = []
  let length = 0
  const add = (part: Buffer) => {
    length += part.length
    // What is too long is counted, but not kept.
    if (length <= MAX_LINE_BYTES) parts.push(part)
    else parts = []
  }
  const finish = (): LogLine => {
    const line = { number: ++number, text: decode(parts, length) }
    parts = []
    length = 0
    return line
  }
  for await (const chunk of source as AsyncIterable<Buffer>) {
    let from = 0
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      add(chunk.subarray(from, at))
      yield finish()
      from = at + 1
    }
    if (from < chunk.length) add(chunk.subarray(from))
  }
  if (length > 0) yield finish()
}

async function* withPlace(lines: AsyncIterable<LogLine>, name: string): AsyncGenerator<LogLine> {
  let last = 0
  try {
    for await (const line of lines) {
      last = line.number
      yield line
    }
  } catch (cause) {
    if (cause instanceof CliError) throw cause
    throw new CliError(`${name} cannot be read after line ${last}: ${(cause as Error).message}`, { cause })
  }
}

/**
 * Opens a log: lines of text, compressed with gzip or not, of any size; memory stays flat.
 * @param file a path, or `-` for standard input
 * @throws CliError if there is no such file
 */
export async function openLog(file: string): Promise<LogSource> {
  const isInput = file === '-'
  const details = isInput
    ? undefined
    : await stat(file).catch((cause: unknown) => {
        throw new CliError(`there is no file ${file}`, { exitCode: 2, cause })
      })
  if (details?.isDirectory()) throw usageError(`${file} is a folder, not a file`)
  let bytes = 0
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      done(null, chunk)
    },
  })
  const raw = isInput ? process.stdin : createReadStream(file, { highWaterMark: 1024 * 1024 })
  pipeline(raw, counted, () => {})
  return {
    lines: withPlace(split(decompressed(counted)), isInput ? 'standard input' : file),
    size: details?.size ?? null,
    bytesRead: () => bytes,
  }
}
