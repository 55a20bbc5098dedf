import { Link } from '@tanstack/react-router'
import { Suspense } from 'react'
import { ApiError } from '../api/api-error.ts'
import { lazyPart } from '../api/lazy-parts.ts'
import { Button } from '../components/button.tsx'
import { CopyButton } from '../components/copy-button.tsx'
import { Page } from '../components/page.tsx'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { type Tab, Tabs } from '../components/tabs.tsx'
import { count } from '../formats/numbers.ts'
import { ExecutionActions } from './execution-actions.tsx'
import { ExecutionHead } from './execution-head.tsx'
import type { ExecutionTab } from './execution-search.ts'
import { useLive } from './live-store.ts'
import { Timeline } from './timeline.tsx'
import {
  historyOf,
  type ShownExecution,
  useEndOf,
  useExecution,
  useExecutionSearch,
} from './use-execution.ts'

const HistoryTab = lazyPart(() => import('./history-tab.tsx'), 'HistoryTab')
const EventsTab = lazyPart(() => import('./events-tab.tsx'), 'EventsTab')
const PendingTab = lazyPart(() => import('./pending-tab.tsx'), 'PendingTab')
const InteractTab = lazyPart(() => import('./interact-tab.tsx'), 'InteractTab')
const TraceTab = lazyPart(() => import('./trace-tab.tsx'), 'TraceTab')
const LogsTab = lazyPart(() => import('./logs-tab.tsx'), 'LogsTab')
const RelationsTab = lazyPart(() => import('./relations-tab.tsx'), 'RelationsTab')

/** Everything about one execution, or about one of its runs. */
export function ExecutionPage() {
  const { executionId, newest, details } = useExecution()
  const error = newest.error ?? details.error
  // What is asked again and again says why meanwhile.
  const away = newest.failureReason ?? details.failureReason
  if (details.data && newest.data) {
    const { run, state } = details.data
    // An address may name a run of another execution.
    if (run.execution_id !== executionId) return <Unknown executionId={executionId} what="run" />
    return (
      <Shown
        key={run.run_id}
        execution={{
          executionId,
          run,
          state,
          isNewest: newest.data.run_id === run.run_id,
          isOpen: run.end_time === null,
          history: historyOf(run.run_id),
        }}
      />
    )
  }
  if (error instanceof ApiError && error.code === 'WF_1100')
    return <Unknown executionId={executionId} what={newest.error ? 'execution' : 'run'} />
  return (
    <Page title={executionId}>
      {error ? (
        <Failure error={error} onRetry={() => void (newest.error ? newest : details).refetch()} />
      ) : (
        <>
          {away && (
            <p role="status" className="rounded-md bg-warn-soft px-3 py-1.5 text-warn">
              {away.message} It is asked again by itself.
            </p>
          )}
          <Loading />
        </>
      )}
    </Page>
  )
}

function Unknown({ executionId, what }: { executionId: string; what: 'execution' | 'run' }) {
  return (
    <Page title={executionId}>
      <Empty title={`There is no such ${what}`}>
        <p>
          {what === 'run'
            ? 'The execution has no run with this id. It may be mistyped, or older than the retention.'
            : 'No execution of this workspace has this id. It may be mistyped, or older than the retention.'}
        </p>
        <Button asChild className="mt-3">
          {what === 'run' ? (
            <Link to="/executions/$executionId" params={{ executionId }}>
              To its newest run
            </Link>
          ) : (
            <Link to="/executions">To the executions</Link>
          )}
        </Button>
      </Empty>
    </Page>
  )
}

function Shown({ execution }: { execution: ShownExecution }) {
  const [{ tab = 'timeline' }, change] = useExecutionSearch()
  useEndOf(execution)
  const { run, state } = execution
  const pending = (state?.pending_activities.length ?? 0) + (state?.pending_children.length ?? 0)
  const tabs: (Tab & { value: ExecutionTab })[] = [
    { value: 'timeline', label: 'Timeline', content: <Timeline execution={execution} /> },
    {
      value: 'history',
      label: (
        <>
          History <EventCount execution={execution} />
        </>
      ),
      content: <HistoryTab execution={execution} />,
    },
    { value: 'events', label: 'Events', content: <EventsTab execution={execution} /> },
    {
      value: 'pending',
      label: <>Pending {pending > 0 && <span className="tabular-nums text-muted">{count(pending)}</span>}</>,
      content: <PendingTab execution={execution} />,
    },
    { value: 'interact', label: 'Interact', content: <InteractTab execution={execution} /> },
    { value: 'trace', label: 'Trace', content: <TraceTab execution={execution} /> },
    { value: 'logs', label: 'Logs', content: <LogsTab execution={execution} /> },
    { value: 'relations', label: 'Relations', content: <RelationsTab execution={execution} /> },
  ]
  return (
    <Page
      title={`${run.workflow_name} · ${run.execution_id}`}
      actions={
        <>
          <CopyButton text={run.execution_id} label="Copy the execution's id" />
          <ExecutionActions execution={execution} />
        </>
      }
      fill
    >
      <ExecutionHead execution={execution} />
      <Tabs
        label="What of the execution"
        value={tab}
        onValueChange={(value) =>
          change({ tab: value as ExecutionTab, event: undefined, types: undefined, find: undefined })
        }
        tabs={tabs.map((one) => ({
          ...one,
          content: <Suspense fallback={<Loading />}>{one.content}</Suspense>,
        }))}
      />
    </Page>
  )
}

function EventCount({ execution }: { execution: ShownExecution }) {
  const { events } = useLive(execution.history)
  const known = Math.max(events.length, execution.state?.history_length ?? 0)
  return known > 0 ? (
    <span className="tabular-nums text-muted" data-events-read={events.length}>
      {count(known)}
    </span>
  ) : null
}
