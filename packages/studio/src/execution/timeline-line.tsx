import type { PendingActivity } from '@tramontane/contract/run-history'
import { clsx } from 'clsx'
import { ChevronRight } from 'lucide-react'
import { memo } from 'react'
import { duration } from '../formats/durations.ts'
import { attemptPieces, type FailedAttempt } from './attempts.ts'
import { KINDS, STATE_LOOKS, shownName } from './group-looks.tsx'
import type { TimeScale } from './time-scale.ts'
import { AttemptBars } from './timeline-bars.tsx'
import { shownState, type TimelineRow } from './timeline-rows.ts'

export const TIMELINE_ROW_PX = 28
/** Names stand left of the bars. */
export const NAMES_WIDTH = '19rem'
/** Words that have less room beside their bar stand in it. */
const ROOM = 0.25

/** One thing of the timeline: what it is, when it was, how it went. Drawn only when something of it changes. */
export const TimelineLine = memo(function TimelineLine({
  id,
  row,
  top,
  scale,
  now,
  pending,
  failed,
  isSelected,
  onSelect,
  onFold,
}: {
  id: string
  row: TimelineRow
  top: number
  scale: TimeScale
  /** 0 for what has ended, so that time's passing does not touch it. */
  now: number
  pending: PendingActivity | undefined
  /** Attempts that failed, as workers told; the same list while there are no more. */
  failed: readonly FailedAttempt[]
  isSelected: boolean
  onSelect: (row: TimelineRow) => void
  onFold: (runId: string, isFolded: boolean) => void
}) {
  const { group, depth, isUnfolded } = row
  const { icon: Icon, label } = KINDS[group.kind]
  const state = shownState(group, pending)
  const looks = STATE_LOOKS[state]
  const end = group.endedAt ?? Math.max(now, group.startedAt)
  const left = scale.place(group.startedAt)
  const right = scale.place(end)
  const attempt = pending?.attempt ?? group.attempt
  const message = pending?.last_failure?.message ?? group.message
  const isPoint = group.endedAt === group.startedAt && group.eventIds.length === 1
  const isBefore = left > 1 - right && 1 - right < ROOM
  const isInside = !isPoint && Math.max(left, 1 - right) < ROOM
  const pieces = attemptPieces(group, pending, failed)
  const wait = pending?.next_attempt_time ? Date.parse(pending.next_attempt_time) - now : 0
  const told = [
    isPoint ? '' : duration(end - group.startedAt),
    attempt > 1 ? `attempt ${attempt}${wait > 0 ? ` in ${duration(wait)}` : ''}` : '',
    looks.label === 'done' ? '' : looks.label,
    message ?? group.result ?? (isPoint ? group.input : null) ?? '',
  ].filter((part) => part !== '')
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys, and says which line is meant
    <div
      id={id}
      role="treeitem"
      tabIndex={-1}
      aria-level={depth + 1}
      aria-selected={isSelected}
      aria-expanded={isUnfolded ?? undefined}
      onClick={() => onSelect(row)}
      className={clsx(
        'absolute top-0 left-0 flex w-full cursor-pointer items-center border-b border-line/50',
        isSelected ? 'bg-accent-soft' : 'hover:bg-sunken',
      )}
      style={{ transform: `translateY(${top}px)`, height: TIMELINE_ROW_PX }}
    >
      <div
        className="flex h-full shrink-0 items-center gap-1.5 border-r border-line pr-2"
        style={{ width: NAMES_WIDTH, paddingLeft: `${1.5 + depth * 1.1}rem` }}
      >
        {isUnfolded !== null && (
          // biome-ignore lint/a11y/noStaticElementInteractions: a second way; the tree folds with the arrow keys
          // biome-ignore lint/a11y/useKeyWithClickEvents: as above
          <span
            className="-ml-5 flex size-5 items-center justify-center rounded hover:bg-line"
            onClick={(event) => {
              event.stopPropagation()
              onFold(group.childRunId!, isUnfolded)
            }}
          >
            <ChevronRight className={clsx('size-3.5', isUnfolded && 'rotate-90')} aria-hidden />
          </span>
        )}
        <Icon className="size-3.5 shrink-0 text-muted" aria-label={label} />
        <span className="truncate" title={shownName(group)}>
          {shownName(group)}
        </span>
        <span className="ml-auto pl-1 font-mono text-[0.6875rem] text-muted tabular-nums">{group.id}</span>
      </div>
      <div className="relative mx-3 h-full min-w-0 flex-1">
        {isPoint ? (
          <span
            className={clsx('absolute top-1/2 size-2 -translate-x-1/2 -translate-y-1/2 rotate-45', looks.bar)}
            style={{ left: `${left * 100}%` }}
          />
        ) : pieces.length > 0 ? (
          <AttemptBars pieces={pieces} scale={scale} now={now} lastLooks={looks.bar} />
        ) : (
          <span
            className={clsx(
              'absolute top-1.5 h-4 min-w-[3px] truncate rounded-sm px-1.5 text-[0.6875rem] leading-4 text-canvas',
              looks.bar,
            )}
            style={{ left: `${left * 100}%`, width: `${(right - left) * 100}%` }}
          >
            {isInside && told.join(' · ')}
          </span>
        )}
        {isInside && pieces.length > 0 && (
          <span
            className="pointer-events-none absolute top-1.5 ml-1.5 max-w-full truncate rounded-sm bg-surface/90 px-1 text-[0.6875rem] leading-4"
            style={{ left: `${left * 100}%` }}
          >
            {told.join(' · ')}
          </span>
        )}
        {!isInside && (
          <span
            className={clsx(
              'absolute top-0 truncate px-2 text-xs leading-7',
              state === 'failed' || state === 'timed out'
                ? 'text-bad'
                : state === 'retrying'
                  ? 'text-warn'
                  : 'text-muted',
            )}
            style={
              isBefore
                ? { right: `${(1 - left) * 100}%`, maxWidth: `${left * 100}%` }
                : { left: `${right * 100}%`, maxWidth: `${(1 - right) * 100}%` }
            }
          >
            {told.join(' · ')}
          </span>
        )}
      </div>
    </div>
  )
})
