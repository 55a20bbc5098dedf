import type { ErrorCode } from './errors.ts'
import { type FieldDefinition, metadataField } from './fields.ts'
import type { Filter, FilterCondition, FilterOperator } from './filter.ts'
import { isCondition } from './filter-node.ts'

const MAX_TEXT = 10_000
const MAX_PATTERN = 1_000
const MAX_CONDITIONS = 1_000

/** Why a condition, or a filter, cannot be asked; `code` is the error code that the API answers it with. */
export interface FilterProblem {
  readonly kind: 'problem'
  readonly code: Extract<ErrorCode, 'FIELDS_NOT_FOUND' | 'FIELDS_BAD_REQUEST' | 'SEARCH_BAD_REQUEST'>
  readonly message: string
}

/**
 * A condition that can be asked. `value` has the type that the operator compares with:
 * - `isnull`: boolean · `len_eq`: whole number · `includes`, `excludes`: string
 * - else by the field: TEXT and ENUM a string that PostgreSQL's `text` takes · INT a safe integer, which may exceed the
 *   column's range · FLOAT a finite number · BOOL a boolean · TIMESTAMP an instant as `canonicalInstant` writes it
 */
export interface CheckedCondition {
  readonly kind: 'condition'
  readonly field: FieldDefinition
  readonly op: FilterOperator
  readonly value: string | number | boolean
}

/** Finds the definition of a field by its name; undefined: there is no such field. */
export type DefinitionOf = (name: string) => FieldDefinition | undefined

/** Looks definitions up in a list. `metadata.<key>` exists for every key, also one that no event has yet. */
export function definitionFinder(definitions: readonly FieldDefinition[]): DefinitionOf {
  const byName = new Map(definitions.map((definition) => [definition.name, definition]))
  return (name) => byName.get(name) ?? metadataDefinition(name)
}

function metadataDefinition(name: string): FieldDefinition | undefined {
  const key = name.startsWith('metadata.') ? name.slice('metadata.'.length) : ''
  return key === '' ? undefined : metadataField(key)
}

/**
 * An instant in UTC with six digits of seconds (`2024-05-01T10:00:00.000000Z`), so that text order is time order; null
 * if it is none. A date alone is its midnight, a time without a zone is UTC; digits beyond microseconds are dropped.
 */
export function canonicalInstant(text: string): string | null {
  const match =
    /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,12}))?)?\s?([Zz]|[+-]\d\d(?::?\d\d)?)?)?$/.exec(
      text.trim(),
    )
  if (!match) return null
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match
  const offset = zone.length === 1 ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`)
  const isReal = Number(day) <= new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
  if (Number.isNaN(date.getTime()) || !isReal) return null
  const whole = date.toISOString()
  if (whole.length !== 24 || whole < '0001') return null
  return `${whole.slice(0, 19)}.${fraction.slice(0, 6).padEnd(6, '0')}Z`
}

/** Text as the store keeps it: NUL and lone surrogates, which PostgreSQL's `text` cannot hold, become U+FFFD. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed()
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

type Read = { value: string | number | boolean } | { expected: string }

function readText(value: unknown, limit: number): Read {
  if (typeof value !== 'string') return { expected: 'a string' }
  if (value.length > limit) return { expected: `at most ${limit} characters` }
  return { value: storableText(value) }
}

function readNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string' || !/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value))
    return undefined
  const number = Number(value)
  return Number.isFinite(number) ? number : undefined
}

function readWhole(value: unknown, min: number): Read {
  const number = readNumber(value)
  return number !== undefined && Number.isSafeInteger(number) && number >= min
    ? { value: number === 0 ? 0 : number }
    : { expected: min === 0 ? 'a whole number from 0' : 'a whole number' }
}

function readBoolean(value: unknown): Read {
  if (value === true || value === 'true') return { value: true }
  if (value === false || value === 'false') return { value: false }
  return { expected: 'true or false' }
}

function readInstant(value: unknown): Read {
  const instant = typeof value === 'string' ? canonicalInstant(value) : null
  return instant === null
    ? { expected: 'a time such as "2026-05-01T10:00:00Z", or a date' }
    : { value: instant }
}

function readFloat(value: unknown): Read {
  const number = readNumber(value)
  return number === undefined ? { expected: 'a number' } : { value: number === 0 ? 0 : number }
}

function readValue({ op, value }: FilterCondition, { type }: FieldDefinition): Read {
  if (op === 'isnull') return value === undefined ? { value: true } : readBoolean(value)
  if (op === 'len_eq') return readWhole(value, 0)
  if (op === 'matches') return readText(value, MAX_PATTERN)
  switch (type) {
    case 'INT':
      return readWhole(value, Number.MIN_SAFE_INTEGER)
    case 'FLOAT':
      return readFloat(value)
    case 'BOOL':
      return readBoolean(value)
    case 'TIMESTAMP':
      return readInstant(value)
    default:
      return readText(value, MAX_TEXT)
  }
}

/**
 * Checks a condition against the definition of its field, and reads its value: numbers, booleans and times may come as
 * strings; `isnull` without a value asks for null.
 * @param definition undefined: the field does not exist
 */
export function checkCondition(
  condition: FilterCondition,
  definition: FieldDefinition | undefined,
): CheckedCondition | FilterProblem {
  const { field, op, value } = condition
  if (!definition)
    return { kind: 'problem', code: 'FIELDS_NOT_FOUND', message: `There is no field ${shown(field)}.` }
  if (!definition.supported_operators.includes(op)) {
    const message = `The field \`${field}\` (${definition.type}) does not support \`${op}\`, only ${definition.supported_operators.join(', ')}.`
    return { kind: 'problem', code: 'FIELDS_BAD_REQUEST', message }
  }
  const read = readValue(condition, definition)
  if ('value' in read) return { kind: 'condition', field: definition, op, value: read.value }
  const advice = value === null ? '; to ask for fields without a value, use `isnull`' : ''
  const message = `The value of \`${field} ${op}\` must be ${read.expected}, not ${shown(value)}${advice}.`
  return { kind: 'problem', code: 'SEARCH_BAD_REQUEST', message }
}

/** The conditions of a filter, from left to right. */
export function* conditionsOf(filter: Filter | null): Generator<FilterCondition> {
  if (filter === null) return
  if (isCondition(filter)) yield filter
  else for (const part of [...(filter.AND ?? []), ...(filter.OR ?? [])]) yield* conditionsOf(part)
}

/** The first problem of a filter, or undefined: every condition can be asked and there are not too many of them. */
export function checkFilter(filter: Filter | null, definitionOf: DefinitionOf): FilterProblem | undefined {
  let count = 0
  for (const condition of conditionsOf(filter)) {
    const checked = checkCondition(condition, definitionOf(condition.field))
    if (checked.kind === 'problem') return checked
    if (++count > MAX_CONDITIONS) {
      const message = `The filter has more than ${MAX_CONDITIONS} conditions.`
      return { kind: 'problem', code: 'SEARCH_BAD_REQUEST', message }
    }
  }
  return undefined
}
