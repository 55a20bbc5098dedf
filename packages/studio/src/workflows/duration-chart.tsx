import { useMemo } from 'react'
import { type Series, TimeChart } from '../charts/time-chart.tsx'

const UNITS = [
  { name: 'hours', ms: 3_600_000 },
  { name: 'minutes', ms: 60_000 },
  { name: 'seconds', ms: 1_000 },
  { name: 'milliseconds', ms: 1 },
] as const

/**
 * How long executions took on average, over time.
 * @param points seconds since 1970, and the average of those that began from there on, in milliseconds
 */
export function DurationChart({ points }: { points: readonly (readonly [at: number, ms: number])[] }) {
  const { times, series, range, unit } = useMemo(() => {
    const most = Math.max(...points.map(([, ms]) => ms))
    const chosen = UNITS.find(({ ms }) => most >= 10 * ms) ?? UNITS.at(-1)!
    const line: Series = {
      label: 'Average duration',
      colour: 'accent',
      kind: 'line',
      values: points.map(([, ms]) => ms / chosen.ms),
    }
    return {
      times: points.map(([at]) => at),
      series: [line],
      range: [points[0]![0], points.at(-1)![0]] as const,
      unit: chosen.name,
    }
  }, [points])
  return (
    <figure className="mt-4">
      <figcaption className="text-xs text-muted">Average duration over time, in {unit}</figcaption>
      <TimeChart
        times={times}
        series={series}
        range={range}
        label={`Average duration over time, in ${unit}`}
        height={110}
      />
    </figure>
  )
}
