import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { call } from '../api/call.ts'
import { Button } from '../components/button.tsx'
import { LoadMore } from '../components/load-more.tsx'
import { Page } from '../components/page.tsx'
import { SearchBox } from '../components/search-box.tsx'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { EngineNotice } from '../workflows/engine-notice.tsx'
import { FirstWorker } from '../workflows/first-worker.tsx'
import { DeploymentTable } from './deployment-table.tsx'

const route = getRouteApi('/shell/deployments')
const PAGE_SIZE = 100
const EVERY_MS = 10_000

/** Groups of workers that run the same code. */
export function DeploymentListPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const filter = { search: search.q, active_only: !search.all }
  const list = useInfiniteQuery({
    queryKey: ['listDeployments', filter, 'pages'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      call('listDeployments', { query: { ...filter, limit: PAGE_SIZE, cursor: pageParam } }, { signal }),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: EVERY_MS,
  })
  const deployments = list.data?.pages.flatMap((page) => page.deployments) ?? []
  return (
    <Page title="Deployments" fill>
      <EngineNotice />
      <div className="flex min-h-12 items-center gap-3 border-b border-line bg-surface px-6 py-2">
        <SearchBox
          label="Search deployments"
          value={search.q ?? ''}
          onChange={(q) => navigate({ search: { ...search, q: q || undefined }, replace: true })}
        />
        <label className="flex items-center gap-1.5">
          <input
            type="checkbox"
            className="size-3.5 accent-accent"
            checked={search.all ?? false}
            onChange={({ target }) => navigate({ search: { ...search, all: target.checked || undefined } })}
          />
          Also those without a worker now
        </label>
      </div>
      <div className="min-h-0 flex-1 overflow-auto">
        {list.data === undefined ? (
          list.error ? (
            <Failure error={list.error} onRetry={() => list.refetch()} />
          ) : (
            <Loading />
          )
        ) : deployments.length > 0 ? (
          <DeploymentTable deployments={deployments} />
        ) : search.q || !search.all ? (
          <Empty title={search.q ? 'No deployment is called so.' : 'No worker is there now.'}>
            <Button onClick={() => navigate({ search: { all: true } })}>Show all deployments</Button>
          </Empty>
        ) : list.isPlaceholderData ? (
          <Loading />
        ) : (
          <div className="mx-auto flex max-w-6xl flex-col gap-4 p-6">
            <div className="text-center">
              <p className="font-medium">No worker has ever come here.</p>
              <p className="text-muted">
                Workers that run the same code share a name, their deployment. Start one of these: it appears
                here by itself.
              </p>
            </div>
            <FirstWorker />
          </div>
        )}
        <LoadMore list={list} />
      </div>
    </Page>
  )
}
