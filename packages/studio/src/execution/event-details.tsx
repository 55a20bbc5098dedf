import { useQuery } from '@tanstack/react-query'
import { exactQuery } from '../api/query.ts'
import { JsonView } from '../components/json-view.tsx'
import { sentence } from './history-groups.ts'

/** One event of a history, whole. */
export function EventDetails({ runId, eventId }: { runId: string; eventId: number }) {
  const event = useQuery({
    ...exactQuery('listHistoryEvents', {
      params: { run_id: runId },
      query: { after_event_id: eventId - 1, limit: 1, decode_payloads: true },
    }),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const whole = event.data?.events[0]
  const type = typeof whole?.eventType === 'string' ? whole.eventType.replace('EVENT_TYPE_', '') : undefined
  return (
    <section>
      <h3 className="mb-1 text-xs font-medium text-muted">
        {eventId} {type ? sentence(type) : ''}
      </h3>
      {whole ? (
        <JsonView value={attributesOf(whole)} label={`Event ${eventId}`} maxHeight="22rem" />
      ) : (
        <p className="text-xs text-muted">
          {event.error?.message ?? (event.data ? 'Temporal keeps it no more.' : 'Loading…')}
        </p>
      )}
    </section>
  )
}

/** An event without what is said of it already; its only part, if there is but one. */
export function attributesOf(event: Record<string, unknown>): unknown {
  const name = Object.keys(event).find((key) => key.endsWith('EventAttributes'))
  return name === undefined ? event : event[name]
}
