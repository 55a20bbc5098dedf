import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useEffect, useId, useMemo, useReducer, useRef, useState } from 'react'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { GroupPanel } from './group-panel.tsx'
import { type HistoryGroup, isMachinery } from './history-groups.ts'
import { useLive } from './live-store.ts'
import { type RunHistory, runHistory } from './run-history.ts'
import { StreamNotice } from './stream-notice.tsx'
import { timeScale } from './time-scale.ts'
import { TimelineAxis } from './timeline-axis.tsx'
import { TIMELINE_ROW_PX, TimelineLine } from './timeline-line.tsx'
import { type TimelineRow, timelineRows, timesOf } from './timeline-rows.ts'
import { TimelineTools } from './timeline-tools.tsx'
import { type ShownExecution, useExecutionSearch } from './use-execution.ts'

const NOW_EVERY_MS = 1_000
/** The line of the present is a little before the right edge, so that what is new can be seen coming. */
const AHEAD = 0.02

/** What happened in an execution over time, live while it runs. */
export function Timeline({ execution }: { execution: ShownExecution }) {
  const history = useLive(execution.history)
  const [search, change] = useExecutionSearch()
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(() => new Set())
  const childVersion = useChildren(unfolded)
  const now = useNow(!history.isClosed && execution.isOpen)
  const isShown = useShown(search)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stores are the same and change inside
  const rows = useMemo(
    () => timelineRows(history, unfolded, runHistory, isShown),
    [history, history.version, unfolded, childVersion, isShown],
  )
  const scale = useScale(rows, history, now, search.idle !== 'shown')
  const selected = rows.findIndex(
    ({ runId, group }) => runId === execution.run.run_id && group.id === search.event,
  )
  const [selectedKey, setSelectedKey] = useState<string>()
  const at = selectedKey === undefined ? selected : rows.findIndex(({ key }) => key === selectedKey)
  const select = (row: TimelineRow | undefined) => {
    setSelectedKey(row?.key)
    // Lines of children are not in the address: it names an event of the run.
    change({ event: row?.depth === 0 ? row.group.id : undefined }, { replace: true })
  }
  const fold = (runId: string, isFolded: boolean) => {
    const next = new Set(unfolded)
    if (isFolded) next.delete(runId)
    else next.add(runId)
    setUnfolded(next)
  }
  const chosen = rows[at]
  return (
    <div className="flex h-full min-h-0 flex-col">
      <TimelineTools groups={history.groups} shown={rows.length} />
      <StreamNotice store={history} what="timeline" />
      <div className="flex min-h-0 flex-1">
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          {rows.length > 0 ? (
            <Rows
              rows={rows}
              scale={scale}
              now={now}
              execution={execution}
              selected={at}
              onSelect={select}
              onFold={fold}
            />
          ) : history.state === 'failed' ? (
            <Failure error={history.error!} onRetry={history.retry} />
          ) : history.events.length === 0 ? (
            <Loading label="Reading the history" />
          ) : (
            <Empty title="Nothing to show">
              <p>
                {search.types || search.find
                  ? 'Nothing in this run fits the filter.'
                  : 'This run has called no activity, waited for nothing and was sent nothing.'}
              </p>
            </Empty>
          )}
        </div>
        {chosen && (
          <GroupPanel
            key={chosen.key}
            runId={chosen.runId}
            group={chosen.group}
            execution={execution}
            onClose={() => select(undefined)}
          />
        )}
      </div>
    </div>
  )
}

/** Draws again when one of the unfolded children has news. */
function useChildren(unfolded: ReadonlySet<string>): number {
  const [version, bump] = useReducer((count: number) => count + 1, 0)
  useEffect(() => {
    const offs = [...unfolded].map((runId) => runHistory(runId).subscribe(bump))
    bump()
    return () => {
      for (const off of offs) off()
    }
  }, [unfolded])
  return version
}

function useNow(isTicking: boolean): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!isTicking) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), NOW_EVERY_MS)
    return () => clearInterval(timer)
  }, [isTicking])
  return now
}

