import { Readable } from 'node:stream'
import { MAX_FILE_BYTES } from '@tramontane/contract/files'
import { ApiError } from '../../platform/http/errors.ts'

const LINE_FEED = 10

/** Counts what flows through: `bytes` and `lines` are right once the stream has ended. */
export interface ByteMeter {
  readonly stream: Readable
  readonly bytes: number
  /** A last line without a line break counts. */
  readonly lines: number
}

/**
 * Measures a stream on its way into the storage.
 * @param limit bytes after which the stream fails with PAYLOAD_TOO_LARGE; null for what the server itself writes
 */
export function meter(source: AsyncIterable<Buffer>, limit: number | null): ByteMeter {
  let bytes = 0
  let breaks = 0
  let last = LINE_FEED
  async function* measured() {
    for await (const chunk of source) {
      bytes += chunk.length
      if (limit !== null && bytes > limit) throw tooLarge()
      for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, at + 1)) breaks++
      last = chunk.at(-1) ?? last
      yield chunk
    }
  }
  return {
    stream: Readable.from(measured(), { objectMode: false }),
    get bytes() {
      return bytes
    },
    get lines() {
      return last === LINE_FEED ? breaks : breaks + 1
    },
  }
}

/** What a caller is told whose file is larger than the API takes. */
export function tooLarge(): ApiError {
  return new ApiError(
    'PAYLOAD_TOO_LARGE',
    `file: a file may have up to ${MAX_FILE_BYTES} bytes (512 MB). Split it into several files.`,
  )
}
