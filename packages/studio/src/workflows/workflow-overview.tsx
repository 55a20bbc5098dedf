import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Suspense, useMemo } from 'react'
import { lazyPart } from '../api/lazy-parts.ts'
import { query } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { DataTable } from '../components/data-table.tsx'
import { useNow } from '../components/now.ts'
import { Card } from '../components/page.tsx'
import { Empty, Loaded } from '../components/states.tsx'
import { runColumns } from '../executions/run-columns.tsx'
import { duration } from '../formats/durations.ts'
import { count, percent } from '../formats/numbers.ts'
import { useMay } from '../session/session.ts'
import type { Workflow } from './workflow.ts'
import { METRIC_RANGES, type MetricRange } from './workflow-search.ts'

const DurationChart = lazyPart(() => import('./duration-chart.tsx'), 'DurationChart')

const route = getRouteApi('/shell/workflows/$workflowName')
const EVERY_MS = 5_000
const METRICS_EVERY_MS = 30_000
const LATEST = 10
const HOURS: Readonly<Record<MetricRange, number | null>> = {
  '1h': 1,
  '24h': 24,
  '7d': 7 * 24,
  '30d': 30 * 24,
  all: null,
}
const LABELS: Readonly<Record<MetricRange, string>> = {
  '1h': 'Hour',
  '24h': 'Day',
  '7d': 'Week',
  '30d': '30 days',
  all: 'All',
}
const MINUTE_MS = 60_000
const COLUMNS = [
  runColumns.status,
  runColumns.execution,
  runColumns.start,
  runColumns.duration,
  runColumns.deployment,
]

/** How a workflow does: figures, and its latest executions. */
export function WorkflowOverview({ workflow }: { workflow: Workflow }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const mayWrite = useMay('write')
  const latest = useQuery({
    ...query('listRuns', { query: { workflow_identifier: workflow.name, page_size: LATEST } }),
    refetchInterval: EVERY_MS,
  })
  return (
    <div className="flex flex-col gap-4 p-6">
      <Metrics workflow={workflow} range={search.range ?? '24h'} />
      <Card
        title="Latest executions"
        actions={
          <Link to="/executions" search={{ workflow: workflow.name }} className="text-accent hover:underline">
            Show all
          </Link>
        }
      >
        <div className="-m-4 overflow-hidden rounded-b-lg">
          <Loaded result={latest}>
            {({ runs }) =>
              runs.length === 0 ? (
                <Empty title="It was not run yet.">
                  {mayWrite && (
                    <Button onClick={() => navigate({ search: { ...search, start: true } })}>
                      Start an execution
                    </Button>
                  )}
                </Empty>
              ) : (
                <DataTable
                  label="Latest executions"
                  columns={COLUMNS}
                  rows={runs}
                  keyOf={({ run_id }) => run_id}
                />
              )
            }
          </Loaded>
        </div>
      </Card>
    </div>
  )
}

function Metrics({ workflow, range }: { workflow: Workflow; range: MetricRange }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const hours = HOURS[range]
  // To the minute, so that the question stays the same for a while.
  const minute = Math.floor(useNow(METRICS_EVERY_MS) / MINUTE_MS)
  const start = useMemo(
    () => (hours === null ? undefined : new Date((minute - hours * 60) * MINUTE_MS).toISOString()),
    [hours, minute],
  )
  const result = useQuery({
    ...query('getWorkflowMetrics', {
      params: { workflow_name: workflow.name },
      query: { start_time: start },
    }),
    refetchInterval: METRICS_EVERY_MS,
    placeholderData: (before) => before,
  })
  return (
    <Card
      title="How it does"
      actions={
        <fieldset className="flex rounded-md border border-line">
          <legend className="sr-only">Of which time</legend>
          {METRIC_RANGES.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === range}
              onClick={() => navigate({ search: { ...search, range: one === '24h' ? undefined : one } })}
              className="rounded-md px-2 py-0.5 text-xs text-muted hover:text-ink aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent"
            >
              {LABELS[one]}
            </button>
          ))}
        </fieldset>
      }
    >
      <Loaded result={result}>
        {({
          execution_count,
          success_count,
          error_count,
          average_latency_ms,
          retry_rate,
          latency_over_time,
        }) => {
          const total = execution_count.value
          const points = latency_over_time.value
          return (
            <>
              <dl className="grid grid-cols-2 gap-4 md:grid-cols-5">
                <Figure label="Runs" value={count(total)} />
                <Figure
                  label="Succeeded"
                  value={count(success_count.value)}
                  note={total > 0 ? percent(success_count.value / total) : undefined}
                />
                <Figure
                  label="Failed, terminated, timed out"
                  value={count(error_count.value)}
                  note={total > 0 ? percent(error_count.value / total) : undefined}
                  isBad={error_count.value > 0}
                />
                <Figure
                  label="Average duration"
                  value={success_count.value > 0 ? duration(average_latency_ms.value) : '–'}
                  note="of those that succeeded"
                />
                <Figure label="With a retry" value={total > 0 ? percent(retry_rate.value) : '–'} />
              </dl>
              {points.length > 1 && (
                <Suspense fallback={<div className="mt-4 h-32" />}>
                  <DurationChart points={points} />
                </Suspense>
              )}
            </>
          )
        }}
      </Loaded>
    </Card>
  )
}

function Figure({
  label,
  value,
  note,
  isBad = false,
}: {
  label: string
  value: string
  note?: string | undefined
  isBad?: boolean
}) {
  return (
    <div>
      <dt className="text-xs text-muted">{label}</dt>
      <dd className={`text-xl font-semibold tabular-nums ${isBad ? 'text-bad' : ''}`}>{value}</dd>
      {note && <dd className="text-xs text-muted">{note}</dd>}
    </div>
  )
}