function useShown({ types, find, tasks }: ReturnType<typeof useExecutionSearch>[0]) {
  const key = types?.join(' ')
  return useMemo(() => {
    const kinds = key === undefined ? undefined : new Set(key.split(' '))
    const text = find?.toLowerCase()
    return (group: HistoryGroup) => {
      if (tasks !== 'shown' && isMachinery(group)) return false
      if (kinds && !kinds.has(group.kind)) return false
      return !text || contains(group, text)
    }
  }, [key, find, tasks])
}

function contains({ name, message, input, result, childExecutionId }: HistoryGroup, text: string): boolean {
  return [name, message, input, result, childExecutionId].some((part) => part?.toLowerCase().includes(text))
}

function useScale(rows: readonly TimelineRow[], history: RunHistory, now: number, fold: boolean) {
  const first = history.events[0]
  const from = first ? Date.parse(first.event_time) : now
  // Clocks of servers differ: the present is never before the newest event.
  const end = history.isClosed ? history.groups.lastAt : Math.max(now, history.groups.lastAt)
  return useMemo(() => {
    const latest = rows.reduce((last, { group }) => Math.max(last, group.endedAt ?? group.startedAt), end)
    const to = history.isClosed ? latest : latest + (latest - from) * AHEAD
    return timeScale(from, to, { ...timesOf(rows, end), fold })
  }, [rows, from, end, fold, history])
}

function Rows({
  rows,
  scale,
  now,
  execution,
  selected,
  onSelect,
  onFold,
}: {
  rows: readonly TimelineRow[]
  scale: ReturnType<typeof timeScale>
  now: number
  execution: ShownExecution
  selected: number
  onSelect: (row: TimelineRow | undefined) => void
  onFold: (runId: string, isFolded: boolean) => void
}) {
  const scroller = useRef<HTMLDivElement>(null)
  const id = useId()
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => TIMELINE_ROW_PX,
    getItemKey: (index) => rows[index]!.key,
    overscan: 8,
  })
  const pending = useMemo(
    () => new Map(execution.state?.pending_activities.map((one) => [one.activity_id, one])),
    [execution.state],
  )
  const move = (index: number) => {
    const to = Math.max(0, Math.min(rows.length - 1, index))
    onSelect(rows[to])
    virtualizer.scrollToIndex(to)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[selected]
    const page = Math.floor((scroller.current?.clientHeight ?? 300) / TIMELINE_ROW_PX) - 1
    const steps: Record<string, number> = {
      ArrowDown: selected + 1,
      ArrowUp: selected < 0 ? rows.length - 1 : selected - 1,
      Home: 0,
      End: rows.length - 1,
      PageDown: selected + page,
      PageUp: selected - page,
    }
    if (event.key in steps) move(steps[event.key]!)
    else if (event.key === 'ArrowRight' && row?.isUnfolded === false) onFold(row.group.childRunId!, false)
    else if (event.key === 'ArrowLeft' && row?.isUnfolded) onFold(row.group.childRunId!, true)
    else if (event.key === 'Escape' && row) onSelect(undefined)
    else return
    event.preventDefault()
  }
  const top = selected >= 0 ? rows[selected]!.key : undefined
  // A deep link leads to its line.
  const cameFor = useRef(top)
  useEffect(() => {
    if (cameFor.current === undefined || cameFor.current !== top) return
    virtualizer.scrollToIndex(selected, { align: 'center' })
    cameFor.current = undefined
  }, [top, selected, virtualizer])
  return (
    <>
      <TimelineAxis scale={scale} />
      <div
        ref={scroller}
        role="tree"
        aria-label="Timeline"
        tabIndex={0}
        aria-activedescendant={selected < 0 ? undefined : `${id}${rows[selected]!.key}`}
        onKeyDown={onKeyDown}
        className="min-h-0 flex-1 overflow-y-scroll"
      >
        <div className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const row = rows[item.index]!
            return (
              <TimelineLine
                key={item.key}
                id={`${id}${row.key}`}
                row={row}
                top={item.start}
                scale={scale}
                now={row.group.endedAt === null ? now : 0}
                pending={row.group.activityId === null ? undefined : pending.get(row.group.activityId)}
                isSelected={item.index === selected}
                onSelect={onSelect}
                onFold={onFold}
              />
            )
          })}
        </div>
      </div>
    </>
  )
}
