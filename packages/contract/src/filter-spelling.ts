import type { FilterOperator } from './filter.ts'

/** How the text form writes each operator of the wire; the first spelling is the one that is printed. */
export const operatorSpellings: Readonly<Record<FilterOperator, readonly [string, ...string[]]>> = {
  eq: ['=', '==', 'eq', 'equals'],
  neq: ['!=', '<>', 'neq', 'not_equals'],
  lt: ['<', 'lt'],
  lte: ['<=', 'lte'],
  gt: ['>', 'gt'],
  gte: ['>=', 'gte'],
  contains: ['contains'],
  icontains: ['icontains'],
  notcontains: ['not_contains', 'notcontains'],
  inotcontains: ['inot_contains', 'inotcontains'],
  startswith: ['starts_with', 'startswith'],
  istartswith: ['istarts_with', 'istartswith'],
  endswith: ['ends_with', 'endswith'],
  iendswith: ['iends_with', 'iendswith'],
  matches: ['matches'],
  includes: ['includes'],
  excludes: ['excludes'],
  len_eq: ['length_equals', 'len_eq'],
  isnull: ['isnull', 'is_null'],
}

const operators = new Map(
  Object.entries(operatorSpellings).flatMap(([operator, spellings]) =>
    spellings.map((spelling) => [spelling, operator as FilterOperator] as const),
  ),
)

/** The printed spelling of each operator, for suggestions. */
export const printedSpellings: readonly string[] = Object.values(operatorSpellings).map(
  ([printed]) => printed,
)

/** The operator of a spelling, whatever its case; undefined if there is none. */
export function operatorOf(spelling: string): FilterOperator | undefined {
  return operators.get(spelling.toLowerCase())
}

/** A part of a name that needs no quotes: letters, digits, `_`, and inside also `-`. */
export const bareSegment = /[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*[\p{L}\p{N}_])?/uy

const bareName =
  /^[\p{L}_](?:[\p{L}\p{N}_-]*[\p{L}\p{N}_])?(?:\.[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*[\p{L}\p{N}_])?)*$/u
const keywords = new Set(['and', 'or', 'not', 'true', 'false', 'null'])

/** What the escapes of a quoted string stand for; beside them `\uXXXX`. */
export const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '\\': '\\',
  '/': '/',
  n: '\n',
  r: '\r',
  t: '\t',
}

const printedEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

/** A string in double quotes; what does not print is escaped, lone surrogates too. */
export function quote(text: string): string {
  const escaped = text.replace(
    /["\\\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (character) => printedEscapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `"${escaped}"`
}

/** A field's name as the text form writes it: bare, with a quoted metadata key, or quoted as a whole. */
export function spellName(name: string): string {
  if (bareName.test(name) && !keywords.has(name.toLowerCase())) return name
  const key = name.startsWith('metadata.') ? name.slice('metadata.'.length) : ''
  return key === '' ? quote(name) : `metadata.${quote(key)}`
}
