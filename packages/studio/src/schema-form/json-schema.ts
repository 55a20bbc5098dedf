/** A JSON Schema, as a worker sent it: nothing is certain of it. */
export type JsonSchema = { readonly [keyword: string]: unknown }

export type Path = readonly (string | number)[]

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a schema says, with the definition that it refers to put in; other references stay as they are. */
export function resolved(schema: JsonSchema, root: JsonSchema): JsonSchema {
  let found = schema
  // Definitions may refer to one another, and to themselves.
  for (let i = 0; i < 20 && typeof found.$ref === 'string' && found.$ref.startsWith('#'); i++) {
    const { $ref, ...rest } = found
    const target = valueAt(root, pathOfPointer(($ref as string).slice(1)))
    if (!isRecord(target)) return found
    found = { ...target, ...rest }
  }
  return found
}

/** The parts of a JSON pointer (`/a/0`), also as a fragment's: percent-encoded. */
export function pathOfPointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => {
      let text = part
      try {
        text = decodeURIComponent(part)
      } catch {
        // As it is.
      }
      return text.replaceAll('~1', '/').replaceAll('~0', '~')
    })
}

/** What is at a place of a value; undefined if there is nothing. */
export function valueAt(value: unknown, path: Path): unknown {
  let found = value
  for (const part of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, part)) return undefined
    found = (found as Record<string | number, unknown>)[part]
  }
  return found
}

/** The kinds of values that a schema names; none if it says nothing about them. */
export function typesOf(schema: JsonSchema): readonly string[] {
  const { type } = schema
  if (typeof type === 'string') return [type]
  return Array.isArray(type) ? type.filter((one) => typeof one === 'string') : []
}

/** Whether a schema takes null, alone or as one of several. */
export function takesNull(schema: JsonSchema, root: JsonSchema): boolean {
  const own = resolved(schema, root)
  if (typesOf(own).includes('null') || own.const === null) return true
  if (Array.isArray(own.enum) && own.enum.includes(null)) return true
  return [own.anyOf, own.oneOf].some(
    (choices) => Array.isArray(choices) && choices.some((one) => isRecord(one) && takesNull(one, root)),
  )
}

/** The properties that a schema names. */
export function resolvedProperties(schema: JsonSchema): unknown {
  return resolved(schema, schema).properties
}
