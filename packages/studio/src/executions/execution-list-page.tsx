import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { query } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { useNow } from '../components/now.ts'
import { Page } from '../components/page.tsx'
import { Empty, Loaded, Loading } from '../components/states.tsx'
import { useMay } from '../session/session.ts'
import { ViewsMenu } from '../views/views-menu.tsx'
import { EngineNotice } from '../workflows/engine-notice.tsx'
import { FirstWorker } from '../workflows/first-worker.tsx'
import { BulkBar, NONE_CHOSEN } from './bulk-bar.tsx'
import { ExecutionFilters } from './execution-filters.tsx'
import {
  type ExecutionSearch,
  isFiltered,
  readExecutionSearch,
  runFilterOf,
  viewStateOf,
} from './execution-search.ts'
import { Pager } from './pager.tsx'
import { type Run, runColumns } from './run-columns.tsx'
import { StatusTabs } from './status-tabs.tsx'

const route = getRouteApi('/shell/executions')
const PAGE_SIZE = 50
const EVERY_MS = 3_000

/** The executions of the workspace: by any filter, live. */
export function ExecutionListPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const mayWrite = useMay('write')
  const [isLive, setLive] = useState(true)
  const [choice, choose] = useState(NONE_CHOSEN)
  // A live list that stays the same is drawn again too: a range of time goes on.
  useNow(isLive ? EVERY_MS : null)
  const filter = runFilterOf(search, Date.now())
  const list = useQuery({
    ...query('listRuns', {
      query: {
        ...filter,
        sort_by: search.sort ?? 'start_time',
        order: search.order ?? 'desc',
        page_size: PAGE_SIZE,
        next_page_token: search.page,
      },
    }),
    placeholderData: keepPreviousData,
    refetchInterval: isLive ? EVERY_MS : false,
  })
  const go = (next: ExecutionSearch) => {
    choose(NONE_CHOSEN)
    void navigate({ search: next })
  }
  return (
    <Page
      title="Executions"
      fill
      actions={
        <>
          <ViewsMenu
            list={{ kind: 'executions', state: viewStateOf(search), view: search.view }}
            keeps="Filters and sorting"
            size="small"
            stateOf={viewStateOf}
            onOpen={(state, view) => go({ ...readExecutionSearch(state), view })}
            onView={(view) => go({ ...search, view })}
          />
          <Button
            size="small"
            aria-pressed={isLive}
            onClick={() => setLive(!isLive)}
            title="Whether the list is asked again every few seconds"
          >
            <span className={`size-2 rounded-full ${isLive ? 'bg-good' : 'bg-line-strong'}`} aria-hidden />
            Live
          </Button>
        </>
      }
    >
      <EngineNotice />
      <ExecutionFilters search={search} onChange={go} />
      <StatusTabs search={search} isLive={isLive} onChange={go} />
      {mayWrite && <BulkBar search={search} page={list.data?.runs ?? []} choice={choice} onChoose={choose} />}
      <div className="min-h-0 flex-1 overflow-auto">
        <Loaded result={list}>
          {({ runs }) =>
            runs.length === 0 && list.isPlaceholderData && !isFiltered(search) ? (
              <Loading />
            ) : runs.length === 0 ? (
              <Nothing search={search} onChange={go} />
            ) : (
              <DataTable
                label="Executions"
                columns={COLUMNS}
                rows={runs}
                keyOf={({ run_id }) => run_id}
                nameOf={({ execution_id }) => `execution ${execution_id}`}
                isFaded={list.isPlaceholderData}
                sorting={{
                  by: { id: search.sort ?? 'start_time', desc: search.order !== 'asc' },
                  change: ({ id, desc }) =>
                    go({
                      ...search,
                      page: undefined,
                      sort: id === 'end_time' ? id : undefined,
                      order: desc ? undefined : 'asc',
                    }),
                }}
                {...(mayWrite
                  ? {
                      selection: {
                        chosen: new Set(choice.runs.keys()),
                        change: (keys) => choose({ runs: pick(keys, runs, choice.runs), areAllMeant: false }),
                      },
                    }
                  : {})}
              />
            )
          }
        </Loaded>
      </div>
      <Pager
        search={search}
        next={list.isPlaceholderData ? null : (list.data?.next_page_token ?? null)}
        count={list.data?.runs.length ?? 0}
        onChange={go}
      />
    </Page>
  )
}

function pick(
  keys: ReadonlySet<string>,
  runs: readonly Run[],
  before: ReadonlyMap<string, Run>,
): ReadonlyMap<string, Run> {
  const known = new Map([...before, ...runs.map((run) => [run.run_id, run] as const)])
  return new Map([...keys].flatMap((key) => (known.has(key) ? [[key, known.get(key)!]] : [])))
}

const COLUMNS: readonly Column<Run>[] = [
  runColumns.status,
  runColumns.execution,
  runColumns.workflow,
  runColumns.start,
  runColumns.end,
  runColumns.duration,
  runColumns.deployment,
]

function Nothing({
  search,
  onChange,
}: {
  search: ExecutionSearch
  onChange: (next: ExecutionSearch) => void
}) {
  const { data } = useQuery(query('listWorkflows', { query: { limit: 1 } }))
  if (isFiltered(search))
    return (
      <Empty title="No execution is like this.">
        <Button onClick={() => onChange({})}>Show all executions</Button>
      </Empty>
    )
  if (data?.workflows.length === 0)
    return (
      <div className="mx-auto flex max-w-6xl flex-col gap-4 p-6">
        <div className="text-center">
          <p className="font-medium">Nothing was run yet, and no worker has registered a workflow.</p>
          <p className="text-muted">
            Start one of these workers, then start its workflow on the page Workflows.
          </p>
        </div>
        <FirstWorker />
      </div>
    )
  return (
    <Empty title="Nothing was run yet.">
      Start an execution on the page of its workflow, with{' '}
      <code className="font-mono">tramontane workflows execute</code>, or with a schedule.
    </Empty>
  )
}
