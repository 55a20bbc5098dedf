/** What can be looked for by its words. */
export interface Findable {
  readonly label: string
  /** Other words by which people may look for it. */
  readonly words?: string
}

/** Whether each word of a text begins a word of the thing. */
export function matches({ label, words = '' }: Findable, text: string): boolean {
  const known = wordsOf(`${label} ${words}`)
  return wordsOf(text).every((word) => known.some((one) => one.startsWith(word)))
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[\s:]+/)
    .filter((word) => word !== '')
}
