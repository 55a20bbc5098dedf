import type { Filter } from '@tramontane/contract/filter'
import { printFilter } from '@tramontane/contract/filter-print'
import { call, request } from '../api/call.ts'

/** Events to do something with: those that were selected, or all that match. */
export type Chosen =
  | { readonly kind: 'ids'; readonly ids: readonly string[] }
  /** @param filter with the time range */
  | { readonly kind: 'matching'; readonly filter: Filter | null }

const IMPORTED_AT_ONCE = 500
/** A filter that names more events than this is too long for an address. */
export const MAX_NAMED = 40

/** The filter that selects what is chosen; undefined if it would be too long. */
export function filterOf(chosen: Chosen): Filter | null | undefined {
  if (chosen.kind === 'matching') return chosen.filter
  if (chosen.ids.length > MAX_NAMED) return undefined
  return { OR: chosen.ids.map((id) => ({ field: 'event_id', op: 'eq' as const, value: id })) }
}

/** Where a campaign over these events is made. */
export function campaignAddress(filter: Filter | null): string {
  const text = printFilter(filter)
  return text === '' ? '/campaigns/new' : `/campaigns/new?filter=${encodeURIComponent(text)}`
}

/**
 * Begins to import events into a dataset. The tasks go on without this page.
 * @returns their ids, and how many events there are
 */
export async function importInto(
  datasetId: string,
  chosen: Chosen,
): Promise<{ tasks: string[]; count: number }> {
  const ids =
    chosen.kind === 'ids'
      ? chosen.ids
      : (await call('searchEventIds', { body: { search_params: { filters: chosen.filter } } }))
          .completion_event_ids
  const tasks: string[] = []
  for (let at = 0; at < ids.length; at += IMPORTED_AT_ONCE) {
    const task = await call('importFromExplorer', {
      params: { dataset_id: datasetId },
      body: { completion_event_ids: ids.slice(at, at + IMPORTED_AT_ONCE) },
    })
    tasks.push(task.id)
  }
  return { tasks, count: ids.length }
}

/**
 * Fetches events as JSONL.
 * @param onProgress is told how many have come
 */
export async function exportLines(
  chosen: Chosen,
  onProgress: (count: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  const body =
    chosen.kind === 'ids'
      ? { completion_event_ids: [...chosen.ids] }
      : { search_params: { filters: chosen.filter } }
  const response = await request('exportEvents', { body }, { signal })
  const parts: BlobPart[] = []
  let lines = 0
  for await (const part of response.body! as unknown as AsyncIterable<Uint8Array<ArrayBuffer>>) {
    parts.push(part)
    for (const byte of part) if (byte === 10) lines++
    onProgress(lines)
  }
  return new Blob(parts, { type: 'application/x-ndjson' })
}
