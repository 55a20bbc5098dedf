import { isRecord, type JsonSchema, resolved, takesNull, typesOf } from './json-schema.ts'

/** Keywords that hold one schema, a list of them, or several by name. */
const ONE = ['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames']
const LISTS = ['anyOf', 'oneOf', 'allOf']
const NAMED = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']
/** What these ask for is typed like any text. */
const PLAIN_FORMATS: ReadonlySet<unknown> = new Set(['binary', 'byte', 'data-url', 'color', 'file'])

/**
 * A schema that a form can show, made of one that a worker sent: what may be null becomes optional, and what a form has no
 * controls for loses its type, so that it is edited as JSON.
 * @param schema a whole schema, with its definitions
 */
export function formSchema(schema: JsonSchema): JsonSchema {
  const { $schema: _, ...made } = shown(schema, schema)
  return made
}

/** Whether a schema is one that a form can show at all: an object with properties that are known. */
export function hasForm(schema: JsonSchema): boolean {
  const own = resolved(schema, schema)
  const types = typesOf(own)
  if (types.length > 1 || (types.length === 1 && types[0] !== 'object')) return false
  return isRecord(own.properties) && Object.keys(own.properties).length > 0
}

/** Whether a schema takes nothing but an empty object. */
export function takesNothing(schema: JsonSchema): boolean {
  const own = resolved(schema, schema)
  const extra = own.additionalProperties
  return (
    typesOf(own)[0] === 'object' &&
    (!isRecord(own.properties) || Object.keys(own.properties).length === 0) &&
    (extra === undefined || extra === false) &&
    ['anyOf', 'oneOf', 'allOf', 'if', 'patternProperties', 'required', 'minProperties'].every(
      (keyword) => own[keyword] === undefined,
    )
  )
}

/** What a form begins with: the defaults that the schema has for its properties. */
export function initialValue(schema: JsonSchema): Record<string, unknown> {
  const { properties } = resolved(schema, schema)
  if (!isRecord(properties)) return {}
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([, part]) => isRecord(part) && part.default !== undefined && part.default !== null)
      .map(([name, part]) => [name, structuredClone((part as JsonSchema).default)]),
  )
}

/** The value of a form with null for what is required, may be null and was left empty. */
export function completed(value: unknown, schema: JsonSchema, root: JsonSchema = schema): unknown {
  const own = withoutNull(resolved(schema, root), root)
  if (Array.isArray(value)) {
    const { items } = own
    return isRecord(items) ? value.map((one) => completed(one, items, root)) : value
  }
  if (!isRecord(value)) return value
  const properties = isRecord(own.properties) ? own.properties : {}
  const made: [string, unknown][] = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .map(([name, part]) => {
      const known = Object.hasOwn(properties, name) ? properties[name] : undefined
      return [name, isRecord(known) ? completed(part, known, root) : part]
    })
  for (const name of Array.isArray(own.required) ? own.required : []) {
    const known = typeof name === 'string' && Object.hasOwn(properties, name) ? properties[name] : undefined
    if (value[name] === undefined && isRecord(known) && takesNull(known, root)) made.push([name, null])
  }
  return Object.fromEntries(made)
}

/** Of a choice between null and one other thing: the other thing. */
function withoutNull(schema: JsonSchema, root: JsonSchema): JsonSchema {
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const choices = schema[keyword]
    if (!Array.isArray(choices)) continue
    const others = choices.filter((one) => !(isRecord(one) && one.type === 'null'))
    if (others.length !== 1 || others.length === choices.length || !isRecord(others[0])) continue
    const { [keyword]: _, ...rest } = schema
    return resolved({ ...others[0], ...rest }, root)
  }
  const types = typesOf(schema)
  if (types.length < 2 || !types.includes('null')) return schema
  const left = types.filter((type) => type !== 'null')
  return { ...schema, type: left.length === 1 ? left[0] : left }
}

function shown(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const mayBeNull = takesNull(schema, root)
  let made: Record<string, unknown> = { ...collapsed(schema) }
  delete made.$id
  if (mayBeNull && made.default === null) delete made.default
  if (PLAIN_FORMATS.has(made.format)) delete made.format
  if (Array.isArray(made.enum) && made.enum.length > 1) made.enum = made.enum.filter((one) => one !== null)
  if (!isControllable(made)) made = jsonOnly(made)
  for (const keyword of ONE) if (isRecord(made[keyword])) made[keyword] = shown(made[keyword], root)
  for (const keyword of LISTS)
    if (Array.isArray(made[keyword]))
      made[keyword] = made[keyword].map((part) => (isRecord(part) ? shown(part, root) : part))
  for (const keyword of NAMED)
    if (isRecord(made[keyword]))
      made[keyword] = Object.fromEntries(
        Object.entries(made[keyword]).map(([name, part]) => [name, shown(isRecord(part) ? part : {}, root)]),
      )
  // What may be null need not be filled in.
  if (Array.isArray(made.required) && isRecord(schema.properties)) {
    const { properties } = schema
    made.required = made.required.filter((name) => {
      const part = properties[String(name)]
      return !isRecord(part) || !takesNull(part, root)
    })
  }
  return made
}

function collapsed(schema: JsonSchema): JsonSchema {
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const choices = schema[keyword]
    if (!Array.isArray(choices)) continue
    const others = choices.filter((one) => !(isRecord(one) && one.type === 'null'))
    if (others.length === choices.length) continue
    const { [keyword]: _, ...rest } = schema
    if (others.length === 1 && isRecord(others[0])) return { ...others[0], ...rest }
    return { ...rest, [keyword]: others }
  }
  const types = typesOf(schema)
  if (types.length < 2 || !types.includes('null')) return schema
  const left = types.filter((type) => type !== 'null')
  return { ...schema, type: left.length === 1 ? left[0] : left }
}

/** Whether there are controls for what a schema describes, leaving its parts aside. */
function isControllable(schema: JsonSchema): boolean {
  if (schema.$ref !== undefined || schema.enum !== undefined || schema.const !== undefined) return true
  if (LISTS.some((keyword) => schema[keyword] !== undefined)) return true
  const types = typesOf(schema)
  if (types.length !== 1) return types.length === 0 && isRecord(schema.properties)
  switch (types[0]) {
    case 'array':
      return (
        isRecord(schema.items) && Object.keys(schema.items).length > 0 && schema.prefixItems === undefined
      )
    case 'object':
      return (
        (isRecord(schema.properties) && Object.keys(schema.properties).length > 0) ||
        (isRecord(schema.additionalProperties) && Object.keys(schema.additionalProperties).length > 0)
      )
    default:
      return ['string', 'number', 'integer', 'boolean', 'null'].includes(types[0]!)
  }
}

/** Of a schema without controls: what a person reads. An empty schema would not be shown at all. */
function jsonOnly({ title, description, default: value, $defs, definitions }: JsonSchema) {
  const kept = { title, description, default: value, $defs, definitions, $comment: 'JSON' }
  return Object.fromEntries(Object.entries(kept).filter(([, part]) => part !== undefined))
}
