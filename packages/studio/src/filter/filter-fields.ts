import type { FieldDefinition } from '@tramontane/contract/fields'
import { FilterSyntaxError } from '@tramontane/contract/filter-syntax-error'
import { parseFilter } from '@tramontane/contract/filter-text'

/** What a filter can be about. */
export interface FilterFields {
  readonly field_definitions: readonly FieldDefinition[]
  readonly field_groups: readonly { readonly name: string; readonly label: string }[]
}

/** The first mistake of a filter's text; undefined if it can be asked. */
export function filterMistake(
  text: string,
  fields: readonly FieldDefinition[],
): FilterSyntaxError | undefined {
  try {
    parseFilter(text, fields)
    return undefined
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error
    return error
  }
}

/** The first mistake of a filter's text, in words; undefined if it can be asked. */
export function filterProblem(text: string, fields: readonly FieldDefinition[]): string | undefined {
  const mistake = filterMistake(text, fields)
  return mistake && wordsOf(mistake)
}

/** What is wrong, and what to do about it. */
export function wordsOf({ message, advice }: FilterSyntaxError): string {
  return [message, advice].filter(Boolean).join(' ')
}

/** What stands where a filter could be written. */
export const FILTER_EXAMPLE = 'All events. Try status = "error" AND total_time_elapsed > 5'
