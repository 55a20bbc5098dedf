import {
  type InfiniteData,
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query'
import type { Filter } from '@tramontane/contract/filter'
import { useEffect, useMemo } from 'react'
import { call, type Output } from '../api/call.ts'
import { mergeNewest } from './event-pages.ts'

export type EventPage = Output<'searchEvents'>
export type EventPreview = EventPage['completion_events']['results'][number]

const PAGE_SIZE = 100
const LIVE_MS = 2_000

/**
 * The events that a filter selects, newest first, page by page; while `live`, new ones come on top.
 * @param fields what is asked of each event
 */
export function useEvents(filter: Filter | null, fields: readonly string[], live: boolean) {
  const client = useQueryClient()
  const body = useMemo(
    () => ({ search_params: { filters: filter }, extra_fields: [...fields] }),
    [filter, fields],
  )
  const queryKey = useMemo(() => ['searchEvents', 'pages', body], [body])
  const pages = useInfiniteQuery({
    queryKey,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      call('searchEvents', { query: { page_size: PAGE_SIZE, cursor: pageParam }, body }, { signal }),
    getNextPageParam: ({ completion_events }) => completion_events.cursor,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  })
  const newest = useQuery({
    queryKey: ['searchEvents', 'newest', body],
    queryFn: ({ signal }) => call('searchEvents', { query: { page_size: PAGE_SIZE }, body }, { signal }),
    enabled: live && pages.isSuccess,
    refetchInterval: LIVE_MS,
    staleTime: 0,
  })
  const { data: page } = newest
  const { data: shown } = pages
  useEffect(() => {
    // Also when a further page has come: it comes with the others as they were when it was asked for.
    if (!live || !page || !shown) return
    client.setQueryData<InfiniteData<EventPage, string | null>>(queryKey, (known) =>
      known ? mergeNewest(known, page) : known,
    )
  }, [page, shown, live, client, queryKey])
  const events = useMemo(
    () => pages.data?.pages.flatMap(({ completion_events }) => completion_events.results) ?? [],
    [pages.data],
  )
  return { pages, events, liveError: live ? newest.error : null }
}
