/** Bands of a text's sketch; texts that share one may be alike. */
export const BANDS = 4
const HASHES_PER_BAND = 2
const MAX_WORDS = 200

/** Odd multipliers and offsets of the hash functions; changing them changes every sketch that is stored. */
const FUNCTIONS = Array.from({ length: BANDS * HASHES_PER_BAND }, (_, index) => ({
  multiplier: (Math.imul(index + 1, 0x9e3779b1) | 1) >>> 0,
  offset: Math.imul(index + 7, 0x85ebca6b) >>> 0,
}))

/** FNV-1a, then mixed so that neighbours in spelling are no neighbours in order. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  value ^= value >>> 16
  value = Math.imul(value, 0x7feb352d)
  value ^= value >>> 15
  return value >>> 0
}

/** A word; of scripts that put no spaces between words, each character. Marks belong to the letter before them. */
const WORD =
  /[[\p{L}\p{N}\p{M}]--[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]]+|[\p{L}\p{N}]\p{M}*/gv

/** The words of a text and its pairs of neighbouring words, as hashes; empty for a text without words. */
export function features(text: string): Set<number> {
  const words = (text.normalize('NFC').toLowerCase().match(WORD) ?? []).slice(0, MAX_WORDS)
  const found = new Set<number>()
  for (const [index, word] of words.entries()) {
    found.add(hash(word))
    if (index > 0) found.add(hash(`${words[index - 1]} ${word}`))
  }
  return found
}

/** How alike two texts are, 0…1: the features they share among all that either has (Jaccard). */
export function likeness(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  if (a.size === 0 || b.size === 0) return 0
  let shared = 0
  for (const feature of a) if (b.has(feature)) shared++
  return shared / (a.size + b.size - shared)
}

/**
 * A sketch of a text by which near duplicates are found without comparing them all (MinHash with bands): two texts of
 * likeness s share at least one of the four numbers with the probability 1 − (1 − s²)⁴.
 * @returns four 32-bit integers, or null for a text without words
 */
export function sketch(text: string | null): number[] | null {
  const found = text === null ? new Set<number>() : features(text)
  if (found.size === 0) return null
  const least = FUNCTIONS.map(({ multiplier, offset }) => {
    let least = 0xffffffff
    for (const feature of found) {
      const mixed = (Math.imul(feature, multiplier) + offset) >>> 0
      if (mixed < least) least = mixed
    }
    return least
  })
  return Array.from({ length: BANDS }, (_, band) => {
    let value = band
    for (const part of least.slice(band * HASHES_PER_BAND, (band + 1) * HASHES_PER_BAND))
      value = (Math.imul(value, 31) + part) | 0
    return value
  })
}
