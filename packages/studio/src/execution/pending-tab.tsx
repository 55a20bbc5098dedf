import { Link } from '@tanstack/react-router'
import type { PendingActivity } from '@tramontane/contract/run-history'
import { Badge, type Tone } from '../components/badge.tsx'
import { JsonView } from '../components/json-view.tsx'
import { useNow } from '../components/now.ts'
import { Empty } from '../components/states.tsx'
import { Time } from '../components/time.tsx'
import { duration } from '../formats/durations.ts'
import { counted } from '../formats/numbers.ts'
import type { ShownExecution } from './use-execution.ts'
import { VirtualRows } from './virtual-rows.tsx'

const STATES: Readonly<Record<PendingActivity['state'], { label: string; tone: Tone }>> = {
  SCHEDULED: { label: 'waits', tone: 'plain' },
  STARTED: { label: 'at work', tone: 'accent' },
  CANCEL_REQUESTED: { label: 'asked to end', tone: 'warn' },
  PAUSED: { label: 'paused', tone: 'warn' },
  PAUSE_REQUESTED: { label: 'to be paused', tone: 'warn' },
}
const ABOUT_PX = 150
/** Children that are listed here. */
const MAX_CHILDREN = 100

/** What a run waits for: activities with their last failure and their next attempt, and children. */
export function PendingTab({ execution }: { execution: ShownExecution }) {
  const { state, isOpen } = execution
  const activities = state?.pending_activities ?? []
  const children = state?.pending_children ?? []
  if (activities.length === 0 && children.length === 0)
    return (
      <Empty title="Nothing is pending">
        <p>
          {isOpen
            ? 'The run waits for a timer, for a signal, or for its own code to go on.'
            : 'The run has ended.'}
        </p>
      </Empty>
    )
  return (
    <div className="flex h-full min-h-0 flex-col">
      {children.length > 0 && (
        <section className="max-h-48 shrink-0 overflow-y-auto border-b border-line px-6 py-3">
          <h2 className="mb-1 font-semibold">{counted(children.length, 'child', 'children')} under way</h2>
          <ul>
            {children.slice(0, MAX_CHILDREN).map((child) => (
              <li key={child.execution_id} className="flex gap-2">
                {child.workflow_name}
                <Link
                  to="/executions/$executionId"
                  params={{ executionId: child.execution_id }}
                  className="truncate font-mono text-xs leading-6 text-accent hover:underline"
                >
                  {child.execution_id}
                </Link>
              </li>
            ))}
          </ul>
          {children.length > MAX_CHILDREN && <p className="text-muted">The relations have them all.</p>}
        </section>
      )}
      <VirtualRows
        label="Pending activities"
        count={activities.length}
        keyOf={(index) => activities[index]!.activity_id}
        rowPx={ABOUT_PX}
        measured
      >
        {(index) => <Pending activity={activities[index]!} />}
      </VirtualRows>
    </div>
  )
}

function Pending({ activity }: { activity: PendingActivity }) {
  const { label, tone } = STATES[activity.state]
  const isRetrying = activity.attempt > 1 && activity.state === 'SCHEDULED'
  return (
    <article className="flex flex-col gap-2 px-6 py-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <h2 className="font-semibold">{activity.activity_name}</h2>
        <Badge tone={isRetrying ? 'warn' : tone}>{isRetrying ? 'waits for its next attempt' : label}</Badge>
        <span className="tabular-nums">
          Attempt {activity.attempt}
          {activity.maximum_attempts === null ? '' : ` of ${activity.maximum_attempts}`}
        </span>
        {activity.next_attempt_time !== null && (
          <span className="text-muted">
            Next attempt <Countdown to={activity.next_attempt_time} />
          </span>
        )}
        {activity.scheduled_time !== null && (
          <span className="text-muted">
            Scheduled <Time value={activity.scheduled_time} />
          </span>
        )}
        {activity.last_heartbeat_time !== null && (
          <span className="text-muted">
            Last heartbeat <Time value={activity.last_heartbeat_time} />
          </span>
        )}
        {activity.last_worker !== null && (
          <span className="font-mono text-xs text-muted">{activity.last_worker}</span>
        )}
      </div>
      {activity.last_failure !== null && (
        <div className="rounded-md bg-bad-soft px-3 py-2 text-bad">
          <p className="break-words whitespace-pre-wrap">{activity.last_failure.message}</p>
          {activity.last_failure.stack_trace !== null && (
            <details className="mt-1">
              <summary className="text-xs">Stack trace</summary>
              <pre
                // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
                tabIndex={0}
                className="mt-1 overflow-x-auto font-mono text-xs"
              >
                {activity.last_failure.stack_trace}
              </pre>
            </details>
          )}
        </div>
      )}
      {activity.heartbeat !== null && activity.heartbeat !== undefined && (
        <JsonView value={activity.heartbeat} label="What it said last" maxHeight="10rem" />
      )}
    </article>
  )
}

function Countdown({ to }: { to: string }) {
  const left = Date.parse(to) - useNow(1_000)
  return <span className="tabular-nums">{left > 0 ? `in ${duration(left)}` : 'now'}</span>
}
