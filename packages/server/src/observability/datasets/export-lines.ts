const DELIMITER = 1
const LINE_FEED = 10
const ENVELOPED = 't'.charCodeAt(0)

const ENVELOPE = Buffer.from('{"payload":')
const PROPERTIES = Buffer.from(',"properties":')
const END = Buffer.from('}\n')

/** The pieces of a line of JSONL, from a row `flag, payload, properties` that begins at `start` and ends at `end`. */
function piecesOf(rows: Buffer, start: number, end: number): Buffer[] {
  const payload = start + 2
  const delimiter = rows.indexOf(DELIMITER, payload)
  const properties = rows.subarray(delimiter + 1, end)
  return rows[start] === ENVELOPED
    ? [ENVELOPE, rows.subarray(payload, delimiter), PROPERTIES, properties, END]
    : // Without the brace that ends it: the properties become its last member.
      [rows.subarray(payload, delimiter - 1), PROPERTIES, properties, END]
}

/**
 * Turns the rows of an export into JSONL, without reading the JSON: here and not in SQL, where taking one character off
 * a text costs more than reading it from the disk.
 * @param rows `t` or `f` (whether the payload has a key `properties` of its own), payload, properties; delimited by
 *   U+0001, ended by a line feed, in chunks of any size
 */
export async function* exportLines(rows: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let kept: Buffer[] = []
  for await (const chunk of rows) {
    kept.push(chunk)
    if (!chunk.includes(LINE_FEED)) continue
    const complete = kept.length === 1 ? chunk : Buffer.concat(kept)
    const pieces: Buffer[] = []
    let start = 0
    for (let end = complete.indexOf(LINE_FEED); end >= 0; end = complete.indexOf(LINE_FEED, start)) {
      pieces.push(...piecesOf(complete, start, end))
      start = end + 1
    }
    kept = start < complete.length ? [complete.subarray(start)] : []
    yield Buffer.concat(pieces)
  }
}
