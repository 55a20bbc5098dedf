/** A JSON Schema, or an OpenAPI document, as parsed. */
export type Json = Record<string, unknown>

/** A schema with the document that its references point into. */
export interface Schema {
  readonly root: Json
  readonly schema: Json
}

/**
 * A place where the schemas differ, and what is wrong there: `body.output.options[]`. Of alternatives, the one meant is
 * named: `body.output<CLASSIFICATION>.options[]`.
 */
export interface Difference {
  readonly at: string
  readonly what: string
}

/** How two schemas are held against each other. */
export interface FitOptions {
  /** Report limits (lengths, ranges) that differ from those of `from`. */
  readonly limits: boolean
  /** Report properties of `from` that `to` does not know. */
  readonly unknown: boolean
}

const LIMITS = ['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'] as const
const FORMATS = new Set(['uuid', 'date-time'])
const ANNOTATIONS = new Set([
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'discriminator',
  'x-',
])

function resolve({ root, schema }: Schema): Schema {
  const reference = schema.$ref
  if (typeof reference !== 'string') return { root, schema }
  let target: unknown = root
  for (const step of reference.replace(/^#\/?/, '').split('/').filter(Boolean))
    target = (target as Json)?.[step.replaceAll('~1', '/').replaceAll('~0', '~')]
  if (typeof target !== 'object' || target === null) throw new Error(`${reference} leads nowhere`)
  return resolve({ root, schema: target as Json })
}

/** Puts the parts of an `allOf` together; later parts win. */
function merged({ root, schema }: Schema): Schema {
  const parts = schema.allOf as Json[] | undefined
  if (!parts) return { root, schema }
  const { allOf: _, ...own } = schema
  const all = [...parts.map((part) => merged(resolve({ root, schema: part })).schema), own]
  const whole: Json = Object.assign({}, ...all)
  const properties = Object.assign({}, ...all.map((part) => part.properties ?? {}))
  if (Object.keys(properties).length > 0) whole.properties = properties
  const required = all.flatMap((part) => (part.required as string[] | undefined) ?? [])
  if (required.length > 0) whole.required = required
  return { root, schema: whole }
}

/** The alternatives that a schema allows, each of one type. */
function alternatives(given: Schema): Schema[] {
  const { root, schema } = merged(resolve(given))
  const choice = (schema.anyOf ?? schema.oneOf) as Json[] | undefined
  if (choice) return choice.flatMap((item) => alternatives({ root, schema: item }))
  if (Array.isArray(schema.type))
    return schema.type.flatMap((type) => alternatives({ root, schema: { ...schema, type } }))
  if ('const' in schema) return [{ root, schema: { ...schema, enum: [schema.const] } }]
  return [{ root, schema }]
}

/** Whether a schema says nothing about its values; a choice between anything and something does not, either. */
export function isAnything(given: Schema): boolean {
  const { root, schema } = merged(resolve(given))
  const { anyOf, ...own } = schema
  return (
    Object.keys(own).every((key) => ANNOTATIONS.has(key) || key.startsWith('x-') || key === '$schema') &&
    (anyOf === undefined || (anyOf as Json[]).some((item) => isAnything({ root, schema: item })))
  )
}

/** The only values that a property may have; empty if it may have any. */
function valuesOf(property: Json | undefined): unknown[] {
  if (property && 'const' in property) return [property.const]
  return (property?.enum as unknown[] | undefined) ?? []
}

function propertiesOf({ schema }: Schema): Record<string, Json> {
  return (schema.properties ?? {}) as Record<string, Json>
}

/** Whether no property forbids that a value is of both. */
function isSameKind(from: Schema, to: Schema): boolean {
  const known = propertiesOf(to)
  return Object.entries(propertiesOf(from)).every(([name, property]) => {
    const [given, allowed] = [valuesOf(property), valuesOf(known[name])]
    return given.length === 0 || allowed.length === 0 || given.some((value) => allowed.includes(value))
  })
}

/** What tells an alternative from the others: the value of a property that only it has, as `<value>`. */
function kindOf(meant: Schema, all: readonly Schema[]): string {
  const others = all.filter((other) => other !== meant && typeOf(other.schema) === 'object')
  if (others.length === 0) return ''
  const own = Object.entries(propertiesOf(meant)).find(([name, property]) => {
    const values = valuesOf(property)
    return (
      values.length === 1 && !others.some((other) => valuesOf(propertiesOf(other)[name]).includes(values[0]))
    )
  })
  return own ? `<${valuesOf(own[1])[0]}>` : ''
}

function typeOf(schema: Json): string {
  if (typeof schema.type === 'string') return schema.type
  if (Array.isArray(schema.enum)) return typeof schema.enum[0] === 'string' ? 'string' : 'value'
  if (schema.properties || schema.additionalProperties) return 'object'
  return 'value'
}

/** Holds whether every value of one schema is a value of another. */
export class SchemaFit {
  readonly #options: FitOptions
  readonly #open = new Map<Json, Set<Json>>()

  constructor(options: FitOptions) {
    this.#options = options
  }

  /** The places where a value of `from` may not be one of `to`; empty if there is none. */
  differences(from: Schema, to: Schema, at: string): Difference[] {
    if (isAnything(to)) return []
    if (isAnything(from)) return [{ at, what: 'may be anything there, but not here' }]
    const targets = alternatives(to)
    const sources = alternatives(from)
    return sources.flatMap((source) => {
      const place = `${at}${kindOf(source, sources)}`
      const alike = targets.filter((target) => isSameKind(source, target))
      let best: Difference[] | undefined
      for (const target of alike.length > 0 ? alike : targets) {
        const found = this.#pair(source, target, place)
        if (found.length === 0) return []
        if (!best || rank(found, place) < rank(best, place)) best = found
      }
      return best ?? []
    })
  }

  #pair(from: Schema, to: Schema, at: string): Difference[] {
    if (isAnything(to)) return []
    // A schema within itself: what holds for the outer pair holds for the inner one.
    const open = this.#open.get(from.schema) ?? new Set()
    if (open.has(to.schema)) return []
    this.#open.set(from.schema, open.add(to.schema))
    try {
      return this.#compare(from, to, at)
    } finally {
      open.delete(to.schema)
    }
  }

  #compare(from: Schema, to: Schema, at: string): Difference[] {
    const [source, target] = [typeOf(from.schema), typeOf(to.schema)]
    const isSame = source === target || (source === 'integer' && target === 'number')
    if (!isSame) return [{ at, what: `${source} does not fit ${target}` }]
    return [
      ...this.#values(from.schema, to.schema, at),
      ...(source === 'array' ? this.#items(from, to, at) : []),
      ...(source === 'object' ? this.#properties(from, to, at) : []),
    ]
  }

  #values(from: Json, to: Json, at: string): Difference[] {
    const differences: Difference[] = []
    const allowed = to.enum as unknown[] | undefined
    if (allowed) {
      const values = from.enum as unknown[] | undefined
      const strange = values?.filter((value) => !allowed.includes(value))
      if (!strange) differences.push({ at, what: `any ${from.type}, but only ${allowed.join(' ')} fits` })
      else if (strange.length > 0) differences.push({ at, what: `does not fit: ${strange.join(' ')}` })
    }
    if (typeof to.format === 'string' && FORMATS.has(to.format) && from.format !== to.format && !from.enum)
      differences.push({ at, what: `is no ${to.format}` })
    if (this.#options.limits) {
      for (const limit of LIMITS) {
        if (from[limit] !== undefined && from[limit] !== to[limit])
          differences.push({ at, what: `${limit} is ${from[limit]} there and ${to[limit] ?? 'none'} here` })
      }
    }
    return differences
  }

  #items(from: Schema, to: Schema, at: string): Difference[] {
    const item = (of: Schema): Schema => ({ root: of.root, schema: (of.schema.items as Json) ?? {} })
    return this.differences(item(from), item(to), `${at}[]`)
  }

  #properties(from: Schema, to: Schema, at: string): Difference[] {
    const known = propertiesOf(to)
    const given = propertiesOf(from)
    const always = new Set((from.schema.required as string[] | undefined) ?? [])
    const differences: Difference[] = ((to.schema.required as string[] | undefined) ?? [])
      .filter((name) => !always.has(name) && !isTold(given[name], known[name]))
      .map((name) => ({
        at: `${at}.${name}`,
        what: name in given ? 'may be absent, but is required' : 'is missing',
      }))
    for (const [name, schema] of Object.entries(given)) {
      const target = known[name]
      if (target) {
        differences.push(
          ...this.differences(
            { root: from.root, schema },
            { root: to.root, schema: target },
            `${at}.${name}`,
          ),
        )
      } else if (this.#options.unknown && !to.schema.additionalProperties) {
        differences.push({ at: `${at}.${name}`, what: 'is not known' })
      }
    }
    return [...differences, ...this.#others(from, to, at)]
  }

  /** Maps: the values of keys that are not named. */
  #others(from: Schema, to: Schema, at: string): Difference[] {
    const [source, target] = [from.schema.additionalProperties, to.schema.additionalProperties]
    if (typeof source !== 'object' || typeof target !== 'object' || !source || !target) return []
    return this.differences(
      { root: from.root, schema: source as Json },
      { root: to.root, schema: target as Json },
      `${at}{}`,
    )
  }
}

/** A discriminator that may be left out is told by the other fields; what has none to be told by is tried in tests. */
function isTold(from: Json | undefined, to: Json | undefined): boolean {
  const given = valuesOf(from)
  return given.length === 1 && valuesOf(to).includes(given[0])
}

/** Of alternatives that do not fit, the one meant has the right type, and differs in less. */
function rank(differences: readonly Difference[], at: string): number {
  const isOther = differences.some((difference) => difference.at === at)
  return differences.length + (isOther ? 1_000 : 0)
}
