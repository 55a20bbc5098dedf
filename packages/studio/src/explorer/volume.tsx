import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { Filter } from '@tramontane/contract/filter'
import { useMemo, useState } from 'react'
import { call, type Output } from '../api/call.ts'
import { TimeChart } from '../charts/time-chart.tsx'
import { duration } from '../formats/durations.ts'
import { count } from '../formats/numbers.ts'
import type { Span } from './explorer-search.ts'

const BUCKETS = 90
const LIVE_MS = 10_000

type Volume = Output<'countEventVolume'>

/** @param enabled the table comes first: counting waits until it is there */
export function useVolume(
  filter: Filter | null,
  span: Span,
  { enabled, live }: { enabled: boolean; live: boolean },
) {
  const body = { search_params: { filters: filter }, from: span.from, to: span.to, max_buckets: BUCKETS }
  return useQuery({
    queryKey: ['countEventVolume', { body }],
    queryFn: ({ signal }) => call('countEventVolume', { body }, { signal }),
    enabled,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    refetchInterval: live ? LIVE_MS : false,
  })
}

const moment = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

/** The numbers in words: exact ones, or about how many. */
export function volumeText({ nb_events, nb_errors, is_exact }: Volume): string {
  const about = is_exact ? '' : 'about '
  const errors = nb_errors === 0 ? '' : `, ${count(nb_errors)} failed`
  return `${about}${count(nb_events)} ${nb_events === 1 ? 'event' : 'events'}${errors}`
}

/** How many events there were over time; a stretch that is drawn over becomes the time range. */
export function VolumeChart({
  volume,
  onBrush,
}: {
  volume: Volume
  onBrush: (from: string, to: string) => void
}) {
  const [hovered, setHovered] = useState<number | null>(null)
  const { times, series, range } = useMemo(() => {
    const starts = volume.buckets.map(({ from }) => Date.parse(from) / 1_000)
    // The first bucket may be cut off; drawn from where it would begin, all bars are as wide as they can be.
    if (starts.length > 1) starts[0] = starts[1]! - volume.step_seconds
    return {
      times: starts,
      range: [Date.parse(volume.from ?? '') / 1_000 || 0, Date.parse(volume.to ?? '') / 1_000 || 1] as const,
      series: [
        {
          label: 'Events',
          colour: 'accent',
          kind: 'bars',
          values: volume.buckets.map((one) => one.nb_events),
        },
        { label: 'Failed', colour: 'bad', kind: 'bars', values: volume.buckets.map((one) => one.nb_errors) },
      ] as const,
    }
  }, [volume])
  const bucket = hovered === null ? undefined : volume.buckets[hovered]
  return (
    <div className="relative border-b border-line bg-surface px-3 pt-1">
      <TimeChart
        times={times}
        series={series}
        range={range}
        height={84}
        label={`Events over time: ${volumeText(volume)}, in steps of ${duration(volume.step_seconds * 1_000)}`}
        onHover={setHovered}
        onBrush={(from, to) =>
          onBrush(new Date(from * 1_000).toISOString(), new Date(to * 1_000).toISOString())
        }
      />
      {bucket && (
        <p className="pointer-events-none absolute top-1 right-4 rounded bg-raised px-2 py-0.5 text-xs shadow">
          {moment.format(new Date(bucket.from))}, {duration(volume.step_seconds * 1_000)}:{' '}
          {volumeText({ ...volume, ...bucket })}
        </p>
      )}
    </div>
  )
}
