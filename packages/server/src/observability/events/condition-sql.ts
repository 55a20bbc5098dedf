import type { FilterOperator } from '@tramontane/contract/filter'
import type { CheckedCondition } from '@tramontane/contract/filter-check'
import { type RawBuilder, sql } from 'kysely'
import { firstUuidAt } from '../../platform/uuid.ts'

type Condition = RawBuilder<boolean>

export const never: Condition = sql<boolean>`false`
export const always: Condition = sql<boolean>`true`

/** `%` and `_` in a user's text are themselves. */
function escaped(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&')
}

/** The pattern of a LIKE for an operator; undefined for operators that are none. */
function likePattern(op: FilterOperator, text: string): string | undefined {
  switch (op) {
    case 'startswith':
    case 'istartswith':
      return `${escaped(text)}%`
    case 'endswith':
    case 'iendswith':
      return `%${escaped(text)}`
    case 'contains':
    case 'icontains':
    case 'notcontains':
    case 'inotcontains':
      return `%${escaped(text)}%`
    default:
      return undefined
  }
}

const IGNORES_CASE: ReadonlySet<FilterOperator> = new Set([
  'istartswith',
  'iendswith',
  'icontains',
  'inotcontains',
])

/** The operators that an event without a value passes: what it does not have is not "x". */
export const PASSED_BY_NULL: ReadonlySet<FilterOperator> = new Set([
  'neq',
  'notcontains',
  'inotcontains',
  'excludes',
])

/** The positive operator that a negative one denies. */
export function denied(op: FilterOperator): FilterOperator {
  switch (op) {
    case 'neq':
      return 'eq'
    case 'notcontains':
      return 'contains'
    case 'inotcontains':
      return 'icontains'
    case 'excludes':
      return 'includes'
    default:
      return op
  }
}

/** A positive text comparison: null where the column is null, which a WHERE takes as false. */
export function textFits(column: RawBuilder<unknown>, op: FilterOperator, value: string): Condition {
  if (op === 'eq') return sql<boolean>`${column} = ${value}`
  if (op === 'matches') return sql<boolean>`${column} ~ ${value}`
  const pattern = likePattern(op, value)
  return IGNORES_CASE.has(op)
    ? sql<boolean>`${column} ilike ${pattern}`
    : sql<boolean>`${column} like ${pattern}`
}

/**
 * What the index of all metadata as one text finds: that some value fits, necessary for one key's value to do so.
 * @param json the metadata as PostgreSQL writes it; its escapes are those of JSON.stringify
 */
export function someValueFits(
  json: RawBuilder<unknown>,
  { op, value }: Pick<CheckedCondition, 'op' | 'value'>,
): Condition {
  const quoted = JSON.stringify(value)
  const starts = op === 'startswith' || op === 'istartswith'
  const ends = op === 'endswith' || op === 'iendswith'
  const part = quoted.slice(starts ? 0 : 1, ends ? undefined : -1)
  const pattern = `%${escaped(part)}%`
  return IGNORES_CASE.has(op) ? sql<boolean>`${json} ilike ${pattern}` : sql<boolean>`${json} like ${pattern}`
}

/** Any text comparison, with null as `filter-evaluate.ts` of the contract has it. */
export function textCondition(
  column: RawBuilder<unknown>,
  { op, value }: Pick<CheckedCondition, 'op' | 'value'>,
): Condition {
  if (op === 'isnull') return value ? sql<boolean>`${column} is null` : sql<boolean>`${column} is not null`
  const fits = textFits(column, denied(op), String(value))
  return PASSED_BY_NULL.has(op) ? sql<boolean>`(${column} is null or not (${fits}))` : fits
}

/** Characters of a text's start that its index holds. */
const START_LENGTH = 24

/**
 * What the index of starts finds: that a text starts like another one, whatever the case; necessary for starting with it.
 * @param isWhole that it starts like it and, if shorter than what the index holds, ends there
 */
export function startsLike(column: RawBuilder<unknown>, text: string, isWhole: boolean): Condition {
  const start = [...text].slice(0, START_LENGTH).join('')
  const indexed = sql`lower("left"(${column}, ${sql.lit(START_LENGTH)}))`
  return isWhole
    ? sql<boolean>`${indexed} = lower(${start})`
    : sql<boolean>`${indexed} like lower(${`${escaped(start)}%`})`
}

const COMPARISONS: Partial<Record<FilterOperator, string>> = {
  eq: '=',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
}

/** A comparison of a number column that is never null. */
export function numberCondition(
  column: RawBuilder<unknown>,
  { op, value, field }: CheckedCondition,
): Condition {
  if (op === 'isnull') return value ? never : always
  const number =
    field.type === 'INT' ? sql`${String(value)}::bigint` : sql`${Number(value)}::double precision`
  // Two ranges rather than `<>`: an index finds the few that differ.
  if (op === 'neq') return sql<boolean>`(${column} < ${number} or ${column} > ${number})`
  return sql<boolean>`${column} ${sql.raw(COMPARISONS[op]!)} ${number}`
}

/** Microseconds since 1970. @param instant as `canonicalInstant` gives it */
export function microsOfInstant(instant: string): bigint {
  return BigInt(Date.parse(`${instant.slice(0, 23)}Z`)) * 1000n + BigInt(instant.slice(23, 26))
}

/** A comparison of an event's time, as one of its id: the same answer, and only the partitions of that time are read. */
export function timeCondition(id: RawBuilder<unknown>, { op, value }: CheckedCondition): Condition {
  if (op === 'isnull') return value ? never : always
  const micros = microsOfInstant(String(value))
  const bound = (instant: bigint) => sql`${firstUuidAt(instant < 0n ? 0n : instant)}::uuid`
  const [from, to] = [bound(micros), bound(micros + 1n)]
  switch (op) {
    case 'lt':
      return sql<boolean>`${id} < ${from}`
    case 'lte':
      return sql<boolean>`${id} < ${to}`
    case 'gt':
      return sql<boolean>`${id} >= ${to}`
    case 'gte':
      return sql<boolean>`${id} >= ${from}`
    case 'eq':
      return sql<boolean>`(${id} >= ${from} and ${id} < ${to})`
    default:
      return sql<boolean>`(${id} < ${from} or ${id} >= ${to})`
  }
}

/** A comparison of a list of texts that is never null. */
export function listCondition(column: RawBuilder<unknown>, { op, value }: CheckedCondition): Condition {
  if (op === 'isnull') return value ? never : always
  if (op === 'len_eq') return sql<boolean>`cardinality(${column}) = ${String(value)}::bigint`
  const includes = sql<boolean>`${column} @> array[${String(value)}]::text[]`
  return op === 'includes' ? includes : sql<boolean>`not (${includes})`
}

const WORD = /[\p{L}\p{N}]{3}/u

/** Whether the trigrams of a pattern narrow a search down: it needs three letters or digits in a row. */
export function hasTrigrams(op: FilterOperator, value: string): boolean {
  if (PASSED_BY_NULL.has(op)) return false
  if (op === 'eq' || op === 'startswith' || op === 'istartswith') return /^[\p{L}\p{N}]/u.test(value)
  // Two letters make one trigram that half of all texts have.
  if (op === 'endswith' || op === 'iendswith') return /[\p{L}\p{N}]{3}$/u.test(value)
  // What a regular expression must contain is for PostgreSQL to find; alternatives and classes may leave nothing.
  if (op === 'matches')
    return /^\^[\p{L}\p{N}]{2}/u.test(value) || WORD.test(value.replaceAll(/\\.|\[[^\]]*\]|\{[^}]*\}/g, ' '))
  return WORD.test(value)
}
