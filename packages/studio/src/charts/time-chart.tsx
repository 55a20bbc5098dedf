import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { compactCount } from '../formats/numbers.ts'

/** A colour of the theme, by the name of its variable: `accent`, `bad`, `muted`. */
type ThemeColour = 'accent' | 'good' | 'warn' | 'bad' | 'note' | 'muted' | 'line-strong'

/** One line, or one kind of bars. Later ones are drawn over earlier ones. */
export interface Series {
  readonly label: string
  readonly colour: ThemeColour
  readonly kind: 'bars' | 'line'
  readonly values: readonly (number | null)[]
}

function colourOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

const DAY_S = 86_400
const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' })
const minute = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const second = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

/** What the axis of time says at an instant: the time of day, or the date where a day begins. @param step seconds */
function timeLabel(seconds: number, step: number): string {
  const date = new Date(seconds * 1_000)
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0
  if (step >= DAY_S || isMidnight) return day.format(date)
  return (step < 60 ? second : minute).format(date)
}

function optionsOf(
  series: readonly Series[],
  { width, height, range }: { width: number; height: number; range: readonly [number, number] },
): uPlot.Options {
  const axis = {
    stroke: colourOf('muted'),
    grid: { stroke: colourOf('line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  }
  return {
    width,
    height,
    padding: [6, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    scales: {
      x: { time: true, range: [...range] as [number, number] },
      y: { range: (_, __, max) => [0, Math.max(1, max)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 22,
        space: 70,
        values: (_, values, __, ___, step) => values.map((value) => timeLabel(value, step)),
      },
      {
        ...axis,
        size: 44,
        splits: (_, __, min, max) => [min, Math.round(max / 2), Math.round(max)],
        values: (_, values) => values.map((value) => compactCount(value)),
      },
    ],
    series: [
      {},
      ...series.map(({ label, colour, kind }) => ({
        label,
        stroke: colourOf(colour),
        ...(kind === 'bars'
          ? { fill: colourOf(colour), width: 0, paths: uPlot.paths.bars!({ size: [0.9, 40], align: 1 }) }
          : { width: 1.5 }),
        points: { show: false },
      })),
    ],
  }
}

/**
 * Values over time.
 * @param times seconds since 1970: where each value stands, or where each bar begins
 * @param range what the axis shows, in seconds
 * @param label says what is seen, for those who do not see it
 * @param onBrush is told of a stretch of time that was drawn over, in seconds
 * @param onHover is told which value the pointer is at, null: at none
 */
export function TimeChart({
  times,
  series,
  range,
  label,
  height = 96,
  onBrush,
  onHover,
}: {
  times: readonly number[]
  series: readonly Series[]
  range: readonly [number, number]
  label: string
  height?: number
  onBrush?: (from: number, to: number) => void
  onHover?: (index: number | null) => void
}) {
  const host = useRef<HTMLDivElement>(null)
  const latest = useRef({ onBrush, onHover })
  latest.current = { onBrush, onHover }
  useEffect(() => {
    const element = host.current!
    let plot: uPlot | undefined
    const draw = () => {
      plot?.destroy()
      const width = element.clientWidth
      if (width === 0) return
      const options = optionsOf(series, { width, height, range })
      options.hooks = {
        setSelect: [
          (self) => {
            const { left, width: selected } = self.select
            if (selected < 3) return
            latest.current.onBrush?.(self.posToVal(left, 'x'), self.posToVal(left + selected, 'x'))
            self.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false)
          },
        ],
        setCursor: [(self) => latest.current.onHover?.(self.cursor.idx ?? null)],
      }
      if (!latest.current.onBrush) options.cursor!.drag = { x: false, y: false, setScale: false }
      const data = [times as number[], ...series.map(({ values }) => values as (number | null)[])]
      plot = new uPlot(options, data as uPlot.AlignedData, element)
    }
    draw()
    const sizes = new ResizeObserver(() => {
      if (plot?.width !== element.clientWidth) draw()
    })
    sizes.observe(element)
    // The canvas does not follow the theme by itself.
    const theme = new MutationObserver(draw)
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    return () => {
      sizes.disconnect()
      theme.disconnect()
      plot?.destroy()
    }
  }, [times, series, range, height])
  return <div ref={host} role="img" aria-label={label} style={{ height }} className="w-full" />
}
