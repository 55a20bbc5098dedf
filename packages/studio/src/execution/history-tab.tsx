import { useMutation } from '@tanstack/react-query'
import type { HistoryEvent } from '@tramontane/contract/run-history'
import { clsx } from 'clsx'
import { Download } from 'lucide-react'
import { useMemo } from 'react'
import { request } from '../api/call.ts'
import { Button } from '../components/button.tsx'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { complain } from '../components/toasts.tsx'
import { counted } from '../formats/numbers.ts'
import { EventPanel } from './event-panel.tsx'
import { type HistoryView, historyViews } from './execution-search.ts'
import { FindField } from './find-field.tsx'
import { KINDS } from './group-looks.tsx'
import { GroupPanel } from './group-panel.tsx'
import { sentence } from './history-groups.ts'
import { HistoryJson } from './history-json.tsx'
import { CompactLine, EVENT_ROW_PX, FullLine } from './history-lines.tsx'
import { eventContains, groupContains } from './history-search.ts'
import { useLive } from './live-store.ts'
import { StreamNotice } from './stream-notice.tsx'
import { TypeChips } from './type-chips.tsx'
import { type ShownExecution, useExecutionSearch } from './use-execution.ts'
import { VirtualRows } from './virtual-rows.tsx'

const VIEW_LABELS: Readonly<Record<HistoryView, string>> = { compact: 'Compact', full: 'Full', json: 'JSON' }

/** The history of a run: what happened, every event, or the JSON as it is. */
export function HistoryTab({ execution }: { execution: ShownExecution }) {
  const history = useLive(execution.history)
  const [{ view = 'compact', types, find }, change] = useExecutionSearch()
  if (history.events.length === 0)
    return history.state === 'failed' ? (
      <Failure error={history.error!} onRetry={history.retry} />
    ) : (
      <Loading label="Reading the history" />
    )
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex h-12 shrink-0 items-center gap-4 border-b border-line px-6">
        <fieldset className="flex shrink-0 rounded-md border border-line">
          <legend className="sr-only">View of the history</legend>
          {historyViews.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === view}
              onClick={() => change({ view: one, types: undefined })}
              className={clsx(
                'h-7 px-2.5 text-xs first:rounded-l-md last:rounded-r-md',
                one === view ? 'bg-accent-soft font-medium text-accent' : 'text-muted hover:text-ink',
              )}
            >
              {VIEW_LABELS[one]}
            </button>
          ))}
        </fieldset>
        {view !== 'json' && <FindField />}
        {view === 'compact' && <CompactTypes execution={execution} />}
        {view === 'full' && <FullTypes execution={execution} />}
        <DownloadHistory runId={execution.run.run_id} />
      </div>
      <StreamNotice store={history} what="history" />
      {view === 'compact' ? (
        <Compact execution={execution} types={types} find={find} />
      ) : view === 'full' ? (
        <Full execution={execution} types={types} find={find} />
      ) : (
        <HistoryJson execution={execution} />
      )}
    </div>
  )
}

function DownloadHistory({ runId }: { runId: string }) {
  const download = useMutation({
    mutationFn: async () => {
      const answer = await request('getRunHistory', { params: { run_id: runId } })
      const link = document.createElement('a')
      link.href = URL.createObjectURL(await answer.blob())
      link.download = `${runId}.json`
      link.click()
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
    },
    onError: complain,
  })
  return (
    <Button
      size="small"
      variant="quiet"
      className="ml-auto"
      disabled={download.isPending}
      onClick={() => download.mutate()}
    >
      <Download aria-hidden /> {download.isPending ? 'Downloading…' : 'Download'}
    </Button>
  )
}

function CompactTypes({ execution }: { execution: ShownExecution }) {
  const { groups } = useLive(execution.history)
  const counts = Map.groupBy(groups.all, ({ kind }) => kind)
  return (
    <TypeChips
      label="Kinds"
      options={[...counts].map(([value, list]) => ({
        value,
        label: KINDS[value].plural,
        count: list.length,
      }))}
    />
  )
}

