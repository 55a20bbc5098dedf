import { useQueries } from '@tanstack/react-query'
import type { Output } from '../api/call.ts'
import { query } from '../api/query.ts'

export type RecordPreview = Output<'listDatasetRecordPreviews'>['previews'][number]

export const PAGE_SIZE = 50

/**
 * The records of the places that are on the screen; pages that were seen stay for a while.
 * @param first and last: places in the dataset, from 0
 * @returns what is known by place
 */
export function useRecordPages(
  datasetId: string,
  { first, last }: { first: number; last: number },
): { at: (place: number) => RecordPreview | undefined; error: Error | null; retry: () => void } {
  const pages: number[] = []
  for (let page = Math.floor(first / PAGE_SIZE) + 1; (page - 1) * PAGE_SIZE <= last; page++) pages.push(page)
  const results = useQueries({
    queries: pages.map((page) =>
      query('listDatasetRecordPreviews', {
        params: { dataset_id: datasetId },
        query: { page, page_size: PAGE_SIZE },
      }),
    ),
  })
  return {
    at: (place) => {
      const page = Math.floor(place / PAGE_SIZE) + 1
      return results[pages.indexOf(page)]?.data?.previews[place % PAGE_SIZE]
    },
    error: results.find(({ error, data }) => error && !data)?.error ?? null,
    retry: () => {
      for (const result of results) if (result.error) void result.refetch()
    },
  }
}
