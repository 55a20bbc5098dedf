import { isRecord, type JsonSchema, resolved, typesOf } from './json-schema.ts'

/** A property of a schema, as a person reads it. */
export interface OutlineRow {
  /** Where it is, unlike any other. */
  readonly path: string
  readonly name: string
  readonly depth: number
  readonly type: string
  readonly isRequired: boolean
  readonly description: string
  /** As JSON; empty if there is none. */
  readonly default: string
}

const MAX_DEPTH = 5
const MAX_ROWS = 500
const MAX_CHOICES = 8

/** The properties of a schema and theirs, in order; none if it is not an object with known ones. */
export function schemaOutline(schema: JsonSchema): OutlineRow[] {
  const rows: OutlineRow[] = []
  addProperties(rows, schema, schema, '', [])
  return rows
}

function addProperties(
  rows: OutlineRow[],
  schema: JsonSchema,
  root: JsonSchema,
  path: string,
  above: readonly unknown[],
): void {
  const depth = above.length
  const own = resolved(schema, root)
  const { properties, required } = own
  // A definition that holds itself is told once.
  if (!isRecord(properties) || depth >= MAX_DEPTH || above.includes(properties)) return
  for (const [name, part] of Object.entries(properties)) {
    if (rows.length >= MAX_ROWS) return
    const property = resolved(isRecord(part) ? part : {}, root)
    const { description } = property
    rows.push({
      path: `${path}/${name}`,
      name,
      depth,
      type: typeText(property, root),
      isRequired: Array.isArray(required) && required.includes(name),
      description: typeof description === 'string' ? description : '',
      default: property.default === undefined ? '' : JSON.stringify(property.default),
    })
    const inner = innerOf(property, root)
    if (inner) addProperties(rows, inner, root, `${path}/${name}`, [...above, properties])
  }
}

/** What has properties of its own within a property: itself, an item of it, or its only choice beside null. */
function innerOf(property: JsonSchema, root: JsonSchema): JsonSchema | undefined {
  if (isRecord(property.properties)) return property
  if (isRecord(property.items)) return innerOf(resolved(property.items, root), root)
  const choices = [property.anyOf, property.oneOf].find(Array.isArray) as unknown[] | undefined
  const others = choices?.filter((one) => isRecord(one) && one.type !== 'null') ?? []
  return others.length === 1 ? innerOf(resolved(others[0] as JsonSchema, root), root) : undefined
}

/** The kind of value in a few words: `string`, `list of integer`, `"a" | "b"`. */
export function typeText(schema: JsonSchema, root: JsonSchema, depth = 0): string {
  const own = resolved(schema, root)
  if (depth > MAX_DEPTH) return '…'
  if (own.const !== undefined) return JSON.stringify(own.const)
  if (Array.isArray(own.enum)) {
    const shown = own.enum.slice(0, MAX_CHOICES).map((one) => JSON.stringify(one))
    return `${shown.join(' | ')}${own.enum.length > MAX_CHOICES ? ' | …' : ''}`
  }
  for (const choices of [own.anyOf, own.oneOf])
    if (Array.isArray(choices))
      return [
        ...new Set(choices.map((one) => (isRecord(one) ? typeText(one, root, depth + 1) : 'any'))),
      ].join(' | ')
  const types = typesOf(own)
  if (types[0] === 'array' && types.length === 1)
    return isRecord(own.items) ? `list of ${typeText(own.items, root, depth + 1)}` : 'list'
  if (types.length > 0) {
    const text = types.join(' | ')
    return typeof own.format === 'string' ? `${text} (${own.format})` : text
  }
  return isRecord(own.properties) ? 'object' : 'any'
}
