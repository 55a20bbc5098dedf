import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Card } from '../components/page.tsx'
import { compactCount, count, counted, percent } from '../formats/numbers.ts'
import { HourBars } from './hour-bars.tsx'
import type { Overview } from './overview.ts'

/** The last 24 hours in figures, and what runs at this moment. */
export function LastDay({ overview }: { overview: Overview }) {
  const { last_day: day, campaigns, executions } = overview
  return (
    <Card title="The last 24 hours">
      <div className="grid grid-cols-2 gap-x-6 gap-y-5 lg:grid-cols-5">
        {day ? (
          <>
            <Figure label="Calls" value={count(day.nb_events)} to="/explorer">
              {day.nb_cancelled > 0 && `${count(day.nb_cancelled)} broken off by the caller`}
            </Figure>
            <Figure label="Errors" value={count(day.nb_errors)} bad={day.nb_errors > 0}>
              {day.nb_events > 0 && `${percent(day.nb_errors / day.nb_events)} of all calls`}
            </Figure>
            <Figure label="Tokens" value={compactCount(day.input_tokens + day.output_tokens)}>
              {`${compactCount(day.input_tokens)} in, ${compactCount(day.output_tokens)} out`}
            </Figure>
          </>
        ) : (
          <p className="col-span-3 text-muted">
            The database did not count the day’s calls in time; this page asks again by itself.
          </p>
        )}
        <Figure label="Campaigns running" value={count(campaigns.nb_running)} to="/campaigns">
          {campaigns.running.map(({ name }) => name).join(', ')}
        </Figure>
        {executions ? (
          <Figure label="Executions running" value={count(executions.nb_running)} to="/executions">
            {`${counted(executions.nb_started, 'run')} started, ${count(executions.nb_failed)} failed`}
          </Figure>
        ) : (
          <Figure label="Executions running" value="–" to="/executions">
            not counted in time
          </Figure>
        )}
      </div>
      {day && <HourBars hours={day.hours} />}
    </Card>
  )
}

/** @param to the page that shows more of it */
function Figure({
  label,
  value,
  to,
  bad = false,
  children,
}: {
  label: string
  value: string
  to?: string
  bad?: boolean
  children?: ReactNode
}) {
  return (
    <div className="min-w-0">
      {to ? (
        <Link to={to} className="text-muted underline-offset-2 hover:underline">
          {label}
        </Link>
      ) : (
        <p className="text-muted">{label}</p>
      )}
      <p className={`text-2xl font-semibold tabular-nums ${bad ? 'text-bad' : ''}`}>{value}</p>
      <p className="line-clamp-2 min-h-5 text-xs break-words text-muted">{children}</p>
    </div>
  )
}
