import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { CheckAnswer, CheckRequest } from './schema-checker.ts'

// The process in which values are checked against schemas, started by `schema-checker.ts`. A process, since both come
// from users: a regular expression or a schema can take minutes, or all the memory there is, and whoever runs it has to
// be killed then.

const MAX_CACHED = 200
const MAX_CACHED_CHARACTERS = 8_000_000
const MAX_LISTED = 20

/** What is written is what is checked: nothing is coerced, filled in or taken away, and nothing is fetched. */
const OPTIONS = {
  strict: false,
  logger: false,
  inlineRefs: false,
  validateSchema: false,
  // Every object has a `toString`, which is no property that somebody gave it.
  ownProperties: true,
  addUsedSchema: false,
} as const

const cache = new Map<string, ValidateFunction | null>()
let cachedCharacters = 0

function isDraft7(schema: unknown): boolean {
  const dialect = (schema as { $schema?: unknown }).$schema
  return typeof dialect === 'string' && /draft-0[4-7]/.test(dialect)
}

/** @returns null if this is no schema that can be used */
function compiled(text: string): ValidateFunction | null {
  const known = cache.get(text)
  if (known !== undefined) return known
  const check = compile(text)
  if (cache.size >= MAX_CACHED || cachedCharacters > MAX_CACHED_CHARACTERS) {
    cache.clear()
    cachedCharacters = 0
  }
  cache.set(text, check)
  cachedCharacters += text.length
  return check
}

function compile(text: string): ValidateFunction | null {
  try {
    const schema = JSON.parse(text)
    const ajv = isDraft7(schema) ? new Ajv(OPTIONS) : new Ajv2020(OPTIONS)
    formats.default(ajv)
    return ajv.compile(schema)
  } catch {
    return null
  }
}

function messageOf({ instancePath, message, params }: ErrorObject): string {
  const place = instancePath === '' ? 'it' : `\`${instancePath.slice(1).replaceAll('/', '.')}\``
  const name: unknown = params.additionalProperty ?? params.unevaluatedProperty
  const values: unknown = params.allowedValues
  const which =
    name !== undefined
      ? `: ${JSON.stringify(name)}`
      : Array.isArray(values)
        ? `: ${values
            .slice(0, MAX_LISTED)
            .map((value) => JSON.stringify(value))
            .join(', ')}`
        : ''
  return `${place} ${message}${which}`.slice(0, 1_000)
}

function answerTo({ schema, value }: CheckRequest): CheckAnswer {
  const check = compiled(schema)
  if (!check) return { kind: 'unusable' }
  try {
    if (check(value)) return { kind: 'valid' }
    return { kind: 'invalid', message: messageOf(check.errors![0]!) }
  } catch {
    // A schema that refers to itself without end.
    return { kind: 'unusable' }
  }
}

process.on('message', (request: CheckRequest) => process.send!(answerTo(request)))
process.send!('ready')