function FullTypes({ execution }: { execution: ShownExecution }) {
  const { events } = useLive(execution.history)
  const counts = new Map<string, number>()
  for (const { event_type } of events) counts.set(event_type, (counts.get(event_type) ?? 0) + 1)
  return (
    <TypeChips
      label="Types of events"
      options={[...counts].map(([value, count]) => ({ value, label: sentence(value), count }))}
    />
  )
}

interface ViewProps {
  execution: ShownExecution
  types: readonly string[] | undefined
  find: string | undefined
}

function NothingFits() {
  return (
    <Empty title="Nothing fits">
      <p>Nothing in this history fits the filter.</p>
    </Empty>
  )
}

function Compact({ execution, types, find }: ViewProps) {
  const history = useLive(execution.history)
  const [{ event }, change] = useExecutionSearch()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the store is the same and changes inside
  const groups = useMemo(
    () =>
      history.groups.all.filter(
        (group) =>
          (!types || types.includes(group.kind)) && (!find || groupContains(group, find.toLowerCase())),
      ),
    [history, history.version, types?.join(' '), find],
  )
  const selected = event === undefined ? -1 : groups.findIndex(({ eventIds }) => eventIds.includes(event))
  const start = Date.parse(history.events[0]!.event_time)
  return (
    <Split
      shown={counted(groups.length, 'line')}
      list={
        groups.length === 0 ? (
          <NothingFits />
        ) : (
          <VirtualRows
            label="History, compact"
            count={groups.length}
            keyOf={(index) => groups[index]!.id}
            rowPx={EVENT_ROW_PX}
            selected={selected}
            onSelect={(index) =>
              change({ event: index === undefined ? undefined : groups[index]!.id }, { replace: true })
            }
          >
            {(index) => (
              <CompactLine
                group={groups[index]!}
                state={groups[index]!.state}
                endedAt={groups[index]!.endedAt}
                start={start}
              />
            )}
          </VirtualRows>
        )
      }
      panel={
        groups[selected] && (
          <GroupPanel
            key={groups[selected].id}
            runId={execution.run.run_id}
            group={groups[selected]}
            execution={execution}
            onClose={() => change({ event: undefined }, { replace: true })}
          />
        )
      }
    />
  )
}

function Full({ execution, types, find }: ViewProps) {
  const history = useLive(execution.history)
  const [{ event }, change] = useExecutionSearch()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the store is the same and changes inside
  const events: readonly HistoryEvent[] = useMemo(
    () =>
      history.events.filter(
        (one) =>
          (!types || types.includes(one.event_type)) && (!find || eventContains(one, find.toLowerCase())),
      ),
    [history, history.version, types?.join(' '), find],
  )
  const selected = event === undefined ? -1 : events.findIndex(({ event_id }) => event_id === event)
  const start = Date.parse(history.events[0]!.event_time)
  return (
    <Split
      shown={counted(events.length, 'event')}
      list={
        events.length === 0 ? (
          <NothingFits />
        ) : (
          <VirtualRows
            label="History, every event"
            count={events.length}
            keyOf={(index) => events[index]!.event_id}
            rowPx={EVENT_ROW_PX}
            selected={selected}
            onSelect={(index) =>
              change({ event: index === undefined ? undefined : events[index]!.event_id }, { replace: true })
            }
          >
            {(index) => <FullLine event={events[index]!} start={start} />}
          </VirtualRows>
        )
      }
      panel={
        events[selected] && (
          <EventPanel
            key={events[selected].event_id}
            event={events[selected]}
            execution={execution}
            onClose={() => change({ event: undefined }, { replace: true })}
          />
        )
      }
    />
  )
}

function Split({ shown, list, panel }: { shown: string; list: React.ReactNode; panel: React.ReactNode }) {
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        {list}
        <p className="shrink-0 border-t border-line px-6 py-1 text-xs text-muted tabular-nums">{shown}</p>
      </div>
      {panel}
    </div>
  )
}
