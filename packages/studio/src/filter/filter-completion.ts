import type { FieldDefinition } from '@tramontane/contract/fields'
import type { FilterOperator } from '@tramontane/contract/filter'
import { definitionFinder } from '@tramontane/contract/filter-check'
import { operatorOf, operatorSpellings, quote, spellName } from '@tramontane/contract/filter-spelling'
import { FilterSyntaxError } from '@tramontane/contract/filter-syntax-error'
import { type Token, Tokenizer } from '@tramontane/contract/filter-tokens'

/** What may stand at a place of a filter's text. `from` is where what is being written there begins. */
export type Expected =
  | { readonly kind: 'field'; readonly from: number }
  | { readonly kind: 'operator'; readonly from: number; readonly field: string }
  | { readonly kind: 'value'; readonly from: number; readonly field: string; readonly op: FilterOperator }
  /** AND, OR, or a closing parenthesis if one is open. */
  | { readonly kind: 'joiner'; readonly from: number; readonly isNested: boolean }

/** The tokens up to a place; a string that has no end yet is one whose text is what there is of it. */
function tokensBefore(text: string): Token[] {
  const tokens: Token[] = []
  const tokenizer = new Tokenizer(text)
  try {
    for (;;) {
      const token = tokenizer.next()
      if (token.kind === 'end') return tokens
      tokens.push(token)
    }
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error
    const { start, end } = error.span
    tokens.push({ kind: 'string', text: text.slice(start + 1, end), start, end })
    return tokens
  }
}

const isName = (token: Token | undefined): token is Token & { text: string } =>
  token?.kind === 'word' || token?.kind === 'string'

/** What may stand at `position` of a filter's text. */
export function expectedAt(text: string, position: number): Expected {
  const tokens = tokensBefore(text.slice(0, position))
  const last = tokens.at(-1)
  // What touches the cursor is still being written; a parenthesis is complete as it is.
  const isWriting =
    last !== undefined && last.end === position && last.kind !== 'open' && last.kind !== 'close'
  const done = isWriting ? tokens.slice(0, -1) : tokens
  const from = isWriting ? last.start : position
  let depth = 0
  let at = 0
  for (;;) {
    while (done[at]?.kind === 'open') {
      depth++
      at++
    }
    const field = done[at]
    if (!isName(field)) return { kind: 'field', from }
    const operator = done[at + 1]
    if (operator === undefined) return { kind: 'operator', from, field: field.text }
    const op = 'text' in operator ? operatorOf(operator.text) : undefined
    if (op === undefined) return { kind: 'operator', from: operator.start, field: field.text }
    at += 2
    const value = done[at]
    const isJoined = op === 'isnull' && (value?.kind === 'close' || isJoiner(value))
    if (value === undefined) return { kind: 'value', from, field: field.text, op }
    if (!isJoined) at++
    while (done[at]?.kind === 'close') {
      depth--
      at++
    }
    if (done[at] === undefined) return { kind: 'joiner', from, isNested: depth > 0 }
    at++
  }
}

function isJoiner(token: Token | undefined): boolean {
  return token?.kind === 'word' && /^(and|or)$/i.test(token.text)
}

/** Something to complete a filter with. */
export interface Suggestion {
  /** What is written. */
  readonly text: string
  readonly detail: string
  /** The heading that it stands under. */
  readonly section?: string
}

/** The fields, as the filter writes them. */
export function fieldSuggestions(
  fields: readonly FieldDefinition[],
  groups: readonly { name: string; label: string }[],
): Suggestion[] {
  const labels = new Map(groups.map(({ name, label }) => [name, label]))
  return fields.map(({ name, label, group }) => ({
    text: spellName(name),
    detail: label,
    section: labels.get(group ?? '') ?? 'Other',
  }))
}

/** The operators of a field, as the filter writes them. */
export function operatorSuggestions(field: string, fields: readonly FieldDefinition[]): Suggestion[] {
  const operators = definitionFinder(fields)(field)?.supported_operators ?? []
  return operators.map((op) => ({ text: operatorSpellings[op][0], detail: OPERATOR_NAMES[op] }))
}

/** Values that the server has suggested, as the filter writes them. */
export function valueSuggestions(options: readonly (string | boolean | null)[]): Suggestion[] {
  return options.flatMap((option) =>
    option === null
      ? []
      : [{ text: typeof option === 'string' ? quote(option) : String(option), detail: '' }],
  )
}

/** What each operator asks, in words. */
export const OPERATOR_NAMES: Readonly<Record<FilterOperator, string>> = {
  eq: 'is',
  neq: 'is not',
  lt: 'is less than',
  lte: 'is at most',
  gt: 'is more than',
  gte: 'is at least',
  contains: 'contains',
  icontains: 'contains, in any case',
  notcontains: 'does not contain',
  inotcontains: 'does not contain, in any case',
  startswith: 'starts with',
  istartswith: 'starts with, in any case',
  endswith: 'ends with',
  iendswith: 'ends with, in any case',
  matches: 'matches the regular expression',
  includes: 'includes',
  excludes: 'does not include',
  len_eq: 'has so many items',
  isnull: 'has no value',
}
