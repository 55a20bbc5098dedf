import { clsx } from 'clsx'
import type { LucideIcon } from 'lucide-react'
import { type PointerEvent, type Ref, useState } from 'react'
import { Tooltip } from '../components/tooltip.tsx'
import { duration } from '../formats/durations.ts'
import { type TimeScale, ticks } from './time-scale.ts'
import { NAMES_WIDTH } from './timeline-line.tsx'

const TICKS = 8
const [MINUTE_MS, HOUR_MS, DAY_MS] = [60_000, 3_600_000, 86_400_000]
/** How exactly a duration below so many milliseconds is told in words. */
const DURATION_TELLS = [
  [1_000, 1],
  [10_000, 100],
  [HOUR_MS, 1_000],
  [DAY_MS, MINUTE_MS],
] as const
/** A pointer that moves less was only pressed. */
const MIN_DRAG_PX = 4

/** Something to press at an instant of the axis. */
export interface AxisSign {
  readonly key: string
  readonly at: number
  readonly label: string
  readonly icon: LucideIcon
  readonly onPress: () => void
}

/**
 * The time from the run's begin, above the bars; what is folded is marked with its length.
 * @param begin of the run
 * @param signs what is marked; left out where the part has not its instant
 * @param onChoose is told the part that a pointer was drawn over; nothing can be drawn without it
 */
export function TimelineAxis({
  ref,
  scale,
  begin = scale.from,
  signs = [],
  onChoose,
}: {
  ref?: Ref<HTMLDivElement>
  scale: TimeScale
  begin?: number
  signs?: readonly AxisSign[]
  onChoose?: (from: number, to: number) => void
}) {
  const [drag, setDrag] = useState<{ from: number; to: number }>()
  const marks = ticks(scale, TICKS, begin)
  const step = marks.length > 1 ? marks[1]! - marks[0]! : scale.to - scale.from
  const placeOf = ({ currentTarget, clientX }: PointerEvent) => {
    const { left, width } = currentTarget.getBoundingClientRect()
    return Math.max(0, Math.min(1, (clientX - left) / width))
  }
  const finish = (event: PointerEvent) => {
    if (!drag) return
    setDrag(undefined)
    const [left, right] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)]
    if ((right - left) * event.currentTarget.clientWidth >= MIN_DRAG_PX)
      onChoose?.(scale.instant(left), scale.instant(right))
  }
  return (
    // With the room of the scroll bar beside the lines, but without the bar.
    <div className="flex shrink-0 overflow-x-hidden overflow-y-scroll border-b border-line bg-surface text-xs text-muted [scrollbar-color:transparent_transparent]">
      <div className="shrink-0 border-r border-line px-6 py-1" style={{ width: NAMES_WIDTH }}>
        Since the start
      </div>
      <div
        ref={ref}
        title={onChoose && 'Draw over it to see a part of the time'}
        className={clsx(
          'relative mx-3 h-6 min-w-0 flex-1 overflow-hidden select-none',
          onChoose && 'cursor-col-resize touch-none',
        )}
        onPointerDown={(event) => {
          if (!onChoose || event.button !== 0) return
          event.currentTarget.setPointerCapture(event.pointerId)
          const at = placeOf(event)
          setDrag({ from: at, to: at })
        }}
        onPointerMove={(event) => drag && setDrag({ ...drag, to: placeOf(event) })}
        onPointerUp={finish}
        onPointerCancel={() => setDrag(undefined)}
      >
        {scale.folds.map((fold) => (
          <Tooltip
            key={fold.from}
            text={`${duration(fold.to - fold.from)} in which nothing happened are folded`}
          >
            <button
              type="button"
              aria-label={`${duration(fold.to - fold.from)} folded`}
              className="absolute inset-y-0 cursor-[inherit] bg-[repeating-linear-gradient(135deg,var(--line),var(--line)_3px,transparent_3px,transparent_6px)]"
              style={{ left: `${fold.at * 100}%`, width: `${fold.width * 100}%` }}
            />
          </Tooltip>
        ))}
        {marks.map((at) => {
          const place = scale.place(at)
          return (
            <span
              key={at}
              className="pointer-events-none absolute top-1 border-l border-line-strong pl-1 whitespace-nowrap tabular-nums"
              style={place > 0.95 ? { right: `${(1 - place) * 100}%` } : { left: `${place * 100}%` }}
            >
              {sinceStart(at - begin, step)}
            </span>
          )
        })}
        {signs
          .filter(({ at }) => at >= scale.from && at <= scale.to)
          .map(({ key, at, label, icon: Icon, onPress }) => (
            <Tooltip key={key} text={label}>
              <button
                type="button"
                aria-label={label}
                // Drawing over the axis begins beside it.
                onPointerDown={(event) => event.stopPropagation()}
                onClick={onPress}
                className="absolute inset-y-0.5 flex w-5 items-center justify-center rounded border border-line-strong bg-surface text-accent hover:bg-accent-soft"
                style={{ left: `clamp(0px, ${scale.place(at) * 100}% - 0.625rem, 100% - 1.25rem)` }}
              >
                <Icon className="size-3" aria-hidden />
              </button>
            </Tooltip>
          ))}
        {drag && (
          <span
            className="pointer-events-none absolute inset-y-0 border-x border-accent bg-accent/20"
            style={{
              left: `${Math.min(drag.from, drag.to) * 100}%`,
              width: `${Math.abs(drag.to - drag.from) * 100}%`,
            }}
          />
        )}
      </div>
    </div>
  )
}

/** A span of time as exactly as marks that are a step apart need it to differ. */
function sinceStart(span: number, step: number): string {
  const told = DURATION_TELLS.find(([below]) => span < below)?.[1] ?? HOUR_MS
  if (step >= told) return duration(span)
  const seconds = (span / 1_000) % 60
  const digits = step < 10 ? 3 : step < 100 ? 2 : step < 1_000 ? 1 : 0
  if (span < MINUTE_MS) return `${seconds.toFixed(digits)} s`
  const [days, hours, minutes] = [span / DAY_MS, (span / HOUR_MS) % 24, (span / MINUTE_MS) % 60].map(
    Math.floor,
  )
  const clock = [hours, minutes, seconds.toFixed(digits).padStart(digits === 0 ? 2 : digits + 3, '0')]
  return `${days ? `${days} d ` : ''}${clock.map((part) => String(part).padStart(2, '0')).join(':')}`
}
