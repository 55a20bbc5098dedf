import { type OutputUnit, Validator } from '@cfworker/json-schema'
import { isRecord, type JsonSchema, type Path, pathOfPointer } from './json-schema.ts'

/** Something wrong at one place of a value. */
export interface Problem {
  readonly path: Path
  readonly message: string
}

/** They only say that something below is wrong, which is told there. */
const ABOVE: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  'additionalProperties',
  'unevaluatedProperties',
  'items',
  'prefixItems',
  'additionalItems',
  'unevaluatedItems',
  'allOf',
  'if',
  '$ref',
  '$recursiveRef',
  'dependentSchemas',
])
const CHOICES = /\/(anyOf|oneOf)\/(\d+)(?=\/|$)/g

/**
 * What of a value does not fit a schema. Patterns are left to the server, which tries them where it can be stopped: one that
 * takes for ever would take the page with it.
 * @returns none as well if the schema itself cannot be read
 */
export function check(schema: JsonSchema, value: unknown): Problem[] {
  let errors: OutputUnit[]
  try {
    errors = new Validator(withoutPatterns(schema) as object, '2020-12', false).validate(value).errors
  } catch {
    return []
  }
  const found = new Map<string, Problem>()
  for (const error of errors) {
    if (ABOVE.has(error.keyword) || isOfChoice(error, schema)) continue
    const problem = problemOf(error, value)
    const key = JSON.stringify(problem.path)
    // The first at a place says enough.
    if (!found.has(key)) found.set(key, problem)
  }
  return [...found.values()]
}

/** Whether a value fits a part of a schema; the definitions are those of the whole. */
export function fits(part: JsonSchema | boolean, value: unknown, root: JsonSchema): boolean {
  if (typeof part === 'boolean') return part
  try {
    const whole = { $defs: root.$defs, definitions: root.definitions, ...part }
    return new Validator(withoutPatterns(whole) as object, '2020-12').validate(value ?? null).valid
  } catch {
    return false
  }
}

/**
 * Whether an error is that of one of several alternatives, of which none fits: that none does is said already. Where the only
 * other one is null, it is the real one.
 */
function isOfChoice({ keywordLocation, keyword }: OutputUnit, schema: JsonSchema): boolean {
  if (keyword === 'anyOf' || keyword === 'oneOf') return isNullable(keywordLocation, schema)
  for (const { index } of keywordLocation.matchAll(CHOICES)) {
    const [, name, number] = /^\/(anyOf|oneOf)\/(\d+)/.exec(keywordLocation.slice(index))!
    const at = `${keywordLocation.slice(0, index)}/${name}`
    if (!isNullable(at, schema)) return true
    const choice = (choicesAt(at, schema) ?? [])[Number(number)]
    if (isRecord(choice) && choice.type === 'null') return true
  }
  return false
}

function isNullable(location: string, schema: JsonSchema): boolean {
  const choices = choicesAt(location, schema)
  return (
    choices?.length === 2 &&
    choices.some((one) => isRecord(one) && one.type === 'null') &&
    !choices.every(isNull)
  )
}

function isNull(schema: unknown): boolean {
  return isRecord(schema) && schema.type === 'null'
}

/** The list of alternatives at a place of a schema; the way there goes through references. */
function choicesAt(location: string, schema: JsonSchema): readonly unknown[] | undefined {
  let found: unknown = schema
  for (const part of pathOfPointer(location.slice(1))) {
    if (!isRecord(found) && !Array.isArray(found)) return undefined
    if (part === '$ref' && isRecord(found) && typeof found.$ref === 'string') {
      found = pathOfPointer(found.$ref.slice(1)).reduce<unknown>(
        (value, name) => (isRecord(value) ? value[name] : undefined),
        schema,
      )
    } else found = (found as Record<string, unknown>)[part]
  }
  return Array.isArray(found) ? found : undefined
}

function problemOf({ instanceLocation, keyword, error }: OutputUnit, value: unknown): Problem {
  const path = pathIn(value, pathOfPointer(instanceLocation.slice(1)))
  if (keyword === 'required' || keyword === 'dependentRequired') {
    const missing = /"(.*)"\.$/.exec(error)?.[1]
    if (missing !== undefined)
      return { path: [...path, missing.split('but does not have "').at(-1)!], message: 'is required' }
  }
  return { path, message: wordsOf(keyword, error) }
}

/** Numbers where the value has lists. */
function pathIn(value: unknown, parts: readonly string[]): Path {
  let at = value
  return parts.map((part) => {
    const key = Array.isArray(at) ? Number(part) : part
    at = isRecord(at) || Array.isArray(at) ? (at as Record<string | number, unknown>)[key] : undefined
    return key
  })
}

function wordsOf(keyword: string, error: string): string {
  const numbers = /\(?(-?[\d.e+]+) [<>] (-?[\d.e+]+)\)?/.exec(error)
  const expected = /Expected (.*)\.$/.exec(error)?.[1]
  switch (keyword) {
    case 'type':
      return expected ? `must be ${expected.replaceAll('"', '').replaceAll(', ', ' or ')}` : error
    case 'minLength':
      return numbers ? `must have at least ${numbers[2]} characters` : error
    case 'maxLength':
      return numbers ? `may have ${numbers[2]} characters at most` : error
    case 'minItems':
      return numbers ? `must have at least ${numbers[2]} items` : error
    case 'maxItems':
      return numbers ? `may have ${numbers[2]} items at most` : error
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return error
        .replace(
          /^.* is less than (or equal to +)?/,
          keyword === 'exclusiveMinimum' ? 'must be more than ' : 'must be at least ',
        )
        .replace(
          /^.* is greater than (or equal to +)?/,
          keyword === 'exclusiveMaximum' ? 'must be less than ' : 'may be at most ',
        )
        .replace(/\.$/, '')
    case 'multipleOf':
      return error.replace(/^.* is not a multiple of (.*)\.$/, 'must be a multiple of $1')
    case 'enum':
      return error.replace(/^Instance does not match any of (.*)\.$/, 'must be one of $1')
    case 'const':
      return error.replace(/^Instance does not match (.*)\.$/, 'must be $1')
    case 'false':
      return 'is not known here'
    case 'anyOf':
    case 'oneOf':
      return 'fits none of the alternatives'
    case 'format':
      return error.replace(/^String does not match format "(.*)"\.$/, 'is no $1')
    case 'uniqueItems':
      return 'has an item twice'
    default:
      return error
  }
}

function withoutPatterns(schema: unknown, isNamed = false): unknown {
  if (Array.isArray(schema)) return schema.map((one) => withoutPatterns(one))
  if (!isRecord(schema)) return schema
  return Object.fromEntries(
    Object.entries(schema)
      .filter(
        ([name, part]) =>
          isNamed || (part !== undefined && !(name === 'pattern' && typeof part === 'string')),
      )
      .map(([name, part]) => [
        name,
        name === 'enum' || name === 'const' || name === 'default' || name === 'examples'
          ? part
          : withoutPatterns(
              part,
              !isNamed && (name === 'properties' || name === '$defs' || name === 'definitions'),
            ),
      ]),
  )
}
