const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Extended_Pictographic}/u
const segmenter = new Intl.Segmenter()

/** How many columns a text takes on a terminal. */
export function widthOf(text: string): number {
  let width = 0
  for (const { segment } of segmenter.segment(text)) width += wide.test(segment) ? 2 : 1
  return width
}

const steering = /[\p{Cc}\p{Zl}\p{Zp}\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu

/** Text in one line and without control characters: what users and models wrote must not steer the terminal. */
export function oneLine(text: string): string {
  return text.toWellFormed().replace(steering, ' ').trim()
}

/** Text of several lines, indented as it is, without other control characters. */
export function printable(text: string): string {
  return text
    .toWellFormed()
    .split(/\r?\n/)
    .map((line) => line.replaceAll('\t', '    ').replace(steering, ' ').trimEnd())
    .join('\n')
}

/** The beginning of a text that fits into some columns, with an ellipsis if it is not all of it. */
export function truncate(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  let taken = ''
  let width = 0
  for (const { segment } of segmenter.segment(text)) {
    width += wide.test(segment) ? 2 : 1
    if (width > columns - 1) break
    taken += segment
  }
  return `${taken.trimEnd()}…`
}

/** Text of one line as lines of so many columns at most, broken between words. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word
    if (lines.length > 0 && widthOf(longer) <= columns) lines[lines.length - 1] = longer
    else lines.push(truncate(word, columns))
  }
  return lines
}
