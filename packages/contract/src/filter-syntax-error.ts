/** A stretch of the text of a filter, in UTF-16 units. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A mistake in the text form of a filter: what is wrong, where, and what may have been meant. */
export class FilterSyntaxError extends Error {
  override readonly name = 'FilterSyntaxError'
  readonly source: string
  readonly span: Span
  /** From 1, counted in characters. */
  readonly line: number
  readonly column: number
  /** A sentence such as "Did you mean model_name?". */
  readonly advice: string | undefined

  constructor(message: string, { source, span, advice }: { source: string; span: Span; advice?: string }) {
    super(message)
    this.source = source
    this.span = span
    this.advice = advice
    const before = source.slice(0, span.start)
    const lineStart = before.lastIndexOf('\n') + 1
    this.line = before.split('\n').length
    this.column = [...before.slice(lineStart)].length + 1
  }
}

const MARGIN = 60

/** The mistake for a terminal: a sentence, the line with carets under the place, and the advice. */
export function renderFilterError({
  message,
  source,
  span,
  line,
  column,
  advice,
}: FilterSyntaxError): string {
  const lineStart = source.lastIndexOf('\n', span.start - 1) + 1
  const characters = [...source.slice(lineStart).split('\n', 1)[0]!].map((character) =>
    /[\p{Cc}\p{Cs}]/u.test(character) ? ' ' : character,
  )
  const from = Math.max(0, column - 1 - MARGIN)
  const to = Math.min(characters.length, column - 1 + MARGIN)
  const marked = [...source.slice(span.start, span.end).split('\n', 1)[0]!].length
  const shown = `${from > 0 ? '…' : ''}${characters.slice(from, to).join('')}${to < characters.length ? '…' : ''}`
  const indent = ' '.repeat(column - 1 - from + (from > 0 ? 1 : 0))
  const carets = '^'.repeat(Math.max(1, Math.min(marked, MARGIN)))
  const place = source.includes('\n') ? `line ${line}, column ${column}` : `column ${column}`
  return [
    `${message} (${place})`,
    '',
    `  ${shown}`,
    `  ${indent}${carets}`,
    ...(advice ? [advice] : []),
  ].join('\n')
}
