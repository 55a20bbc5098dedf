import type { HistoryEvent } from '@tramontane/contract/run-history'
import { clsx } from 'clsx'
import { memo } from 'react'
import { duration } from '../formats/durations.ts'
import { KINDS, STATE_LOOKS, shownName } from './group-looks.tsx'
import type { GroupState, HistoryGroup } from './history-groups.ts'
import { sentence } from './history-groups.ts'

export const EVENT_ROW_PX = 30
const LINE = 'flex h-full items-center gap-3 px-6'

/** @param state, endedAt are the group's, which changes inside; they tell when it has */
export const CompactLine = memo(function CompactLine({
  group,
  state,
  endedAt,
  start,
}: {
  group: HistoryGroup
  state: GroupState
  endedAt: number | null
  start: number
}) {
  const { icon: Icon, label } = KINDS[group.kind]
  const looks = STATE_LOOKS[state]
  const isBad = state === 'failed' || state === 'timed out'
  return (
    <div className={LINE}>
      <span className="w-14 shrink-0 text-right font-mono text-xs text-muted tabular-nums">{group.id}</span>
      <span className="w-20 shrink-0 text-xs text-muted tabular-nums">
        +{duration(group.startedAt - start)}
      </span>
      <Icon className="size-3.5 shrink-0 text-muted" aria-hidden />
      <span className="w-28 shrink-0 truncate text-xs text-muted">{label}</span>
      <span className="w-56 shrink-0 truncate font-medium">{shownName(group)}</span>
      <span className={clsx('w-20 shrink-0 text-xs', isBad ? 'text-bad' : 'text-muted')}>{looks.label}</span>
      <span className="w-16 shrink-0 text-right text-xs text-muted tabular-nums">
        {endedAt !== null && endedAt > group.startedAt ? duration(endedAt - group.startedAt) : ''}
      </span>
      <span className={clsx('min-w-0 flex-1 truncate font-mono text-xs', isBad ? 'text-bad' : 'text-muted')}>
        {group.message ?? group.result ?? group.input ?? ''}
      </span>
    </div>
  )
})

/** What of an event's attributes says most, in the order in which it is told. */
const TELLING = [
  'activityType',
  'workflowType',
  'signalName',
  'updateName',
  'markerName',
  'timerId',
  'failure',
  'reason',
  'attempt',
  'lastFailure',
  'workflowId',
  'identity',
] as const

export const FullLine = memo(function FullLine({ event, start }: { event: HistoryEvent; start: number }) {
  const { event_id, event_type, event_time, attributes, previews } = event
  const isBad = /(FAILED|TIMED_OUT|TERMINATED)$/.test(event_type)
  const told = [
    ...TELLING.filter(
      (name) => attributes[name] !== undefined && !(name === 'attempt' && attributes[name] === 1),
    ).map((name) => `${name}: ${attributes[name]}`),
    ...Object.entries(previews).map(([name, text]) => `${name}: ${text}`),
  ]
  return (
    <div className={LINE}>
      <span className="w-14 shrink-0 text-right font-mono text-xs text-muted tabular-nums">{event_id}</span>
      <span className="w-20 shrink-0 text-xs text-muted tabular-nums">
        +{duration(Date.parse(event_time) - start)}
      </span>
      <span className={clsx('w-72 shrink-0 truncate', isBad && 'text-bad')}>{sentence(event_type)}</span>
      <span className="min-w-0 flex-1 truncate font-mono text-xs text-muted">{told.join('  ')}</span>
    </div>
  )
})
