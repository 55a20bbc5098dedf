import type pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { type ArchiveEntry, wholeEntry } from './archive.ts'
import type { Manifest } from './manifest.ts'
import { quote } from './schema-catalog.ts'

const CHUNK_BYTES = 4 * 1024 * 1024

/**
 * The rows of a table in PostgreSQL's text format, which every version reads, cut into pieces whose size is known.
 * @param folder of the archive, in which the table has a folder
 */
export async function* copyOut(
  client: pg.Client,
  { name, columns }: Manifest['tables'][number],
  folder: string,
): AsyncGenerator<ArchiveEntry> {
  const list = columns.map(quote).join(', ')
  const stream = client.query(copyTo(`copy (select ${list} from ${quote(name)}) to stdout`))
  let pieces: Buffer[] = []
  let size = 0
  let number = 0
  const entry = () => {
    const content = Buffer.concat(pieces)
    pieces = []
    size = 0
    return wholeEntry(`${folder}/${name}/${String(number++).padStart(6, '0')}.copy`, content)
  }
  for await (const piece of stream as AsyncIterable<Buffer>) {
    pieces.push(piece)
    size += piece.length
    if (size >= CHUNK_BYTES) yield entry()
  }
  if (size > 0) yield entry()
}
