import type { Filter, FilterCondition } from './filter.ts'
import { isCondition } from './filter-node.ts'
import { operatorSpellings, quote, spellName } from './filter-spelling.ts'

/**
 * The normal form of a filter, which selects the same events: what asks nothing is gone, a group of one is its part, a
 * group with both lists is an AND whose last part is the OR, and `isnull` has its value. Groups inside a group of the
 * same kind stay. Null: every event.
 */
export function normaliseFilter(filter: Filter | null): Filter | null {
  if (filter === null) return null
  if (isCondition(filter)) {
    const { field, op, value } = filter
    return { field, op, value: value === undefined && op === 'isnull' ? true : value }
  }
  const all = (filter.AND ?? []).map(normaliseFilter).filter((part) => part !== null)
  const either = (filter.OR ?? []).map(normaliseFilter)
  const choices = either.filter((part) => part !== null)
  // An alternative that asks nothing always holds, and with it the whole list.
  const choice = choices.length === either.length ? joined('OR', choices) : null
  return joined('AND', choice === null ? all : [...all, choice])
}

function joined(kind: 'AND' | 'OR', parts: Filter[]): Filter | null {
  if (parts.length <= 1) return parts[0] ?? null
  return kind === 'AND' ? { AND: parts } : { OR: parts }
}

function printValue(value: unknown): string {
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)))
    return String(value)
  throw new TypeError(
    `the text form of a filter has strings, numbers, true and false, but no ${JSON.stringify(value) ?? 'missing value'}`,
  )
}

function printCondition({ field, op, value }: FilterCondition): string {
  const asked = `${spellName(field)} ${operatorSpellings[op][0]}`
  return op === 'isnull' && value === true ? asked : `${asked} ${printValue(value)}`
}

function printNode(filter: Filter): string {
  if (isCondition(filter)) return printCondition(filter)
  const parts = filter.AND ?? filter.OR ?? []
  // AND binds tighter, so only an AND inside an OR goes without parentheses.
  const printPart = (part: Filter) =>
    isCondition(part) || (filter.OR && part.AND) ? printNode(part) : `(${printNode(part)})`
  return parts.map(printPart).join(filter.AND ? ' AND ' : ' OR ')
}

/**
 * The text form of a filter, with as few parentheses as its normal form needs; `parseFilter` reads it back to that form.
 * Empty text: every event.
 * @throws TypeError for a value that the text form cannot write: null, a list, an object
 */
export function printFilter(filter: Filter | null): string {
  const normal = normaliseFilter(filter)
  return normal === null ? '' : printNode(normal)
}
