import type { Registration } from './registrations-query.ts'

/** What a registration takes, by name, in one line that is cut where there is no more room. */
export function HandlerNames({
  definition: { signals, queries, updates },
}: Pick<Registration, 'definition'>) {
  const names = [...signals, ...queries, ...updates].map(({ name }) => name).join(', ')
  if (names === '') return <span className="text-muted">none</span>
  return (
    <span className="block truncate" title={names}>
      {names}
    </span>
  )
}
