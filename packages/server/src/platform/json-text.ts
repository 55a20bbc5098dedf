/** A member of a JSON object's text: where it begins (at its key), and where its value begins and ends. */
export interface Member {
  readonly name: string
  readonly from: number
  readonly valueFrom: number
  readonly to: number
}

const QUOTE = 34
const COMMA = 44
const BACKSLASH = 92
const OPEN_BRACKET = 91
const CLOSE_BRACKET = 93
const OPEN_BRACE = 123
const CLOSE_BRACE = 125
const ENDS_OF_SCALARS: ReadonlySet<number> = new Set([COMMA, CLOSE_BRACE, CLOSE_BRACKET])

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9
}

function skipSpace(text: string, at: number): number {
  while (isSpace(text.charCodeAt(at))) at++
  return at
}

/** The place after the string that begins at `at`. */
function afterString(text: string, at: number): number {
  for (;;) {
    at = text.indexOf('"', at + 1)
    let before = at - 1
    while (text.charCodeAt(before) === BACKSLASH) before--
    if ((at - before) % 2 === 1) return at + 1
  }
}

/**
 * The place after the value that begins at `at`, and how deeply it nests (0: a scalar).
 */
function afterValue(text: string, at: number): { to: number; depth: number } {
  let level = 0
  let depth = 0
  for (;;) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = afterString(text, at)
    else {
      if (code === OPEN_BRACE || code === OPEN_BRACKET) depth = Math.max(depth, ++level)
      else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) level--
      at++
    }
    if (level > 0) continue
    const next = text.charCodeAt(at)
    // A scalar ends where what it is in goes on; anything else ends with its last bracket or quote.
    if (depth > 0 || code === QUOTE || ENDS_OF_SCALARS.has(next) || isSpace(next)) return { to: at, depth }
  }
}

/**
 * The members of a JSON object, without parsing their values, so that a user's text can be taken apart and stays what
 * it is: order of keys, spelling of numbers.
 * @param text valid JSON (the caller has parsed it) that is an object
 * @returns the members in order, and how deeply the whole nests (1: no value is an object or a list)
 */
export function readMembers(text: string): { members: Member[]; depth: number } {
  const members: Member[] = []
  let depth = 0
  let at = skipSpace(text, skipSpace(text, 0) + 1)
  while (text.charCodeAt(at) !== CLOSE_BRACE) {
    const from = at
    const keyTo = afterString(text, at)
    const valueFrom = skipSpace(text, skipSpace(text, keyTo) + 1)
    const value = afterValue(text, valueFrom)
    members.push({ name: JSON.parse(text.slice(from, keyTo)) as string, from, valueFrom, to: value.to })
    depth = Math.max(depth, value.depth)
    at = skipSpace(text, value.to)
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1)
  }
  return { members, depth: depth + 1 }
}

/**
 * The texts of a JSON list's items, in order, without parsing them.
 * @param text valid JSON (the caller has parsed it) that is a list
 */
export function readItems(text: string): string[] {
  const items: string[] = []
  let at = skipSpace(text, skipSpace(text, 0) + 1)
  while (text.charCodeAt(at) !== CLOSE_BRACKET) {
    const { to } = afterValue(text, at)
    items.push(text.slice(at, to))
    at = skipSpace(text, to)
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1)
  }
  return items
}

/** The text of a member's value; of several with one name the last counts, as it does for every JSON parser. */
export function memberText(text: string, members: readonly Member[], name: string): string | undefined {
  const member = members.findLast((candidate) => candidate.name === name)
  return member && text.slice(member.valueFrom, member.to)
}

/** The object's text without the members of a name. */
export function without(text: string, members: readonly Member[], name: string): string {
  const kept = members.filter((member) => member.name !== name)
  if (kept.length === members.length) return text.trim()
  return `{${kept.map(({ from, to }) => text.slice(from, to)).join(',')}}`
}

/** The same JSON on one line: a raw line break can only be space between tokens. */
export function onOneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replaceAll(/[\r\n]+/g, ' ') : text
}
