import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect } from 'react'
import type { Output } from '../api/call.ts'
import { query, refresh } from '../api/query.ts'
import type { ExecutionSearch } from './execution-search.ts'
import type { ExecutionStream } from './execution-stream.ts'
import { useLive } from './live-store.ts'
import { type RunHistory, runHistory } from './run-history.ts'

const route = getRouteApi('/shell/executions/$executionId')
/** What is pending is asked again so often while the run is open. */
const PENDING_MS = 2_000
const RUNNING_MS = 4_000
/** Our workers send their spans every second, others as a rule every five. */
const SPANS_LATE_MS = [2_000, 7_000]

export type RunDetails = Output<'getRunDetails'>

/** The execution that is shown, with the run that is chosen. */
export interface ShownExecution {
  readonly executionId: string
  readonly run: RunDetails['run']
  /** Null when Temporal keeps the run no more. */
  readonly state: RunDetails['state']
  readonly isNewest: boolean
  readonly isOpen: boolean
  readonly history: RunHistory
}

/** The execution of the address, as queries: first its newest run, then the chosen one with what is pending. */
export function useExecution() {
  const { executionId } = route.useParams()
  const { run } = route.useSearch()
  const newest = useQuery({
    ...query('getExecution', { params: { execution_id: executionId } }),
    refetchInterval: ({ state }) => (state.data?.status === 'RUNNING' ? RUNNING_MS : false),
  })
  const runId = run ?? newest.data?.run_id
  const details = useQuery({
    ...query('getRunDetails', { params: { run_id: runId ?? '' } }),
    enabled: runId !== undefined,
    refetchInterval: ({ state }) => (state.data?.run.end_time === null ? PENDING_MS : false),
  })
  return { executionId, runId, newest, details }
}

/** Has the status asked again when the history tells that the run has ended, and the trace when its last spans are in. */
export function useEndOf({ history, isOpen }: ShownExecution): void {
  const { isClosed } = useLive(history)
  useEffect(() => {
    if (!isClosed || !isOpen) return
    void refresh('getExecution', 'getRunDetails', 'listExecutionRuns')
  }, [isClosed, isOpen])
  useEffect(() => {
    if (isOpen) return
    const timers = SPANS_LATE_MS.map((late) =>
      setTimeout(() => void refresh('getTraceInfo', 'getTraceSummary'), late),
    )
    return () => timers.forEach(clearTimeout)
  }, [isOpen])
}

/** Has a stream that ended with its execution go on when that does: it was reset, or started again. */
export function useFurtherRuns(stream: ExecutionStream, { run, isNewest }: ShownExecution): void {
  useEffect(() => {
    if (isNewest && stream.state === 'ended' && stream.newestRun !== run.run_id) stream.retry()
  }, [stream, run.run_id, isNewest])
}

export function historyOf(runId: string): RunHistory {
  return runHistory(runId)
}

/** What the address says, and a way to change it. A change of what is looked at can be undone by going back; filters replace. */
export function useExecutionSearch(): [
  ExecutionSearch,
  (change: ExecutionSearch, options?: { replace?: boolean }) => void,
] {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  return [
    search,
    (change, { replace = false } = {}) =>
      void navigate({ search: (before) => ({ ...before, ...change }), replace, resetScroll: false }),
  ]
}
