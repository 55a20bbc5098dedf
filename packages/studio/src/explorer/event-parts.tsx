import { useQuery } from '@tanstack/react-query'
import type { FieldDefinition } from '@tramontane/contract/fields'
import type { Filter } from '@tramontane/contract/filter'
import { ListFilter } from 'lucide-react'
import type { Output } from '../api/call.ts'
import { query } from '../api/query.ts'
import { Badge } from '../components/badge.tsx'
import { Button } from '../components/button.tsx'
import { Empty, Loaded } from '../components/states.tsx'
import { Time } from '../components/time.tsx'
import { FoldedText } from '../conversation/folded-text.tsx'
import { valueCondition } from '../filter/filter-chips.ts'
import { duration } from '../formats/durations.ts'
import { counted } from '../formats/numbers.ts'
import { cellText } from './cell-text.ts'
import { StatusBadge } from './status-badge.tsx'

type FullEvent = Output<'getEvent'>

/** Every field of an event; what has a value can be filtered for. */
export function EventFields({
  event,
  fields,
  onFilter,
}: {
  event: FullEvent
  fields: ReadonlyMap<string, FieldDefinition>
  onFilter: (condition: Filter) => void
}) {
  const named = Object.entries(event.extra_fields).filter(([, value]) => value !== null && value !== '')
  return (
    <table className="w-full table-fixed text-left">
      <colgroup>
        <col className="w-32" />
        <col />
        <col className="w-10" />
      </colgroup>
      <thead className="sr-only">
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Value</th>
          <th scope="col">Filter</th>
        </tr>
      </thead>
      <tbody>
        {named.map(([name, value]) => {
          const field = fields.get(name)
          const label = field?.label ?? name
          return (
            <tr key={name} className="group border-b border-line/60 align-top">
              <th scope="row" className="px-4 py-1.5 font-normal break-words text-muted" title={name}>
                {label}
              </th>
              <td className="py-1.5 break-words">
                {name === 'timestamp' ? (
                  <Time value={event.created_at} />
                ) : (
                  <FoldedText text={Array.isArray(value) ? value.join('\n') : cellOf(field, name, value)}>
                    {(shown) => <span className="whitespace-pre-wrap">{shown}</span>}
                  </FoldedText>
                )}
              </td>
              <td className="pt-0.5">
                {field && typeof value === 'string' && name !== 'timestamp' && (
                  <Button
                    variant="quiet"
                    size="icon"
                    className="size-7"
                    aria-label={`Filter for this ${label}`}
                    onClick={() => onFilter(valueCondition(field, value))}
                  >
                    <ListFilter className="size-3.5!" />
                  </Button>
                )}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

function cellOf(field: FieldDefinition | undefined, name: string, value: unknown): string {
  return typeof value === 'string' ? value : cellText(field, name, value)
}

/** What judges made of an event, with their reasons. */
export function EventAnnotations({ id }: { id: string }) {
  const result = useQuery(query('listEventAnnotations', { params: { event_id: id } }))
  return (
    <Loaded result={result}>
      {({ annotations }) =>
        annotations.length === 0 ? (
          <Empty title="No judge has looked at this event">
            A campaign lets a judge look at many events at once.
          </Empty>
        ) : (
          <ul aria-label="Judgements" className="flex flex-col">
            {annotations.map((one) => (
              <li key={one.campaign_id} className="flex flex-col gap-1.5 border-b border-line px-4 py-3">
                <p className="flex flex-wrap items-center gap-2">
                  <a
                    className="font-medium text-accent underline"
                    href={`/judges/${encodeURIComponent(one.judge_id)}`}
                  >
                    {one.judge_name}
                  </a>
                  {one.error === null ? (
                    <Badge tone="accent">{String(one.answer)}</Badge>
                  ) : (
                    <Badge tone="bad">not judged</Badge>
                  )}
                  <span className="ml-auto text-xs text-muted">
                    <Time value={one.created_at} />
                  </span>
                </p>
                {one.error && <p className="text-bad">{one.error}</p>}
                {one.analysis && (
                  <FoldedText text={one.analysis}>
                    {(shown) => <p className="break-words whitespace-pre-wrap">{shown}</p>}
                  </FoldedText>
                )}
                <p className="text-xs text-muted">
                  <a className="underline" href={`/campaigns/${encodeURIComponent(one.campaign_id)}`}>
                    The campaign
                  </a>
                  , {duration(one.duration_seconds * 1_000)},{' '}
                  {counted(one.input_tokens + one.output_tokens, 'token')}
                </p>
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  )
}

/** The events whose user asks most nearly the same. */
export function SimilarEvents({ id, onOpen }: { id: string; onOpen: (id: string) => void }) {
  const result = useQuery(query('similarEvents', { params: { event_id: id } }))
  return (
    <Loaded result={result}>
      {({ completion_events: { results } }) =>
        results.length === 0 ? (
          <Empty title="Nothing like it">No other event's user asks nearly the same.</Empty>
        ) : (
          <ul aria-label="Similar events">
            {results.map((event) => (
              <li key={event.event_id}>
                <button
                  type="button"
                  className="flex w-full flex-col gap-0.5 border-b border-line px-4 py-2 text-left hover:bg-sunken"
                  onClick={() => onOpen(event.event_id)}
                >
                  <span className="line-clamp-2">
                    {String(event.extra_fields.last_user_message_preview ?? '')}
                  </span>
                  <span className="flex items-center gap-2 text-xs text-muted">
                    <StatusBadge status={String(event.extra_fields.status)} />
                    {String(event.extra_fields.model_name)} · {new Date(event.created_at).toLocaleString()}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  )
}
