import type { Entry, InputEntry, Inputs } from '@tramontane/contract/conversation-entries'
import { ApiError } from '../../platform/http/errors.ts'
import { newUuid } from '../../platform/uuid.ts'

const MAX_ENTRIES = 5_000
const MAX_BYTES = 32 * 1024 * 1024

/** An error of the body that names the place. */
export function invalid(message: string, ...loc: string[]): ApiError {
  return new ApiError('VALIDATION_ERROR', message, {
    issues: [{ loc: ['body', ...loc], msg: message, type: 'value_error' }],
  })
}

/** Entries as they are kept: with ids and times of our own, which a caller cannot choose. */
export function toEntries(inputs: Inputs | undefined): Entry[] {
  const list: InputEntry[] =
    typeof inputs === 'string'
      ? [{ object: 'entry', type: 'message.input', role: 'user', content: inputs, prefix: false }]
      : (inputs ?? [])
  const now = new Date().toISOString()
  return list.map((entry) => {
    if (entry.type === 'tool.execution' || entry.type === 'agent.handoff')
      throw new Error('refuseVendorParts lets no such entry through')
    return { ...entry, id: newUuid(), object: 'entry', created_at: now, completed_at: now } as Entry
  })
}

/**
 * Refuses a conversation that would grow too large.
 * @throws ApiError VALIDATION_ERROR naming the limit
 */
export function checkSize(entries: readonly Entry[]): void {
  if (entries.length > MAX_ENTRIES)
    throw invalid(
      `The conversation would have ${entries.length} entries; ${MAX_ENTRIES} is the most.`,
      'inputs',
    )
  if (bytesOf(entries) > MAX_BYTES)
    throw invalid(`The conversation would be larger than ${MAX_BYTES / 1024 / 1024} MiB.`, 'inputs')
}

/** Bytes that entries take as JSON. */
export function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + Buffer.byteLength(JSON.stringify(entry)), 0)
}
