import { useInfiniteQuery } from '@tanstack/react-query'
import type { RunOfExecution } from '@tramontane/contract/run-history'
import { call } from '../api/call.ts'
import { Button } from '../components/button.tsx'
import { Select } from '../components/input.tsx'
import { statusLabel } from './execution-status.tsx'
import { type ShownExecution, useExecutionSearch } from './use-execution.ts'

const time = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

/** Which of the runs of an execution is shown: continuing as new, retries and resets make further ones. */
export function RunPicker({ execution: { executionId, run, isOpen } }: { execution: ShownExecution }) {
  const [, change] = useExecutionSearch()
  const chain = useInfiniteQuery({
    queryKey: ['listExecutionRuns', executionId],
    queryFn: ({ pageParam, signal }) =>
      call(
        'listExecutionRuns',
        { params: { execution_id: executionId }, query: { before_run_id: pageParam, limit: 100 } },
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_before_run_id ?? undefined,
    refetchInterval: isOpen ? 10_000 : false,
  })
  const runs = chain.data?.pages.flatMap((page) => page.runs) ?? []
  if (runs.length < 2 && !chain.hasNextPage)
    return <span className="font-mono text-xs">{run.run_id.slice(0, 8)}</span>
  const isKnown = runs.some(({ run_id }) => run_id === run.run_id)
  return (
    <span className="flex items-center gap-1">
      <Select
        aria-label="Run"
        value={run.run_id}
        className="!h-7 !w-auto text-xs"
        onChange={({ target: { value } }) =>
          change({
            run: value === runs[0]?.run_id ? undefined : value,
            event: undefined,
            from: undefined,
            to: undefined,
          })
        }
      >
        {!isKnown && <option value={run.run_id}>{run.run_id}</option>}
        {runs.map((one, index) => (
          <option key={one.run_id} value={one.run_id}>
            {`${time.format(new Date(one.start_time))} · ${statusLabel(one.status)}${why(one, runs[index + 1], runs)}${index === 0 ? ' · newest' : ''}`}
          </option>
        ))}
      </Select>
      {chain.hasNextPage && (
        <Button size="small" variant="quiet" onClick={() => void chain.fetchNextPage()}>
          Older
        </Button>
      )}
    </span>
  )
}

/** How a run came about, as far as the runs beside it tell. */
function why(
  run: RunOfExecution,
  before: RunOfExecution | undefined,
  all: readonly RunOfExecution[],
): string {
  const cause = all.find(({ next_run_id }) => next_run_id === run.run_id)
  if (cause?.status === 'CONTINUED_AS_NEW') return ' · continuation'
  if (cause && cause.status !== 'COMPLETED') return ' · retry'
  if (cause) return ' · next turn'
  return before ? ' · reset or started again' : ''
}
