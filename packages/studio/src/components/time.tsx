import { duration } from '../formats/durations.ts'
import { useNow } from './now.ts'
import { Tooltip } from './tooltip.tsx'

const absolute = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const SOON_MS = 10_000

/** An instant in the reader's zone, with UTC on hover and focus. @param value ISO 8601 or milliseconds */
export function Time({ value, relative = false }: { value: string | number | Date; relative?: boolean }) {
  const date = new Date(value)
  if (Number.isNaN(date.getTime())) return <span>{String(value)}</span>
  return (
    <Tooltip text={date.toISOString().replace('T', ' ').replace('Z', ' UTC')}>
      <time
        dateTime={date.toISOString()}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: UTC must be reachable by keyboard too
        tabIndex={0}
        className="whitespace-nowrap tabular-nums"
      >
        {relative ? <Ago date={date} /> : absolute.format(date)}
      </time>
    </Tooltip>
  )
}

function Ago({ date }: { date: Date }) {
  const ago = useNow(SOON_MS) - date.getTime()
  if (Math.abs(ago) < SOON_MS) return 'just now'
  return ago > 0 ? `${duration(ago)} ago` : `in ${duration(-ago)}`
}

/** How long something took, or has taken until now. @param to null while it goes on */
export function Taken({ from, to }: { from: string; to: string | null }) {
  const now = useNow(to === null ? 1_000 : null)
  return <>{duration(Math.max(0, (to === null ? now : Date.parse(to)) - Date.parse(from)))}</>
}
