import { eventRecord } from '@tramontane/contract/event-record'
import { usageError } from '../cli-error.ts'

/** Where a field of the record is found in a line: `{field: 'model_name', path: ['payload', 'model']}`. */
export interface FieldMapping {
  readonly field: string
  readonly path: readonly string[]
}

const fields = Object.keys(eventRecord.shape)

/**
 * Reads `--map model_name=payload.model`.
 * @throws CliError for a field that a record does not have
 */
export function parseMapping(option: string): FieldMapping {
  const at = option.indexOf('=')
  const field = option.slice(0, at)
  const path = option.slice(at + 1)
  if (at <= 0 || path === '')
    throw usageError(
      `--map is ${JSON.stringify(option)}, but must be field=path, such as model_name=payload.model`,
    )
  const isKnown = field.startsWith('metadata.') ? field.length > 'metadata.'.length : fields.includes(field)
  if (!isKnown)
    throw usageError(
      `--map names the field ${JSON.stringify(field)}; there are ${fields.join(', ')} and metadata.<key>`,
    )
  return { field, path: path.split('.') }
}

/** The value at a path of own properties; undefined if there is none. */
export function valueAt(line: unknown, path: readonly string[]): unknown {
  let value = line
  for (const step of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string, unknown>)[step]
  }
  return value
}
