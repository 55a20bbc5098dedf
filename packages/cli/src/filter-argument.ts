import type { Filter } from '@tramontane/contract/filter'
import { FilterSyntaxError, renderFilterError } from '@tramontane/contract/filter-syntax-error'
import { parseFilter } from '@tramontane/contract/filter-text'
import type { ApiClient } from './api-client.ts'
import { usageError } from './cli-error.ts'
import { fieldDefinitions } from './field-definitions.ts'

function parse(...[text, fields]: Parameters<typeof parseFilter>): Filter | null {
  try {
    return parseFilter(text, fields)
  } catch (error) {
    if (error instanceof FilterSyntaxError) throw usageError(renderFilterError(error))
    throw error
  }
}

/**
 * Reads a filter in its text form, and checks it against the fields that the server has.
 * @param text undefined or blank: every event
 * @throws CliError with the mistake's place and a suggestion
 */
export async function readFilter(api: ApiClient, text: string | undefined): Promise<Filter | null> {
  // What cannot be parsed needs no server to say so.
  if (text === undefined || parse(text) === null) return null
  return parse(text, await fieldDefinitions(api))
}
