import { oneLine, truncate, widthOf } from './terminal-text.ts'

/** A column of a table: its heading, and what it shows of a row. */
export interface Column<T> {
  readonly title: string
  readonly value: (row: T) => string | number | null | undefined
  /** Numbers stand to the right. */
  readonly align?: 'right'
  /** May be cut: such columns share what the others leave of the terminal's width. */
  readonly fill?: true
  /** May be left out on a narrow terminal; the greatest goes first. */
  readonly spare?: number
}

/** A table, and the headings of the columns for which there was no room. */
export interface Table {
  readonly text: string
  readonly leftOut: readonly string[]
}

/** A cut column is not made narrower than this as long as another can be left out; then it is, to the second. */
const NARROW = 20
const NARROWEST = 8
const GAP = 2

interface Laid<T> extends Column<T> {
  width: number
}

/**
 * Rows as text in columns, each row one line.
 * @param terminal columns of the terminal; undefined (a pipe, a file): nothing is cut and nothing left out
 */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[], terminal?: number): Table {
  const cellOf = ({ value }: Column<T>, row: T) => oneLine(String(value(row) ?? '–'))
  const all: Laid<T>[] = columns.map((column) => ({
    ...column,
    width: Math.max(widthOf(column.title), ...rows.map((row) => widthOf(cellOf(column, row)))),
  }))
  const kept = terminal === undefined ? all : fitted(all, terminal)
  const render = (cells: readonly string[]) =>
    cells
      .map((cell, index) => {
        const { width, align } = kept[index]!
        const shown = truncate(cell, width)
        const padding = ' '.repeat(width - widthOf(shown))
        return align === 'right' ? padding + shown : shown + padding
      })
      .join(' '.repeat(GAP))
      .trimEnd()
  const lines = [kept.map(({ title }) => title), ...rows.map((row) => kept.map((one) => cellOf(one, row)))]
  return {
    text: lines.map(render).join('\n'),
    leftOut: all.filter((column) => !kept.includes(column)).map(({ title }) => title),
  }
}

/** The columns for which there is room, as wide as there is room. */
function fitted<T>(all: readonly Laid<T>[], terminal: number): Laid<T>[] {
  let kept = [...all]
  const least = ({ fill, width }: Laid<T>) => (fill ? Math.min(width, NARROW) : width)
  const isTooWide = () => kept.reduce((sum, one) => sum + least(one) + GAP, -GAP) > terminal
  const spares = all.filter(({ spare }) => spare !== undefined).sort((a, b) => a.spare! - b.spare!)
  while (spares.length > 0 && isTooWide()) {
    const gone = spares.pop()
    kept = kept.filter((column) => column !== gone)
  }
  const fixed = kept.reduce((sum, { fill, width }) => sum + (fill ? 0 : width) + GAP, -GAP)
  let room = terminal - fixed
  // What a narrow one does not need is for those that come after it.
  const fills = kept.filter(({ fill }) => fill).sort((a, b) => a.width - b.width)
  for (const [index, column] of fills.entries()) {
    const share = Math.max(NARROWEST, Math.floor(room / (fills.length - index)))
    column.width = Math.min(column.width, share)
    room -= column.width
  }
  return kept
}
