import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { clsx } from 'clsx'
import { useMemo } from 'react'
import { call, type Output } from '../api/call.ts'
import { LoadMore } from '../components/load-more.tsx'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { Time } from '../components/time.tsx'
import { duration } from '../formats/durations.ts'
import { counted } from '../formats/numbers.ts'
import { ExecutionStatusBadge } from './execution-status.tsx'
import { type TreeRow, treeRows } from './execution-tree.ts'
import type { ShownExecution } from './use-execution.ts'
import { VirtualRows } from './virtual-rows.tsx'

const PAGE = 1_000
const ROW_PX = 34

/** The execution among its relatives: its parents up to the root, and all that descend from that. */
export function RelationsTab({ execution }: { execution: ShownExecution }) {
  const { root_execution_id: root } = execution.run
  const runs = useInfiniteQuery({
    queryKey: ['listRuns', 'tree', root],
    queryFn: ({ pageParam, signal }) =>
      call(
        'listRuns',
        { query: { root_execution_id: root, page_size: PAGE, order: 'asc', next_page_token: pageParam } },
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_page_token ?? undefined,
    refetchInterval: ({ state }) => (execution.isOpen || state.data?.pages.some(isUnderWay) ? 5_000 : false),
  })
  const rows = useMemo(
    () => treeRows(runs.data?.pages.flatMap((page) => page.runs) ?? [], root),
    [runs.data, root],
  )
  if (!runs.data)
    return runs.error ? <Failure error={runs.error} onRetry={() => void runs.refetch()} /> : <Loading />
  if (rows.length <= 1)
    return (
      <Empty title="It stands alone">
        <p>This execution was started by no other one, and has started none.</p>
      </Empty>
    )
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex shrink-0 items-center justify-between border-b border-line px-6 py-2 text-xs text-muted">
        <span>
          {counted(rows.length, 'execution')} under the root <span className="font-mono">{root}</span>
        </span>
        <LoadMore list={runs} />
      </div>
      <VirtualRows
        label="Executions that belong together"
        count={rows.length}
        keyOf={(index) => rows[index]!.run.execution_id}
        rowPx={ROW_PX}
      >
        {(index) => (
          <Relative row={rows[index]!} isShown={rows[index]!.run.execution_id === execution.executionId} />
        )}
      </VirtualRows>
    </div>
  )
}

function isUnderWay({ runs }: Output<'listRuns'>): boolean {
  return runs.some(({ status }) => status === 'RUNNING')
}

function Relative({ row: { run, depth, runs }, isShown }: { row: TreeRow; isShown: boolean }) {
  return (
    <div className={clsx('flex h-full items-center gap-3 pr-6', isShown && 'bg-accent-soft')}>
      <span
        className="flex min-w-0 flex-1 items-center gap-2"
        style={{ paddingLeft: `${1.5 + Math.min(depth, 20) * 1.4}rem` }}
      >
        {depth > 0 && (
          <span aria-hidden className="text-muted">
            └
          </span>
        )}
        <span className="shrink-0 font-medium">{run.workflow_name}</span>
        <Link
          to="/executions/$executionId"
          params={{ executionId: run.execution_id }}
          search={{ tab: 'relations' }}
          aria-current={isShown ? 'page' : undefined}
          className="truncate font-mono text-xs text-accent hover:underline"
        >
          {run.execution_id}
        </Link>
      </span>
      {runs > 1 && <span className="shrink-0 text-xs text-muted">{counted(runs, 'run')}</span>}
      <span className="w-40 shrink-0">
        <ExecutionStatusBadge status={run.status} />
      </span>
      <span className="w-44 shrink-0 text-xs text-muted">
        <Time value={run.start_time} />
      </span>
      <span className="w-20 shrink-0 text-right text-xs text-muted tabular-nums">
        {run.total_duration_ms === null ? '' : duration(run.total_duration_ms)}
      </span>
    </div>
  )
}
