import type { FieldDefinition } from '@tramontane/contract/fields'
import { duration } from '../formats/durations.ts'
import { count } from '../formats/numbers.ts'

/** A value of a field as the table shows it: numbers with their unit, lists joined. */
export function cellText(field: FieldDefinition | undefined, name: string, value: unknown): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.join(', ')
  if (name === 'total_time_elapsed' && typeof value === 'number') return duration(value * 1_000)
  if (typeof value === 'number')
    return field?.type === 'INT'
      ? count(value)
      : value.toLocaleString(undefined, { maximumFractionDigits: 3 })
  // One line: what breaks a line is a space.
  return String(value).replaceAll(/\s+/g, ' ')
}

/** Whether a column's values stand at its right. */
export function isNumeric(field: FieldDefinition | undefined): boolean {
  return field?.type === 'INT' || field?.type === 'FLOAT'
}
