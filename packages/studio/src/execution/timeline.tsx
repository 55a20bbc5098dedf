import { RotateCcw, Undo2 } from 'lucide-react'
import { useEffect, useMemo, useReducer, useState } from 'react'
import { Button } from '../components/button.tsx'
import { useNow } from '../components/now.ts'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { shownName } from './group-looks.tsx'
import { GroupPanel } from './group-panel.tsx'
import { type HistoryGroup, isMachinery } from './history-groups.ts'
import { type KnownOf, useKnownAttempts } from './known-attempts.ts'
import { useLive } from './live-store.ts'
import { requestReset, useResetPoint } from './reset-request.ts'
import { type RunHistory, runHistory } from './run-history.ts'
import { StreamNotice } from './stream-notice.tsx'
import type { TimePart } from './time-part.ts'
import { timeScale } from './time-scale.ts'
import type { AxisSign } from './timeline-axis.tsx'
import { TimelineLines } from './timeline-lines.tsx'
import { isWithin, type TimelineRow, timelineRows, timesOf } from './timeline-rows.ts'
import { TimelineTools } from './timeline-tools.tsx'
import { type ShownExecution, useExecutionSearch } from './use-execution.ts'
import { timelineZoom, useTimePart } from './use-zoom.ts'

const NOW_EVERY_MS = 1_000
/** The line of the present is a little before the right edge, so that what is new can be seen coming. */
const AHEAD = 0.02

/** What happened in an execution over time, live while it runs. */
export function Timeline({ execution }: { execution: ShownExecution }) {
  const history = useLive(execution.history)
  const [search, change] = useExecutionSearch()
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(() => new Set())
  const childVersion = useChildren(unfolded)
  const now = useNow(!history.isClosed && execution.isOpen ? NOW_EVERY_MS : null)
  const isShown = useShown(search)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stores are the same and change inside
  const all = useMemo(
    () => timelineRows(history, unfolded, runHistory, isShown),
    [history, history.version, unfolded, childVersion, isShown],
  )
  const knownOf = useKnownAttempts(execution)
  const [part, setPart] = useTimePart()
  const { whole, shown } = useScales(all, history, now, search.idle !== 'shown', part, knownOf)
  const isAll = shown === whole
  const zoom = timelineZoom(whole, shown, isAll, setPart)
  const rows = useMemo(
    () => (isAll ? all : all.filter(({ group }) => isWithin(group, shown))),
    [all, isAll, shown],
  )
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
  const resetPoint = useResetPoint(execution, chosen)
  const signs: AxisSign[] = history.groups.resets.map((group) => ({
    key: `reset ${group.id}`,
    at: group.endedAt!,
    label: `Reset from run ${group.resetFrom!.slice(0, 8)}: what is before happened there`,
    icon: Undo2,
    onPress: () => {
      setSelectedKey(undefined)
      change({ event: group.id, types: undefined, find: undefined }, { replace: true })
    },
  }))
  if (chosen && resetPoint !== null)
    signs.push({
      key: 'point',
      at: chosen.group.startedAt,
      label: `Reset to before ${shownName(chosen.group)}…`,
      icon: RotateCcw,
      onPress: () => requestReset(resetPoint),
    })
  return (
    <div className="flex h-full min-h-0 flex-col">
      <TimelineTools groups={history.groups} shown={rows.length} of={all.length} zoom={zoom} />
      <StreamNotice store={history} what="timeline" />
      <div className="flex min-h-0 flex-1">
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          {all.length > 0 ? (
            <TimelineLines
              rows={rows}
              zoom={zoom}
              now={now}
              knownOf={knownOf}
              selected={at}
              signs={signs}
              onSelect={select}
              onFold={fold}
            >
              <Empty title="Nothing in this part">
                <p>Nothing of what is shown was going on in this part of the time.</p>
                <Button className="mt-3" onClick={zoom.all}>
                  Show all of the time
                </Button>
              </Empty>
            </TimelineLines>
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

/** The scale of all of the time, and that of the part. */
function useScales(
  rows: readonly TimelineRow[],
  history: RunHistory,
  now: number,
  fold: boolean,
  part: TimePart,
  knownOf: KnownOf,
) {
  const first = history.events[0]
  const from = first ? Date.parse(first.event_time) : now
  // Clocks of servers differ: the present is never before the newest event.
  const end = history.isClosed ? history.groups.lastAt : Math.max(now, history.groups.lastAt)
  const times = useMemo(() => timesOf(rows, end, knownOf), [rows, end, knownOf])
  const whole = useMemo(() => {
    const latest = rows.reduce((last, { group }) => Math.max(last, group.endedAt ?? group.startedAt), end)
    const to = history.isClosed ? latest : latest + (latest - from) * AHEAD
    return timeScale(from, to, { ...times, fold })
  }, [rows, from, end, fold, history, times])
  const shown = useMemo(() => {
    if (part.from === undefined && part.to === undefined) return whole
    const begin = Math.max(whole.from, Math.min(part.from ?? whole.from, whole.to))
    return timeScale(begin, Math.min(part.to ?? whole.to, whole.to), { ...times, fold })
  }, [whole, part, times, fold])
  return { whole, shown }
}
