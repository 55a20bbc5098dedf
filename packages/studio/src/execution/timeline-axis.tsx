import { Tooltip } from '../components/tooltip.tsx'
import { duration } from '../formats/durations.ts'
import { type TimeScale, ticks } from './time-scale.ts'
import { NAMES_WIDTH } from './timeline-line.tsx'

const TICKS = 8

/** The time from the run's begin, above the bars; what is folded is marked with its length. */
export function TimelineAxis({ scale }: { scale: TimeScale }) {
  const marks = ticks(scale, TICKS)
  return (
    <div className="flex shrink-0 border-b border-line bg-surface text-xs text-muted">
      <div className="shrink-0 border-r border-line px-6 py-1" style={{ width: NAMES_WIDTH }}>
        Since the start
      </div>
      <div className="relative mx-3 h-6 min-w-0 flex-1 overflow-hidden [scrollbar-gutter:stable]">
        {scale.folds.map((fold) => (
          <Tooltip
            key={fold.from}
            text={`${duration(fold.to - fold.from)} in which nothing happened are folded`}
          >
            <button
              type="button"
              aria-label={`${duration(fold.to - fold.from)} folded`}
              className="absolute inset-y-0 bg-[repeating-linear-gradient(135deg,var(--line),var(--line)_3px,transparent_3px,transparent_6px)]"
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
              {sinceStart(at - scale.from, marks)}
            </span>
          )
        })}
      </div>
      <div className="w-3 shrink-0" />
    </div>
  )
}

/** A span of time as exactly as the marks need it to differ. */
function sinceStart(span: number, marks: readonly number[]): string {
  const step = marks.length > 1 ? marks[1]! - marks[0]! : span
  if (span < 1_000 || step >= 1_000) return duration(span)
  return `${(span / 1_000).toFixed(step < 100 ? 2 : 1)} s`
}
