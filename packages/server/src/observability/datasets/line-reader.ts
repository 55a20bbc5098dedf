import { isUtf8 } from 'node:buffer'
import { MAX_RECORD_BYTES } from '@tramontane/contract/datasets'
import { ImportError } from './import-request.ts'

/** A line of a file. */
export interface Line {
  readonly text: string
  /** Counted from 1, blank lines included. */
  readonly number: number
  /** The offset of the line after it, in bytes. */
  readonly end: number
}

const LINE_FEED = 10
const BYTE_ORDER_MARK = '\ufeff'

function decode(bytes: Buffer, number: number): string {
  if (!isUtf8(bytes)) throw new ImportError(`Line ${number} is not UTF-8 text. Nothing was imported.`)
  const text = bytes.toString('utf8')
  return number === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text
}

/** A line as its pieces come in; refused as soon as it is too long. */
class Pieces {
  #pieces: Buffer[] = []
  length = 0

  add(piece: Buffer, number: number): void {
    this.length += piece.length
    if (this.length > MAX_RECORD_BYTES)
      throw new ImportError(
        `Line ${number} is longer than ${MAX_RECORD_BYTES} bytes (8 MiB). Nothing was imported.`,
      )
    this.#pieces.push(piece)
  }

  take(): Buffer {
    const line = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces)
    this.#pieces = []
    this.length = 0
    return line
  }
}

async function* skip(content: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes
  for await (const chunk of content) {
    if (left >= chunk.length) left -= chunk.length
    else {
      yield left === 0 ? chunk : chunk.subarray(left)
      left = 0
    }
  }
}

/**
 * The lines of a file from a place on, some at a time. A byte order mark is dropped; a line may end with CR LF, and
 * the last one with nothing.
 * @param from how many bytes and lines were read before
 * @throws ImportError for a line that is too long or is no UTF-8
 */
export async function* readLines(
  content: AsyncIterable<Buffer>,
  from: { at: number; lines: number },
): AsyncGenerator<Line[]> {
  let { at: end, lines: number } = from
  const pieces = new Pieces()
  const takeLine = (lineBreak: number): Line => {
    end += pieces.length + lineBreak
    number++
    return { text: decode(pieces.take(), number), number, end }
  }
  for await (const chunk of skip(content, from.at)) {
    const lines: Line[] = []
    let start = 0
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, start)) {
      pieces.add(chunk.subarray(start, at), number + 1)
      lines.push(takeLine(1))
      start = at + 1
    }
    if (start < chunk.length) pieces.add(chunk.subarray(start), number + 1)
    if (lines.length > 0) yield lines
  }
  if (pieces.length > 0) yield [takeLine(0)]
}
