import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { call } from '../api/call.ts'
import { Button } from '../components/button.tsx'
import { CodeBlock } from '../components/copy-button.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Select } from '../components/input.tsx'
import { LoadMore } from '../components/load-more.tsx'
import { Page } from '../components/page.tsx'
import { SearchBox } from '../components/search-box.tsx'
import { Empty, Failure, Loading, Waiting } from '../components/states.tsx'
import { Time } from '../components/time.tsx'
import { useMay } from '../session/session.ts'
import { EngineNotice } from '../workflows/engine-notice.tsx'
import { ScheduleEditor } from './schedule-editor.tsx'
import { SchedulePanel } from './schedule-panel.tsx'
import { type Schedule, ScheduleState } from './schedule-state.tsx'
import { timesInWords } from './schedule-words.ts'

const route = getRouteApi('/shell/schedules')
const PAGE_SIZE = 50
const EVERY_MS = 10_000

/** What starts workflows again and again. */
export function ScheduleListPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const mayWrite = useMay('write')
  const filter = { search: search.q, status: search.status }
  const list = useInfiniteQuery({
    queryKey: ['listSchedules', filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      call(
        'listSchedules',
        { query: { ...filter, page_size: PAGE_SIZE, next_page_token: pageParam } },
        { signal },
      ),
    getNextPageParam: (page) => page.next_page_token ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: EVERY_MS,
  })
  const schedules = list.data?.pages.flatMap((page) => page.schedules) ?? []
  const isFiltered = Boolean(search.q || search.status)
  const close = () =>
    navigate({ search: { q: search.q, status: search.status }, replace: true, resetScroll: false })
  return (
    <Page
      title="Schedules"
      fill
      actions={
        mayWrite && (
          <Button variant="primary" onClick={() => navigate({ search: { ...search, new: '*' } })}>
            <Plus aria-hidden /> New schedule
          </Button>
        )
      }
    >
      <EngineNotice />
      <div className="flex min-h-12 items-center gap-3 border-b border-line bg-surface px-6 py-2">
        <SearchBox
          label="Workflow begins with"
          value={search.q ?? ''}
          onChange={(q) => navigate({ search: { ...search, q: q || undefined }, replace: true })}
        />
        <Select
          aria-label="State"
          className="!w-44"
          value={search.status ?? ''}
          onChange={({ target }) =>
            navigate({
              search: { ...search, status: (target.value || undefined) as 'active' | 'paused' | undefined },
            })
          }
        >
          <option value="">Active and paused</option>
          <option value="active">Active</option>
          <option value="paused">Paused</option>
        </Select>
      </div>
      <div className="min-h-0 flex-1 overflow-auto">
        {list.data === undefined ? (
          list.error ? (
            <Failure error={list.error} onRetry={() => list.refetch()} />
          ) : list.failureReason ? (
            <Waiting reason={list.failureReason} />
          ) : (
            <Loading />
          )
        ) : schedules.length === 0 ? (
          isFiltered ? (
            <Empty title="No schedule is like this.">
              <Button onClick={() => navigate({ search: {} })}>Show all schedules</Button>
            </Empty>
          ) : list.isPlaceholderData ? (
            <Loading />
          ) : (
            <NoSchedules mayWrite={mayWrite} />
          )
        ) : (
          <DataTable
            label="Schedules"
            columns={COLUMNS}
            rows={schedules}
            keyOf={({ schedule_id }) => schedule_id}
            isFaded={list.isPlaceholderData}
          />
        )}
        <LoadMore list={list} />
      </div>
      {search.schedule && <SchedulePanel key={search.schedule} id={search.schedule} onClose={close} />}
      {mayWrite && (search.new || search.edit) && (
        <ScheduleEditor
          key={search.edit ?? search.new}
          id={search.edit}
          workflowName={search.new === '*' ? undefined : search.new}
          onClose={(id) =>
            id === undefined
              ? close()
              : navigate({ search: { q: search.q, status: search.status, schedule: id }, replace: true })
          }
        />
      )}
    </Page>
  )
}

const COLUMNS: readonly Column<Schedule>[] = [
  {
    id: 'id',
    header: 'Schedule',
    className: 'w-1/3 max-w-0',
    cell: ({ schedule_id }) => (
      <route.Link
        to="."
        search={(before) => ({ ...before, schedule: schedule_id })}
        title={schedule_id}
        className="block truncate font-medium text-accent hover:underline"
      >
        {schedule_id}
      </route.Link>
    ),
  },
  {
    id: 'workflow',
    header: 'Workflow',
    className: 'w-1/4 max-w-0',
    cell: ({ workflow_name }) => (
      <Link
        to="/workflows/$workflowName"
        params={{ workflowName: workflow_name }}
        title={workflow_name}
        className="block truncate hover:underline"
      >
        {workflow_name}
      </Link>
    ),
  },
  {
    id: 'times',
    header: 'Times',
    className: 'w-5/12 max-w-0',
    cell: (schedule) => {
      const words = timesInWords(schedule)
      return (
        <span className="block truncate" title={words.join('\n')}>
          {words.join(' · ')}
          {schedule.time_zone_name && (
            <span className="ml-1.5 text-xs text-muted">{schedule.time_zone_name}</span>
          )}
        </span>
      )
    },
  },
  { id: 'state', header: 'State', cell: (schedule) => <ScheduleState schedule={schedule} /> },
  {
    id: 'next',
    header: 'Next',
    cell: ({ future_executions: [next], paused }) =>
      next && !paused ? <Time value={next.scheduled_at} relative /> : <span className="text-muted">–</span>,
  },
  {
    id: 'last',
    header: 'Last',
    cell: ({ recent_executions }) => {
      const last = recent_executions.at(-1)
      return last ? <Time value={last.started_at} relative /> : <span className="text-muted">–</span>
    },
  },
  {
    id: 'deployment',
    header: 'Deployment',
    // Where there is room for it.
    className: 'hidden max-w-40 truncate min-[1600px]:table-cell',
    cell: ({ deployment_name }) => <span title={deployment_name ?? undefined}>{deployment_name}</span>,
  },
]

const SNIPPET = `export const nightly = workflow({
  name: 'nightly-report',
  schedules: [{ cron_expressions: ['0 2 * * *'], time_zone_name: 'Europe/Paris' }],
  async run() { … },
})`

function NoSchedules({ mayWrite }: { mayWrite: boolean }) {
  return (
    <Empty title="Nothing is started by a schedule yet.">
      <p>
        {mayWrite ? 'Make one here, or ' : 'A schedule is made here by who may write, or '}
        declare it in the code of the workflow:
      </p>
      <div className="mt-3 w-[32rem] max-w-full text-left">
        <CodeBlock code={SNIPPET} label="a schedule in code" />
      </div>
    </Empty>
  )
}
