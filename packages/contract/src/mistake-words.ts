import type { z } from 'zod'

const TYPES: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  null: 'null',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'a string',
}
const FORMATS: Readonly<Record<string, string>> = {
  date: 'a date such as 2026-05-01',
  datetime: 'a time such as 2026-05-01T10:00:00Z',
  url: 'a URL',
  uuid: 'a UUID',
}
const ENTRIES = { one: 'entry', many: 'entries' }
const PARTS: Readonly<Record<string, { one: string; many: string }>> = {
  array: ENTRIES,
  set: ENTRIES,
  string: { one: 'character', many: 'characters' },
}

/**
 * What is wrong with a value, as the second half of a sentence whose first names the place: `must have at least 5
 * characters`. For `schema.safeParse(value, { error: mistakeWords })`; what a schema says in words of its own stays.
 */
export const mistakeWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is missing'
      return TYPES[issue.expected] && `must be ${TYPES[issue.expected]}`
    case 'invalid_value': {
      const values = issue.values.map((value) => (typeof value === 'string' ? value : String(value)))
      if (issue.input === undefined) return `is missing; it must be ${oneOf(values)}`
      return `must be ${oneOf(values)}`
    }
    case 'invalid_format':
      return FORMATS[issue.format] && `must be ${FORMATS[issue.format]}`
    case 'too_small':
      return atLeast(issue)
    case 'too_big':
      return atMost(issue)
    case 'unrecognized_keys':
      return `has what is not known here: ${issue.keys.join(', ')}`
    default:
      return undefined
  }
}

function oneOf(values: readonly string[]): string {
  return values.length === 1 ? values[0]! : `one of ${values.join(', ')}`
}

/** `1 character`, `5 entries`; undefined for what has no parts that are counted. */
function partsOf(origin: string, count: number | bigint): string | undefined {
  const part = PARTS[origin]
  return part && `${count} ${Number(count) === 1 ? part.one : part.many}`
}

function atLeast({ origin, minimum, inclusive, exact }: z.core.$ZodRawIssue<z.core.$ZodIssueTooSmall>) {
  const parts = partsOf(origin, minimum)
  if (parts === undefined)
    return inclusive === false ? `must be more than ${minimum}` : `must be at least ${minimum}`
  if (exact) return `must have ${parts}`
  return Number(minimum) === 1 ? 'must not be empty' : `must have at least ${parts}`
}

function atMost({ origin, maximum, inclusive, exact }: z.core.$ZodRawIssue<z.core.$ZodIssueTooBig>) {
  const parts = partsOf(origin, maximum)
  if (parts === undefined)
    return inclusive === false ? `must be less than ${maximum}` : `may be ${maximum} at most`
  return exact ? `must have ${parts}` : `may have ${parts} at most`
}
