import type { Filter, FilterCondition } from './filter.ts'

/** Whether a filter is a single condition. */
export function isCondition(node: Filter): node is FilterCondition {
  return 'field' in node
}
