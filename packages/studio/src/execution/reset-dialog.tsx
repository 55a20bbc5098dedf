import { useMutation } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { clsx } from 'clsx'
import { useId, useMemo, useRef, useState } from 'react'
import { call } from '../api/call.ts'
import { refresh } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogActions } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { Input } from '../components/input.tsx'
import { Empty, Failure } from '../components/states.tsx'
import { say } from '../components/toasts.tsx'
import { duration } from '../formats/durations.ts'
import { count, counted } from '../formats/numbers.ts'
import { KINDS } from './group-looks.tsx'
import type { HistoryGroup } from './history-groups.ts'
import { useLive } from './live-store.ts'
import type { RunHistory } from './run-history.ts'
import { type ShownExecution, useExecutionSearch } from './use-execution.ts'

const ROW_PX = 32
/** Names that a point tells of what it would do anew. */
const NAMES = 3
/** What of all that follows on a point is worth to be named. */
const DONE_ANEW: ReadonlySet<string> = new Set(['activity', 'child', 'timer', 'external', 'signal', 'update'])

/**
 * Takes an execution back to a point of its history.
 * @param point what was picked; null if it is still to be
 */
export function ResetDialog({
  execution,
  point,
  onClose,
}: {
  execution: ShownExecution
  point: number | null
  onClose: () => void
}) {
  const { groups, events } = useLive(execution.history)
  const [chosen, choose] = useState(point)
  const [reason, setReason] = useState('')
  const [exclude, setExclude] = useState({ signals: false, updates: false })
  const [, change] = useExecutionSearch()
  const reset = useMutation({
    mutationFn: (event_id: number) =>
      call('resetExecution', {
        params: { execution_id: execution.executionId },
        body: {
          event_id,
          reason: reason.trim() || null,
          exclude_signals: exclude.signals,
          exclude_updates: exclude.updates,
        },
      }),
    onSuccess: async () => {
      say('The execution was reset: it goes on in a new run.')
      await refresh('getExecution', 'getRunDetails', 'listExecutionRuns', 'listRuns')
      change({ run: undefined, event: undefined, from: undefined, to: undefined })
      onClose()
    },
  })
  const last = events.at(-1)?.event_id ?? 0
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Reset the execution"
      description={
        execution.isOpen
          ? 'A new run goes on from the point that you choose; this run is terminated. What was done after the point is done anew.'
          : 'A new run goes on from the point that you choose. What was done after the point is done anew.'
      }
      wide
    >
      {groups.resetPoints.length === 0 ? (
        <Empty title="There is no point to reset to yet">
          <p>An execution can be reset to each place where its code has run; this one's has not yet.</p>
        </Empty>
      ) : (
        <Points history={execution.history} chosen={chosen} choose={choose} />
      )}
      {chosen !== null && last > chosen && (
        <p className="text-muted">
          {counted(last - chosen + 1, 'event')} from number {count(chosen)} on will not be part of the new
          run.
        </p>
      )}
      <Field label="Reason" hint="Stands in the history of the run that is left.">
        <Input value={reason} onChange={({ target }) => setReason(target.value)} maxLength={10_000} />
      </Field>
      <fieldset className="flex gap-6">
        <legend className="sr-only">What came after the point</legend>
        {(['signals', 'updates'] as const).map((kind) => (
          <label key={kind} className="flex items-center gap-2">
            <input
              type="checkbox"
              checked={exclude[kind]}
              onChange={({ target }) => setExclude({ ...exclude, [kind]: target.checked })}
            />
            Leave out the {kind} that came after it
          </label>
        ))}
      </fieldset>
      {reset.error && <Failure error={reset.error} />}
      <DialogActions>
        <Button onClick={onClose}>Go back</Button>
        <Button
          variant="danger"
          disabled={chosen === null || reset.isPending}
          onClick={() => chosen !== null && reset.mutate(chosen)}
        >
          {reset.isPending ? 'Resetting…' : chosen === null ? 'Reset' : `Reset to event ${chosen}`}
        </Button>
      </DialogActions>
    </Dialog>
  )
}

/** What each point would do anew: what the code began there. */
function whatFollows(groups: readonly HistoryGroup[]): ReadonlyMap<number, readonly HistoryGroup[]> {
  const follows = new Map<number, HistoryGroup[]>()
  for (const group of groups) {
    if (group.resetPoint === null || !DONE_ANEW.has(group.kind)) continue
    const list = follows.get(group.resetPoint) ?? []
    list.push(group)
    follows.set(group.resetPoint, list)
  }
  return follows
}

function Points({
  history,
  chosen,
  choose,
}: {
  history: RunHistory
  chosen: number | null
  choose: (point: number) => void
}) {
  const scroller = useRef<HTMLDivElement>(null)
  const name = useId()
  const points = history.groups.resetPoints
  // biome-ignore lint/correctness/useExhaustiveDependencies: the history is the same and changes inside
  const follows = useMemo(() => whatFollows(history.groups.all), [history, history.version])
  const at = points.findIndex(({ event_id }) => event_id === chosen)
  const virtualizer = useVirtualizer({
    count: points.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
    initialOffset: Math.max(0, at - 3) * ROW_PX,
  })
  const start = Date.parse(points[0]!.event_time)
  return (
    <div
      ref={scroller}
      role="radiogroup"
      aria-label="Points to reset to"
      className="h-64 overflow-y-auto rounded-md border border-line"
    >
      <div className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, start: top }) => {
          const { event_id: id, event_time } = points[index]!
          const begun = follows.get(id) ?? []
          return (
            <label
              key={id}
              className={clsx(
                'absolute top-0 left-0 flex w-full items-center gap-3 px-3 hover:bg-sunken',
                id === chosen && 'bg-accent-soft',
              )}
              style={{ transform: `translateY(${top}px)`, height: ROW_PX }}
            >
              <input type="radio" name={name} checked={id === chosen} onChange={() => choose(id)} />
              <span className="w-16 text-right font-mono text-xs tabular-nums">{id}</span>
              <span className="w-20 text-xs text-muted tabular-nums">
                +{duration(Date.parse(event_time) - start)}
              </span>
              <span className="min-w-0 flex-1 truncate">
                {begun.length === 0
                  ? 'the code runs, and begins nothing'
                  : `before ${begun
                      .slice(0, NAMES)
                      .map((group) => `${KINDS[group.kind].label.toLowerCase()} ${group.name}`)
                      .join(', ')}${begun.length > NAMES ? ` and ${begun.length - NAMES} more` : ''}`}
              </span>
            </label>
          )
        })}
      </div>
    </div>
  )
}
