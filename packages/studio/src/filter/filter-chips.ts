import type { Filter, FilterCondition } from '@tramontane/contract/filter'
import { isCondition } from '@tramontane/contract/filter-node'
import { normaliseFilter, printFilter } from '@tramontane/contract/filter-print'

/** The parts of a filter that must all hold: what is shown as chips. */
export function chipsOf(filter: Filter | null): Filter[] {
  const normal = normaliseFilter(filter)
  if (normal === null) return []
  if (!isCondition(normal) && normal.AND) return normal.AND.flatMap(chipsOf)
  return [normal]
}

/** The filter of some parts. */
export function filterOfChips(parts: readonly Filter[]): Filter | null {
  return normaliseFilter({ AND: [...parts] })
}

function isSame(a: Filter, b: Filter): boolean {
  return printFilter(a) === printFilter(b)
}

/** Whether a filter asks for this among others. */
export function hasChip(filter: Filter | null, part: Filter): boolean {
  return chipsOf(filter).some((chip) => isSame(chip, part))
}

/** The filter with one more part; unchanged if it has it. */
export function withChip(filter: Filter | null, part: Filter): Filter | null {
  return hasChip(filter, part) ? normaliseFilter(filter) : filterOfChips([...chipsOf(filter), part])
}

/** The filter without a part. */
export function withoutChip(filter: Filter | null, part: Filter): Filter | null {
  return filterOfChips(chipsOf(filter).filter((chip) => !isSame(chip, part)))
}

/** The filter with a part in another's place. */
export function replaceChip(filter: Filter | null, at: number, part: Filter): Filter | null {
  return filterOfChips(chipsOf(filter).map((chip, index) => (index === at ? part : chip)))
}

/** The condition that a value of a field is asked with, or excluded with. */
export function valueCondition(
  field: { readonly name: string; readonly type: string },
  value: string,
  isExcluded = false,
): FilterCondition {
  const isList = field.type === 'ARRAY'
  const op = isExcluded ? (isList ? 'excludes' : 'neq') : isList ? 'includes' : 'eq'
  return { field: field.name, op, value }
}
