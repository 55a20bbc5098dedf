/** A line that is no record, and where it lies in the file. */
export interface LineProblem {
  readonly line: number
  readonly message: string
  /** Bytes of the file: the first of the line, and the first behind it. */
  readonly from: number
  readonly to: number
}

export interface JsonlSummary {
  readonly records: number
  /** In order. Of a file with too many, the first ones: see `problemCount`. */
  readonly problems: readonly LineProblem[]
  readonly problemCount: number
  /** The first record, to be looked at. */
  readonly first: Readonly<Record<string, unknown>> | null
}

/** The most problems that are kept; with more the file is hardly what was meant. */
export const MAX_PROBLEMS = 1_000
const MAX_LINE_BYTES = 8 * 1024 * 1024
const LINE_FEED = 10

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What the server would say of a line that was parsed; undefined if it is a record. */
function problemOf(value: unknown): string | undefined {
  if (!isObject(value)) return 'it is not a JSON object'
  const { properties } = value
  if (properties !== undefined && properties !== null && !isObject(properties))
    return '`properties` is not an object'
  const isEnveloped = value.messages === undefined && isObject(value.payload)
  const where = isEnveloped ? 'payload.' : ''
  const { messages } = isEnveloped ? (value.payload as { messages?: unknown }) : value
  if (messages === undefined) return `\`${where}messages\` is missing`
  if (!Array.isArray(messages)) return `\`${where}messages\` is not a list`
  const wrong = messages.findIndex((message) => !isObject(message))
  return wrong < 0 ? undefined : `\`${where}messages.${wrong}\` is not an object`
}

/** Looks at the lines of a file as the server will, before it is sent: the server stops at the first bad one. */
class LineChecker {
  records = 0
  problemCount = 0
  first: JsonlSummary['first'] = null
  readonly problems: LineProblem[] = []
  #line = 0
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })

  take(bytes: Uint8Array, from: number): void {
    this.#line++
    const message = this.#check(bytes)
    if (message === undefined) return
    this.problemCount++
    if (this.problems.length < MAX_PROBLEMS)
      this.problems.push({ line: this.#line, message, from, to: from + bytes.length })
  }

  #check(bytes: Uint8Array): string | undefined {
    if (bytes.length > MAX_LINE_BYTES) return 'it is longer than 8 MiB'
    let text: string
    try {
      text = this.#decoder.decode(bytes)
    } catch {
      return 'it is not UTF-8'
    }
    if (text.trim() === '') return undefined
    let value: unknown
    try {
      value = JSON.parse(text.trim())
    } catch (error) {
      return `it is not JSON: ${(error as Error).message.slice(0, 200)}`
    }
    const problem = problemOf(value)
    if (problem !== undefined) return problem
    this.records++
    this.first ??= value as JsonlSummary['first']
    return undefined
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/**
 * Reads a JSONL file line by line, without holding more of it than a line and a piece.
 * @param onProgress the bytes that have been read
 * @throws the signal's reason if it fires
 */
export async function checkJsonl(
  file: Blob,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (bytes: number) => void },
): Promise<JsonlSummary> {
  const checker = new LineChecker()
  const reader = file.stream().getReader()
  let kept: Uint8Array[] = []
  let lineStart = 0
  let read = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (signal.aborted) {
      await reader.cancel()
      throw signal.reason
    }
    if (done) break
    let start = 0
    for (let end = value.indexOf(LINE_FEED); end >= 0; end = value.indexOf(LINE_FEED, start)) {
      const line = joined([...kept, value.subarray(start, end + 1)])
      checker.take(line, lineStart)
      lineStart += line.length
      kept = []
      start = end + 1
    }
    if (start < value.length) kept.push(value.subarray(start))
    read += value.length
    onProgress(read)
  }
  if (kept.length > 0) checker.take(joined(kept), lineStart)
  const { records, problems, problemCount, first } = checker
  return { records, problems, problemCount, first }
}

/** The file without these lines; nothing is read for it. */
export function withoutLines(file: Blob, problems: readonly LineProblem[]): Blob {
  const parts: Blob[] = []
  let at = 0
  for (const { from, to } of problems) {
    parts.push(file.slice(at, from))
    at = to
  }
  parts.push(file.slice(at))
  return new Blob(parts, { type: file.type })
}
