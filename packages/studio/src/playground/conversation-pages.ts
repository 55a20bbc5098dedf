import { infiniteQueryOptions } from '@tanstack/react-query'
import { call, type Output } from '../api/call.ts'

export type Conversation = Output<'getConversation'>

const PAGE_SIZE = 30

/** The workspace's conversations, page by page, the newest first. */
export const conversationPages = infiniteQueryOptions({
  queryKey: ['listConversations', 'pages'],
  queryFn: ({ signal, pageParam }) =>
    call('listConversations', { query: { page: pageParam, page_size: PAGE_SIZE } }, { signal }),
  initialPageParam: 0,
  getNextPageParam: (last: readonly Conversation[], pages: readonly unknown[]) =>
    last.length < PAGE_SIZE ? undefined : pages.length,
})
