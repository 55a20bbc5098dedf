import type { Schema } from './described-api.ts'

const FORMATS: Readonly<Record<string, string>> = {
  uuid: '01920000-0000-7000-8000-000000000000',
  'date-time': '2025-01-01T00:00:00Z',
  uri: 'https://example.com/',
}

function resolve(schema: Schema, root: Schema): Schema {
  if (typeof schema.$ref !== 'string') return schema
  let found: unknown = root
  for (const step of schema.$ref.split('/').slice(1)) found = (found as Schema)[decodeURIComponent(step)]
  return resolve(found as Schema, root)
}

/**
 * A value that fits a schema.
 * @param root the document that the schema's references lead into
 * @param takes whether an optional property is put in; keep it from saying yes for ever where schemas are recursive
 */
export function sampleOf(schema: Schema, root: Schema, takes: () => boolean = () => false): unknown {
  const known = resolve(schema, root)
  if ('const' in known) return known.const
  if (Array.isArray(known.enum)) return known.enum[0]
  const choice = known.anyOf ?? known.oneOf
  if (Array.isArray(choice)) return sampleOf(choice[0] as Schema, root, takes)
  const type = Array.isArray(known.type) ? known.type[0] : known.type
  switch (type) {
    case 'object':
      return sampleObject(known, root, takes)
    case 'array': {
      const length = Math.max(Number(known.minItems ?? 0), takes() ? 1 : 0)
      return Array.from({ length }, () => sampleOf((known.items ?? {}) as Schema, root, takes))
    }
    case 'string':
      return FORMATS[String(known.format)] ?? 'sample'.padEnd(Number(known.minLength ?? 0), 'x')
    case 'integer':
    case 'number':
      return Number(known.minimum ?? 1)
    case 'boolean':
      return true
    default:
      return null
  }
}

function sampleObject(schema: Schema, root: Schema, takes: () => boolean): unknown {
  const required = new Set((schema.required as string[] | undefined) ?? [])
  const properties = Object.entries((schema.properties as Record<string, Schema> | undefined) ?? {})
  return Object.fromEntries(
    properties
      .filter(([name]) => required.has(name) || takes())
      .map(([name, property]) => [name, sampleOf(property, root, takes)]),
  )
}
