import { queryOptions } from '@tanstack/react-query'
import { call } from '../api/call.ts'

interface Listed {
  readonly id: string
  readonly capabilities?: { readonly completion_chat?: boolean }
}

/** The names of the models that can chat, as the providers list them. */
export const chatModels = queryOptions<readonly string[], Error>({
  queryKey: ['listModels', 'chat'],
  queryFn: async ({ signal }) => {
    const { data } = await call('listModels', { query: {} }, { signal })
    const names = ((data ?? []) as readonly Listed[])
      .filter(({ capabilities }) => capabilities?.completion_chat !== false)
      .map(({ id }) => id)
    return [...new Set(names)].sort()
  },
  staleTime: 60_000,
})
