import type { Filter } from './filter.ts'
import { type CheckedCondition, canonicalInstant, checkCondition, type DefinitionOf } from './filter-check.ts'
import { isCondition } from './filter-node.ts'

/** The value of a field of an event. Times are ISO 8601 strings; null and undefined both mean that there is none. */
export type FieldValue = string | number | boolean | readonly string[] | null | undefined

/**
 * Text with its case folded as PostgreSQL's `lower()` does in a UTF-8 locale: letter by letter, so `İ` becomes `i` and
 * `Σ` becomes `σ` wherever it stands. Letters younger than the database's Unicode version keep their case there.
 */
export function foldCase(text: string): string {
  let folded = ''
  for (const letter of text) folded += String.fromCodePoint(letter.toLowerCase().codePointAt(0)!)
  return folded
}

function comparesText(op: CheckedCondition['op'], actual: string, wanted: string): boolean {
  switch (op) {
    case 'startswith':
      return actual.startsWith(wanted)
    case 'endswith':
      return actual.endsWith(wanted)
    case 'contains':
      return actual.includes(wanted)
    case 'notcontains':
      return !actual.includes(wanted)
    case 'istartswith':
      return foldCase(actual).startsWith(foldCase(wanted))
    case 'iendswith':
      return foldCase(actual).endsWith(foldCase(wanted))
    case 'icontains':
      return foldCase(actual).includes(foldCase(wanted))
    case 'inotcontains':
      return !foldCase(actual).includes(foldCase(wanted))
    default:
      return new RegExp(wanted, 'su').test(actual)
  }
}

function comparesList(op: CheckedCondition['op'], actual: readonly string[], wanted: unknown): boolean {
  if (op === 'len_eq') return actual.length === wanted
  const isIn = typeof wanted === 'string' && actual.includes(wanted)
  return op === 'includes' ? isIn : !isIn
}

const matchesNull: ReadonlySet<CheckedCondition['op']> = new Set([
  'neq',
  'notcontains',
  'inotcontains',
  'excludes',
])

/** Whether a value fits one checked condition. */
function evaluateCondition({ op, field, value: wanted }: CheckedCondition, actual: FieldValue): boolean {
  if (op === 'isnull') return (actual === null || actual === undefined) === wanted
  if (actual === null || actual === undefined) return matchesNull.has(op)
  if (typeof actual === 'object') return comparesList(op, actual, wanted)
  const value = field.type === 'TIMESTAMP' ? canonicalInstant(String(actual))! : actual
  switch (op) {
    case 'eq':
      return value === wanted
    case 'neq':
      return value !== wanted
    case 'lt':
      return value < wanted
    case 'lte':
      return value <= wanted
    case 'gt':
      return value > wanted
    case 'gte':
      return value >= wanted
    default:
      return comparesText(op, String(value), String(wanted))
  }
}

/**
 * Whether an event passes a filter: in plain words what the SQL of a search must select, which is tested against it.
 *
 * - null, a group without lists, and an empty or null list ask nothing: every event passes.
 * - All of `AND` and, if there are any, one of `OR` must hold; with both lists, both.
 * - A field without a value never passes a positive comparison, but does pass `neq`, `notcontains`, `inotcontains` and
 *   `excludes`: the event with no agent is one whose agent is not "x". `isnull` asks for that: true or false.
 * - Text is compared by its characters, without locale or normalisation; the `i…` operators fold case, see `foldCase`.
 * - An empty list is no null: it passes `len_eq 0` and `isnull false`.
 * - `matches` finds a regular expression anywhere in the text. The server uses PostgreSQL's dialect, this function
 *   JavaScript's: they agree on literals, `.`, classes such as `[a-z]`, groups, alternatives, `*` `+` `?` `{m,n}`,
 *   and on `^` and `$` for text of one line.
 *
 * @param fields gives the event's value of a field
 * @throws Error if a condition cannot be asked; `checkFilter` tells beforehand
 */
export function evaluateFilter(
  filter: Filter | null,
  fields: (name: string) => FieldValue,
  definitionOf: DefinitionOf,
): boolean {
  if (filter === null) return true
  if (isCondition(filter)) {
    const checked = checkCondition(filter, definitionOf(filter.field))
    if (checked.kind === 'problem') throw new Error(checked.message)
    return evaluateCondition(checked, fields(filter.field))
  }
  const holds = (part: Filter) => evaluateFilter(part, fields, definitionOf)
  return (filter.AND ?? []).every(holds) && (!filter.OR?.length || filter.OR.some(holds))
}
