import { queryOptions } from '@tanstack/react-query'
import { type Output, request } from '../api/call.ts'
import { readExact } from '../api/exact-json.ts'

export interface ExactRecord {
  readonly record: Output<'getDatasetRecord'>
  /** Why nothing of it may be written back: this browser rounds a number in it. */
  readonly rounding: Error | undefined
}

/** Reads a record whose numbers stay as they were written. @throws ApiError */
export async function readRecord(id: string, signal?: AbortSignal): Promise<ExactRecord> {
  const params = { dataset_record_id: id }
  const text = await (await request('getDatasetRecord', { params }, signal ? { signal } : {})).text()
  const { value, rounding } = readExact(text)
  return { record: value as ExactRecord['record'], rounding }
}

/** The query of a record; everywhere the same one. */
export function recordQuery(id: string) {
  return queryOptions<ExactRecord, Error>({
    queryKey: ['getDatasetRecord', id],
    queryFn: ({ signal }) => readRecord(id, signal),
    structuralSharing: false,
  })
}
