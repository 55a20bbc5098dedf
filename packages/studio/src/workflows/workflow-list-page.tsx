import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Archive, ArchiveRestore } from 'lucide-react'
import { useState } from 'react'
import { call, type Output } from '../api/call.ts'
import { query, refresh } from '../api/query.ts'
import { Badge } from '../components/badge.tsx'
import { Button } from '../components/button.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { LoadMore } from '../components/load-more.tsx'
import { Page } from '../components/page.tsx'
import { SearchBox } from '../components/search-box.tsx'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { complain, say } from '../components/toasts.tsx'
import { counted } from '../formats/numbers.ts'
import { useMay } from '../session/session.ts'
import { EngineNotice } from './engine-notice.tsx'
import { FirstWorker } from './first-worker.tsx'

type Workflow = Output<'listWorkflows'>['workflows'][number]

const route = getRouteApi('/shell/workflows')
const PAGE = 100
const EVERY_MS = 10_000
/** Tags that a row shows; a workflow may have many. */
const MAX_TAGS = 3
/** As many as one call takes. */
const MAX_AT_ONCE = 100

/** The workflows that workers have registered. */
export function WorkflowListPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const mayWrite = useMay('write')
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const filter = {
    search: search.q,
    archived: search.archived ?? false,
    active_only: search.active ?? false,
    sort_by: 'display_name' as const,
  }
  const list = useInfiniteQuery({
    queryKey: ['listWorkflows', filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      call('listWorkflows', { query: { ...filter, cursor: pageParam, limit: PAGE } }, { signal }),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: (before) => before,
    refetchInterval: EVERY_MS,
  })
  const { data: active } = useQuery({
    ...query('listWorkflows', { query: { active_only: true, limit: 1_000 } }),
    refetchInterval: EVERY_MS,
  })
  const activeIds = new Set(active?.workflows.map(({ id }) => id))
  const archive = useMutation({
    mutationFn: async (ids: readonly string[]) => {
      const body = { workflow_ids: ids.slice(0, MAX_AT_ONCE) }
      return search.archived
        ? (await call('unarchiveWorkflows', { body })).unarchived.length
        : (await call('archiveWorkflows', { body })).archived.length
    },
    onSuccess: async (count) => {
      setChosen(new Set())
      say(`${counted(count, 'workflow')} ${search.archived ? 'brought back' : 'archived'}.`)
      await refresh('listWorkflows', 'getWorkflow')
    },
    onError: complain,
  })
  const workflows = list.data?.pages.flatMap((page) => page.workflows) ?? []
  const isFiltered = Boolean(search.q || search.archived || search.active)
  return (
    <Page title="Workflows" fill>
      <EngineNotice />
      <div className="flex min-h-12 flex-wrap items-center gap-3 border-b border-line bg-surface px-6 py-2">
        <SearchBox
          label="Search workflows"
          value={search.q ?? ''}
          onChange={(q) => navigate({ search: { ...search, q: q || undefined }, replace: true })}
        />
        <label className="flex items-center gap-1.5">
          <input
            type="checkbox"
            className="size-3.5 accent-accent"
            checked={search.active ?? false}
            onChange={({ target }) =>
              navigate({ search: { ...search, active: target.checked || undefined } })
            }
          />
          With a worker now
        </label>
        <label className="flex items-center gap-1.5">
          <input
            type="checkbox"
            className="size-3.5 accent-accent"
            checked={search.archived ?? false}
            onChange={({ target }) => {
              setChosen(new Set())
              void navigate({ search: { ...search, archived: target.checked || undefined } })
            }}
          />
          Archived
        </label>
        {chosen.size > 0 && (
          <Button
            size="small"
            className="ml-auto"
            disabled={archive.isPending}
            onClick={() => archive.mutate([...chosen])}
          >
            {search.archived ? <ArchiveRestore aria-hidden /> : <Archive aria-hidden />}
            {search.archived ? 'Bring back' : 'Archive'}{' '}
            {counted(Math.min(chosen.size, MAX_AT_ONCE), 'workflow')}
          </Button>
        )}
      </div>
      <div className="min-h-0 flex-1 overflow-auto">
        {list.data === undefined ? (
          list.error ? (
            <Failure error={list.error} onRetry={() => list.refetch()} />
          ) : (
            <Loading />
          )
        ) : workflows.length === 0 ? (
          isFiltered ? (
            <Empty title="No workflow is like this.">
              <Button onClick={() => navigate({ search: {} })}>Show all workflows</Button>
            </Empty>
          ) : list.isPlaceholderData ? (
            <Loading />
          ) : (
            <NoWorkflows />
          )
        ) : (
          <DataTable
            label="Workflows"
            columns={columnsOf(activeIds)}
            rows={workflows}
            keyOf={({ id }) => id}
            nameOf={({ display_name }) => display_name}
            isFaded={list.isPlaceholderData}
            {...(mayWrite ? { selection: { chosen, change: setChosen } } : {})}
          />
        )}
        <LoadMore list={list} />
      </div>
    </Page>
  )
}

function columnsOf(activeIds: ReadonlySet<string>): Column<Workflow>[] {
  return [
    {
      id: 'name',
      header: 'Workflow',
      cell: ({ name, display_name }) => (
        <Link
          to="/workflows/$workflowName"
          params={{ workflowName: name }}
          title={name}
          className="block max-w-72 truncate font-medium text-accent hover:underline xl:max-w-96"
        >
          {display_name}
          {display_name !== name && (
            <span className="ml-2 font-mono text-xs font-normal text-muted">{name}</span>
          )}
        </Link>
      ),
    },
    {
      id: 'worker',
      header: 'Worker',
      cell: ({ id }) => (activeIds.has(id) ? <Badge tone="good">active</Badge> : <Badge>none</Badge>),
    },
    {
      id: 'description',
      header: 'What it does',
      className: 'w-full max-w-0 truncate text-muted',

      cell: ({ description }) => <span title={description ?? undefined}>{description}</span>,
    },
    {
      id: 'tags',
      header: 'Tags',
      cell: ({ tags }) => (
        <span className="flex gap-1" title={tags.join(', ')}>
          {tags.slice(0, MAX_TAGS).map((tag) => (
            <Badge key={tag} tone="note">
              {tag}
            </Badge>
          ))}
          {tags.length > MAX_TAGS && <Badge>+{tags.length - MAX_TAGS}</Badge>}
        </span>
      ),
    },
    {
      id: 'executions',
      header: 'Executions',
      cell: ({ name }) => (
        <Link to="/executions" search={{ workflow: name }} className="text-accent hover:underline">
          Show
        </Link>
      ),
    },
  ]
}

function NoWorkflows() {
  return (
    <div className="mx-auto flex max-w-6xl flex-col gap-4 p-6">
      <div className="text-center">
        <p className="font-medium">No worker has registered a workflow yet.</p>
        <p className="text-muted">
          A worker is a program of yours that runs workflows. Start one of these: what it runs appears here by
          itself.
        </p>
      </div>
      <FirstWorker />
    </div>
  )
}
