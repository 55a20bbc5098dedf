import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { JsonView } from '../components/json-view.tsx'
import { useNow } from '../components/now.ts'
import { Taken, Time } from '../components/time.tsx'
import { duration } from '../formats/durations.ts'
import { bytes } from '../formats/numbers.ts'
import { firstEventQuery } from './execution-ahead.ts'
import { ExecutionStatusBadge } from './execution-status.tsx'
import { useLive } from './live-store.ts'
import { RunPicker } from './run-picker.tsx'
import type { ShownExecution } from './use-execution.ts'

/** How an execution stands: status, times, where it runs, who began it, and what went in and came out. */
export function ExecutionHead({ execution }: { execution: ShownExecution }) {
  const { run, state } = execution
  return (
    <div className="shrink-0 border-b border-line bg-surface">
      <dl className="flex flex-wrap items-center gap-x-6 gap-y-1 px-6 py-2">
        <Fact label="Status">
          <ExecutionStatusBadge status={run.status} />
        </Fact>
        <Fact label="Started">
          <Time value={run.start_time} />
        </Fact>
        {run.end_time !== null && (
          <Fact label="Ended">
            <Time value={run.end_time} />
          </Fact>
        )}
        <Fact label={run.end_time === null ? 'Runs for' : 'Took'}>
          <Taken from={run.start_time} to={run.end_time} />
        </Fact>
        <Fact label="Run">
          <RunPicker execution={execution} />
        </Fact>
        <Origin execution={execution} />
        {run.workflow_id !== null && (
          <Fact label="Workflow">
            <Link
              to="/workflows/$workflowName"
              params={{ workflowName: run.workflow_name }}
              className="text-accent hover:underline"
            >
              {run.workflow_name}
            </Link>
          </Fact>
        )}
        {run.deployment_name !== null && (
          <Fact label="Deployment">
            <Link
              to="/deployments/$deploymentName"
              params={{ deploymentName: run.deployment_name }}
              className="text-accent hover:underline"
            >
              {run.deployment_name}
            </Link>
          </Fact>
        )}
        {run.parent_execution_id !== null && (
          <Fact label="Parent">
            <Link
              to="/executions/$executionId"
              params={{ executionId: run.parent_execution_id }}
              className="font-mono text-xs text-accent hover:underline"
            >
              {run.parent_execution_id}
            </Link>
          </Fact>
        )}
        {run.schedule_id !== null && <Fact label="Schedule">{run.schedule_id}</Fact>}
        {state && <Fact label="History">{bytes(state.history_bytes)}</Fact>}
      </dl>
      <Trouble execution={execution} />
      <InputAndResult execution={execution} />
    </div>
  )
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex min-h-8 items-center gap-2">
      <dt className="text-xs text-muted">{label}</dt>
      <dd className="tabular-nums">{children}</dd>
    </div>
  )
}

/** Longer than this no task waits for a worker that is there. */
const NO_WORKER_MS = 5_000

/** Why a run gets nowhere: its code fails, or no worker takes it up. */
function Trouble({ execution: { run, state, isOpen } }: { execution: ShownExecution }) {
  const task = isOpen ? state?.pending_task : null
  const now = useNow(task ? 1_000 : null)
  if (!task) return null
  const waits = task.scheduled_time === null ? 0 : now - Date.parse(task.scheduled_time)
  const text =
    task.last_failure !== null
      ? `The workflow's code fails (attempt ${task.attempt} to carry it on): ${task.last_failure}\nWith mended code it goes on by itself.`
      : !task.is_started && waits > NO_WORKER_MS
        ? `No worker has taken it up for ${duration(waits)}. It goes on as soon as one runs for the deployment ${run.deployment_name ?? 'that it was started in'}.`
        : undefined
  if (text === undefined) return null
  return (
    <p
      role="status"
      className="mx-6 mb-2 line-clamp-6 rounded-md bg-warn-soft px-3 py-1.5 break-words whitespace-pre-wrap text-warn"
    >
      {text}
    </p>
  )
}

/** What a run goes on from: the one that it continues, or the one that was reset. */
function Origin({ execution: { executionId, run, history } }: { execution: ShownExecution }) {
  const first = useLive(history).events[0]?.attributes
  if (!first) return null
  // A reset keeps the first event of the run that it goes back in, with its id.
  const isReset = first.originalExecutionRunId !== run.run_id
  const origin = isReset ? first.originalExecutionRunId : first.continuedExecutionRunId
  if (typeof origin !== 'string' || origin === '') return null
  return (
    <Fact label={isReset ? 'Reset from' : 'Continues'}>
      <Link
        to="/executions/$executionId"
        params={{ executionId }}
        search={{ run: origin }}
        className="font-mono text-xs text-accent hover:underline"
      >
        {origin.slice(0, 8)}
      </Link>
    </Fact>
  )
}

function InputAndResult({ execution }: { execution: ShownExecution }) {
  const { run, isOpen } = execution
  const [isOpened, setOpened] = useState(true)
  const Icon = isOpened ? ChevronDown : ChevronRight
  return (
    <div className="px-6 pb-3">
      <button
        type="button"
        aria-expanded={isOpened}
        className="flex items-center gap-1 text-xs text-muted hover:text-ink"
        onClick={() => setOpened(!isOpened)}
      >
        <Icon className="size-3.5" aria-hidden /> Input and {run.message === null ? 'result' : 'failure'}
      </button>
      {isOpened && (
        <div className="mt-1 grid grid-cols-2 gap-4">
          <RunInput runId={run.run_id} />
          {run.message !== null ? (
            <section
              aria-label="Failure"
              // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
              tabIndex={0}
              className="max-h-28 overflow-auto rounded-md border border-bad bg-bad-soft px-3 py-1.5 text-bad"
            >
              <p className="break-words whitespace-pre-wrap">{run.message}</p>
            </section>
          ) : isOpen ? (
            <p className="rounded-md border border-dashed border-line px-3 py-1.5 text-muted">
              The result comes when the run has ended.
            </p>
          ) : (
            <JsonView value={run.result ?? null} label="Result" maxHeight="7rem" />
          )}
        </div>
      )}
    </div>
  )
}

/** What a run was given: it stands in the first event of its history. */
function RunInput({ runId }: { runId: string }) {
  const first = useQuery(firstEventQuery(runId))
  if (first.data) {
    const inputs = inputsOf(first.data.events[0])
    return <JsonView value={inputs.length === 1 ? inputs[0] : inputs} label="Input" maxHeight="7rem" />
  }
  return (
    <p className="rounded-md border border-dashed border-line px-3 py-1.5 text-muted">
      {first.error ? `The input cannot be read: ${first.error.message}` : 'Loading the input…'}
    </p>
  )
}

function inputsOf(event: Record<string, unknown> | undefined): readonly unknown[] {
  const attributes = event?.workflowExecutionStartedEventAttributes as
    | { input?: { payloads?: unknown[] } }
    | undefined
  return attributes?.input?.payloads ?? []
}
