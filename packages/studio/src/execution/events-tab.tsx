import { clsx } from 'clsx'
import { memo, useMemo, useState } from 'react'
import { Badge, type Tone } from '../components/badge.tsx'
import { JsonView } from '../components/json-view.tsx'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { duration } from '../formats/durations.ts'
import { counted } from '../formats/numbers.ts'
import { executionEvents, type ReportedEvent } from './execution-events.ts'
import { FindField } from './find-field.tsx'
import { sentence } from './history-groups.ts'
import { useLive } from './live-store.ts'
import { StreamNotice } from './stream-notice.tsx'
import { streamedText, type TaskState } from './task-states.ts'
import { TypeChips } from './type-chips.tsx'
import { type ShownExecution, useExecutionSearch, useFurtherRuns } from './use-execution.ts'
import { VirtualRows } from './virtual-rows.tsx'

const ROW_PX = 30
const TONES: Readonly<Record<TaskState['state'], Tone>> = {
  running: 'accent',
  completed: 'good',
  failed: 'bad',
  canceled: 'warn',
  'timed out': 'bad',
}

/** What workers report of an execution, as it comes: tasks with their state put together, and every event. */
export function EventsTab({ execution }: { execution: ShownExecution }) {
  const store = useLive(executionEvents(execution.executionId))
  useFurtherRuns(store, execution)
  const [{ types, find }] = useExecutionSearch()
  const [selected, setSelected] = useState<number>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the store is the same and changes inside
  const events = useMemo(() => {
    const text = find?.toLowerCase()
    return store.events.filter(
      (event) =>
        (!types || types.includes(event.event_type)) &&
        (!text || JSON.stringify(event).toLowerCase().includes(text)),
    )
  }, [store, store.version, types?.join(' '), find])
  if (store.count === 0)
    return store.state === 'failed' ? (
      <Failure error={store.error!} onRetry={store.retry} />
    ) : store.state === 'ended' || execution.isOpen ? (
      <Empty title="Workers have reported nothing">
        <p>
          Workers with an SDK report activities, tasks and streamed tokens as they happen. Plain Temporal
          workers report nothing: their history tells what they did.
        </p>
      </Empty>
    ) : (
      <Loading />
    )
  const counts = Map.groupBy(store.events, ({ event_type }) => event_type)
  const at = selected === undefined ? -1 : events.findIndex(({ sequence }) => sequence === selected)
  const tasks = store.tasks.all
  const start = millis(store.events[0]!)
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex h-12 shrink-0 items-center gap-4 border-b border-line px-6">
        <FindField />
        <TypeChips
          label="Types of events"
          options={[...counts].map(([value, list]) => ({
            value,
            label: sentence(value),
            count: list.length,
          }))}
        />
        <span className="ml-auto shrink-0 text-xs whitespace-nowrap text-muted tabular-nums">
          {counted(store.count, 'event')}
          {store.state === 'reading' && execution.isOpen ? ' · live' : ''}
        </span>
      </div>
      <StreamNotice store={store} what="stream of events" />
      <div className="flex min-h-0 flex-1">
        <VirtualRows
          label="Events"
          count={events.length}
          keyOf={(index) => events[index]!.sequence}
          rowPx={ROW_PX}
          follow={execution.isOpen}
          selected={at}
          onSelect={(index) => setSelected(index === undefined ? undefined : events[index]!.sequence)}
        >
          {(index) => <EventLine event={events[index]!} start={start} />}
        </VirtualRows>
        {(tasks.length > 0 || at >= 0) && (
          <aside
            aria-label="Tasks"
            className="flex w-[min(32rem,45%)] shrink-0 flex-col gap-3 overflow-y-auto border-l border-line bg-surface p-4"
          >
            {at >= 0 && (
              <section>
                <h2 className="mb-1 font-semibold">{sentence(events[at]!.event_type)}</h2>
                <JsonView value={events[at]} label="Event" maxHeight="20rem" />
              </section>
            )}
            {tasks.length > 0 && <h2 className="font-semibold">{counted(tasks.length, 'task')}</h2>}
            {newestFirst(tasks).map((task) => (
              <Task key={task.id} task={task} />
            ))}
          </aside>
        )}
      </div>
    </div>
  )
}

/** Tasks that are shown at once: an execution may have had thousands. */
const MAX_TASKS = 50

function newestFirst(tasks: readonly TaskState[]): TaskState[] {
  const open = tasks.filter(({ state }) => state === 'running')
  const rest = tasks.filter(({ state }) => state !== 'running')
  return [...open.reverse(), ...rest.reverse()].slice(0, MAX_TASKS)
}

function millis({ event_timestamp }: ReportedEvent): number {
  return Math.floor(event_timestamp / 1e6)
}

const EventLine = memo(function EventLine({ event, start }: { event: ReportedEvent; start: number }) {
  const { event_type: type, attributes } = event
  const isBad = /FAILED|TIMED_OUT/.test(type)
  const subject =
    attributes.activity_name ?? attributes.custom_task_type ?? attributes.display_name ?? event.workflow_name
  const payload = (attributes.payload ?? attributes.result ?? attributes.input) as
    | { value?: unknown }
    | undefined
  const failure = (attributes.failure as { message?: string } | undefined)?.message
  return (
    <div className="flex h-full items-center gap-3 px-6">
      <span className="w-20 shrink-0 text-xs text-muted tabular-nums">
        +{duration(millis(event) - start)}
      </span>
      <span className={clsx('w-56 shrink-0 truncate', isBad && 'text-bad')}>{sentence(type)}</span>
      <span className="w-36 shrink-0 truncate font-medium">{String(subject)}</span>
      <span className={clsx('min-w-0 flex-1 truncate font-mono text-xs', isBad ? 'text-bad' : 'text-muted')}>
        {failure ?? (payload === undefined ? '' : JSON.stringify(payload.value)?.slice(0, 300))}
      </span>
    </div>
  )
})

function Task({ task }: { task: TaskState }) {
  const text = streamedText(task.value)
  return (
    <section aria-label={`Task ${task.type}`} className="rounded-md border border-line p-3">
      <div className="mb-2 flex items-center gap-2">
        <h3 className="font-medium">{task.type}</h3>
        <Badge tone={TONES[task.state]}>{task.state}</Badge>
        <span className="ml-auto shrink-0 text-xs whitespace-nowrap text-muted tabular-nums">
          {counted(task.updates, 'event')}
          {task.endedAt !== null && ` · ${duration(task.endedAt - task.startedAt)}`}
        </span>
      </div>
      {task.message !== null && <p className="mb-2 break-words text-bad">{task.message}</p>}
      {text !== undefined ? (
        <div
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          className="max-h-72 overflow-y-auto break-words whitespace-pre-wrap"
        >
          {text}
          {task.state === 'running' && <span className="ml-0.5 animate-pulse text-accent">▍</span>}
        </div>
      ) : task.value === undefined ? null : (
        <JsonView value={snapshot(task)} label="State" maxHeight="16rem" />
      )}
    </section>
  )
}

/** The state is changed in place; a tree notices only another object. */
function snapshot({ value }: TaskState): unknown {
  return typeof value === 'object' && value !== null
    ? Array.isArray(value)
      ? [...value]
      : { ...value }
    : value
}
