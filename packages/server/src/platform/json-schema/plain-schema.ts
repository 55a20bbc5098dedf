import { isObject, type JsonObject } from '../json-object.ts'

/** What is said about a schema, and asks nothing of a value. */
const NOTES: ReadonlySet<string> = new Set([
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  '$comment',
  '$schema',
])
const MAX_PARTS = 500

class NotPlain extends Error {}

/**
 * Whether a value fits a schema of the simplest kind: objects with properties, lists, texts, numbers, choices. Such a schema takes
 * no longer than the value is large, so it needs no process of its own.
 * @returns false also for a schema of another kind, which says nothing about the value
 */
export function fitsPlainly(schema: JsonObject, value: unknown): boolean {
  const budget = { left: MAX_PARTS }
  try {
    // First whether the whole of it is plain: a part that is not may lie where this value does not lead.
    checkPlain(schema, budget)
    return fits(schema, value)
  } catch (error) {
    if (error instanceof NotPlain) return false
    throw error
  }
}

function checkPlain(schema: unknown, budget: { left: number }): void {
  if (!isObject(schema) || budget.left-- <= 0) throw new NotPlain()
  for (const [keyword, given] of Object.entries(schema)) {
    if (NOTES.has(keyword)) continue
    if (keyword === 'type') {
      if (typeof given !== 'string' || !Object.hasOwn(TYPES, given)) throw new NotPlain()
    } else if (keyword === 'properties') {
      if (!isObject(given)) throw new NotPlain()
      for (const part of Object.values(given)) checkPlain(part, budget)
    } else if (keyword === 'items') checkPlain(given, budget)
    else if (keyword === 'anyOf') {
      // Of a choice, each part alone must cost nothing: the choices of choices would multiply.
      if (!Array.isArray(given) || !given.every(isBare)) throw new NotPlain()
      budget.left -= given.length
    } else if (keyword === 'required') {
      if (!isListOf(given, 'string')) throw new NotPlain()
    } else if (keyword === 'enum') {
      if (!Array.isArray(given) || given.length > MAX_PARTS || given.some((one) => typeof one === 'object'))
        throw new NotPlain()
    } else if (keyword === 'additionalProperties') {
      if (typeof given !== 'boolean') throw new NotPlain()
    } else if (!Object.hasOwn(LIMITS, keyword) || typeof given !== 'number') throw new NotPlain()
  }
}

function isBare(schema: unknown): boolean {
  if (!isObject(schema)) return false
  return Object.keys(schema).every(
    (keyword) => NOTES.has(keyword) || (keyword === 'type' && Object.hasOwn(TYPES, String(schema.type))),
  )
}

function isListOf(value: unknown, type: string): value is unknown[] {
  return Array.isArray(value) && value.every((one) => typeof one === type)
}

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
}

/** Each holds for a value of another type. */
const LIMITS: Readonly<Record<string, (value: unknown, limit: number) => boolean>> = {
  minimum: (value, limit) => typeof value !== 'number' || value >= limit,
  maximum: (value, limit) => typeof value !== 'number' || value <= limit,
  exclusiveMinimum: (value, limit) => typeof value !== 'number' || value > limit,
  exclusiveMaximum: (value, limit) => typeof value !== 'number' || value < limit,
  // Of characters that take two places, some count as one: only what fits either way is said to fit.
  minLength: (value, limit) => typeof value !== 'string' || value.length >= limit * 2,
  maxLength: (value, limit) => typeof value !== 'string' || value.length <= limit,
  minItems: (value, limit) => !Array.isArray(value) || value.length >= limit,
  maxItems: (value, limit) => !Array.isArray(value) || value.length <= limit,
}

function fits(schema: JsonObject, value: unknown): boolean {
  for (const [keyword, given] of Object.entries(schema))
    if (!fitsKeyword(schema, keyword, given, value)) return false
  return true
}

function fitsKeyword(schema: JsonObject, keyword: string, given: unknown, value: unknown): boolean {
  switch (keyword) {
    case 'type':
      return TYPES[given as string]!(value)
    case 'enum':
      return (given as unknown[]).includes(value)
    case 'anyOf':
      return (given as JsonObject[]).some((part) => fits(part, value))
    case 'items':
      return !Array.isArray(value) || value.every((item) => fits(given as JsonObject, item))
    case 'properties':
      return (
        !isObject(value) ||
        Object.entries(given as Record<string, JsonObject>).every(
          ([name, part]) => !Object.hasOwn(value, name) || fits(part, value[name]),
        )
      )
    case 'required':
      return !isObject(value) || (given as string[]).every((name) => Object.hasOwn(value, name))
    case 'additionalProperties': {
      if (given === true || !isObject(value)) return true
      const { properties } = schema
      const known = isObject(properties) ? properties : {}
      return Object.keys(value).every((name) => Object.hasOwn(known, name))
    }
    default:
      return Object.hasOwn(LIMITS, keyword) ? LIMITS[keyword]!(value, given as number) : true
  }
}
