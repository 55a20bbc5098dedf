/** A JSON object whose fields are not known. */
export type JsonObject = Record<string, unknown>

/** Whether a JSON value is an object, no list and not null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
