import { QueryClient, queryOptions } from '@tanstack/react-query'
import { ApiError } from './api-error.ts'
import { type Arguments, call, type OperationId, type Output, request } from './call.ts'
import { readExact } from './exact-json.ts'

/** One for the page. What cannot succeed is not tried again: only a server that is away or busy is. */
export const queryClient = new QueryClient({
  defaultOptions: {
    mutations: { networkMode: 'always' },
    queries: {
      staleTime: 5_000,
      // The server may be on this machine: what the browser thinks of the network says nothing.
      networkMode: 'always',
      // What is away comes back, whenever that is.
      retry: (failures, error) =>
        error instanceof ApiError &&
        // A setting that is missing needs somebody to set it.
        error.code !== 'PROVIDER_NOT_CONFIGURED' &&
        (error.status === 0 || error.status === 503 || (error.status === 429 && failures < 30)),
      retryDelay: (failures) => Math.min(500 * 2 ** failures, 5_000),
    },
  },
})

/** A query of an operation, for `useQuery`: its key is the operation and what it is called with. */
export function query<I extends OperationId>(id: I, ...input: Arguments<I>) {
  return queryOptions<Output<I>, Error>({
    queryKey: [id, input[0] ?? {}],
    queryFn: ({ signal }) => call(id, ...([input[0], { signal }] as unknown as Arguments<I>)),
  })
}

/** A query whose numbers stay as they were written, beyond 2^53 too: for values of users that are shown. See `parseExact`. */
export function exactQuery<I extends OperationId>(id: I, ...input: Arguments<I>) {
  return queryOptions<Output<I>, Error>({
    queryKey: [id, input[0] ?? {}],
    queryFn: async ({ signal }) =>
      readExact(await (await request(id, input[0], { signal })).text()).value as Output<I>,
    structuralSharing: false,
  })
}

/** Has everything that these operations have told asked again, also what is being asked: the answer may be of before. */
export function refresh(...ids: readonly OperationId[]): Promise<unknown> {
  return Promise.all(
    ids.map((id) => {
      const queryKey = [id]
      // To invalidate breaks off what is asked again, but joins what is asked for the first time.
      const predicate = ({ state }: { state: { data: unknown } }) => state.data === undefined
      void queryClient.cancelQueries({ queryKey, type: 'active', predicate }, { silent: true })
      return queryClient.invalidateQueries({ queryKey })
    }),
  )
}
