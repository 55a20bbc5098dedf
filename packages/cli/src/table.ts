import { oneLine, truncate, widthOf } from './terminal-text.ts'

/** A column of a table: its heading, and what it shows of a row. */
export interface Column<T> {
  readonly title: string
  readonly value: (row: T) => string | number | null | undefined
  /** Numbers stand to the right. */
  readonly align?: 'right'
  /** Columns that share what is left of the terminal's width. */
  readonly fill?: true
}

const NARROWEST = 20

function fillWidth(widths: readonly number[], fills: readonly boolean[], terminal: number): number {
  const gaps = 2 * (widths.length - 1)
  const fixed = widths.reduce((sum, width, index) => sum + (fills[index] ? 0 : width), gaps)
  const count = fills.filter(Boolean).length
  return Math.max(NARROWEST, Math.floor((terminal - fixed) / Math.max(1, count)))
}

/**
 * Rows as text in columns, each row one line.
 * @param terminal columns of the terminal; undefined (a pipe, a file): nothing is cut
 */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[], terminal?: number): string {
  const cells = rows.map((row) => columns.map(({ value }) => oneLine(String(value(row) ?? '–'))))
  const lines = [columns.map(({ title }) => title), ...cells]
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => widthOf(line[index]!))))
  if (terminal !== undefined) {
    const fills = columns.map(({ fill }) => fill === true)
    const limit = fillWidth(widths, fills, terminal)
    for (const index of widths.keys()) if (fills[index]) widths[index] = Math.min(widths[index]!, limit)
  }
  const render = (line: readonly string[]) =>
    line
      .map((cell, index) => {
        const shown = truncate(cell, widths[index]!)
        const padding = ' '.repeat(widths[index]! - widthOf(shown))
        return columns[index]!.align === 'right' ? padding + shown : shown + padding
      })
      .join('  ')
      .trimEnd()
  return lines.map(render).join('\n')
}
