import { count, counted } from '../formats/numbers.ts'
import type { Overview } from './overview.ts'

type Hour = NonNullable<Overview['last_day']>['hours'][number]

const HEIGHT = 56
const WIDTH = 720

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })

/** The calls of each hour as bars, failed ones marked at their foot. */
export function HourBars({ hours }: { hours: readonly Hour[] }) {
  const most = Math.max(1, ...hours.map(({ nb_events }) => nb_events))
  const step = WIDTH / hours.length
  const heightOf = (value: number) => (value === 0 ? 0 : Math.max(2, (value / most) * HEIGHT))
  return (
    <figure className="mt-4">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="h-16 w-full"
        role="img"
        aria-label={`Calls per hour, at most ${count(most)}`}
      >
        {hours.map(({ from, nb_events, nb_errors }, index) => (
          <g key={from}>
            <title>{`${clock.format(new Date(from))}: ${counted(nb_events, 'call')}, ${counted(nb_errors, 'error')}`}</title>
            {/* The whole column answers to the pointer. */}
            <rect x={index * step} width={step} height={HEIGHT} fill="transparent" />
            <rect
              x={index * step + 1}
              width={step - 2}
              y={HEIGHT - heightOf(nb_events)}
              height={heightOf(nb_events)}
              className="fill-accent"
            />
            <rect
              x={index * step + 1}
              width={step - 2}
              y={HEIGHT - heightOf(nb_errors)}
              height={heightOf(nb_errors)}
              className="fill-bad"
            />
          </g>
        ))}
      </svg>
      <figcaption className="mt-1 flex justify-between border-t border-line pt-1 text-xs text-muted tabular-nums">
        <span>{hours[0] && clock.format(new Date(hours[0].from))}</span>
        <span>calls per hour, errors in red</span>
        <span>now</span>
      </figcaption>
    </figure>
  )
}
