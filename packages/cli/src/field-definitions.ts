import { listEventFields } from '@tramontane/contract/events'
import type { FieldDefinition } from '@tramontane/contract/fields'
import type { ApiClient } from './api-client.ts'

/** The fields that the server's events have. */
export async function fieldDefinitions(api: ApiClient): Promise<FieldDefinition[]> {
  return (await api.call(listEventFields, {})).field_definitions
}
