import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { FieldDefinition } from '@tramontane/contract/fields'
import type { Filter } from '@tramontane/contract/filter'
import { clsx } from 'clsx'
import { Ban, ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { hasChip, valueCondition } from '../filter/filter-chips.ts'
import { compactCount, count } from '../formats/numbers.ts'

const OPEN_AT_FIRST = new Set(['status', 'model_name'])
const FIXED = ['status', 'model_name', 'source', 'invoked_tools', 'api_agent_id']
const SHOWN = 8
const SHOWN_ALL = 100

function isFacet({ name, group, type }: FieldDefinition): boolean {
  return FIXED.includes(name) || group === 'metadata' || (group === 'judges' && type === 'ENUM')
}

/**
 * Fields with the values that the events have, and how many have each; a value adds to the filter, or takes itself out.
 * @param filter what the counts are of, with the time range
 * @param chips the filter without it
 * @param enabled counting waits until the table is there
 */
export function Facets({
  fields,
  filter,
  chips,
  enabled,
  onToggle,
}: {
  fields: readonly FieldDefinition[]
  filter: Filter | null
  chips: Filter | null
  enabled: boolean
  onToggle: (condition: Filter) => void
}) {
  const rank = ({ name }: FieldDefinition) => (FIXED.includes(name) ? FIXED.indexOf(name) : FIXED.length)
  const facets = fields.filter(isFacet).sort((a, b) => rank(a) - rank(b))
  return (
    <section
      aria-label="Facets"
      className="w-52 shrink-0 overflow-y-auto border-r border-line bg-surface py-2"
    >
      {facets.map((field) => (
        <Facet key={field.name} field={field} {...{ filter, chips, enabled, onToggle }} />
      ))}
    </section>
  )
}

function Facet({
  field,
  filter,
  chips,
  enabled,
  onToggle,
}: {
  field: FieldDefinition
  filter: Filter | null
  chips: Filter | null
  enabled: boolean
  onToggle: (condition: Filter) => void
}) {
  const [isOpen, setOpen] = useState(OPEN_AT_FIRST.has(field.name))
  const [shown, setShown] = useState(SHOWN)
  const input = { params: { field_name: field.name }, body: { filter_params: { filters: filter } } }
  const counts = useQuery({
    queryKey: ['countFieldOptions', input],
    queryFn: ({ signal }) => call('countFieldOptions', input, { signal }),
    enabled: enabled && isOpen,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    retry: false,
  })
  const values = counts.data?.counts ?? []
  const most = values[0]?.count ?? 1
  return (
    <div>
      <h2>
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
          className="flex w-full items-center gap-1 px-2 py-1 text-left text-xs font-medium text-muted hover:text-ink"
        >
          <ChevronRight className={clsx('size-3.5 shrink-0', isOpen && 'rotate-90')} aria-hidden />
          <span className="truncate">{field.label}</span>
        </button>
      </h2>
      {isOpen && (
        <ul aria-label={field.label} className={clsx('px-2 pb-2', counts.isPlaceholderData && 'opacity-60')}>
          {values.slice(0, shown).map(({ value, count: nb }) => (
            <FacetValue key={value} {...{ field, value, nb, chips, onToggle }} share={nb / most} />
          ))}
          {values.length > shown && (
            <li>
              <button type="button" className="px-1 text-xs text-accent" onClick={() => setShown(SHOWN_ALL)}>
                {values.length - shown} more
              </button>
            </li>
          )}
          {counts.isSuccess && values.length === 0 && <li className="px-1 text-xs text-muted">No values</li>}
          {counts.error && <li className="px-1 text-xs text-bad">{counts.error.message}</li>}
        </ul>
      )}
    </div>
  )
}

function FacetValue({
  field,
  value,
  nb,
  share,
  chips,
  onToggle,
}: {
  field: FieldDefinition
  value: string
  nb: number
  share: number
  chips: Filter | null
  onToggle: (condition: Filter) => void
}) {
  const condition = valueCondition(field, value)
  const isChosen = hasChip(chips, condition)
  return (
    <li className="group relative flex items-center rounded text-xs">
      <span
        aria-hidden
        className="absolute inset-y-0.5 left-0 rounded bg-accent-soft"
        style={{ width: `${share * 100}%` }}
      />
      <button
        type="button"
        aria-pressed={isChosen}
        title={`${value}: ${count(nb)}`}
        onClick={() => onToggle(condition)}
        className={clsx(
          'relative flex min-w-0 flex-1 items-center gap-2 px-1 py-1 text-left hover:underline',
          isChosen && 'font-semibold text-accent',
        )}
      >
        <span className="min-w-0 flex-1 truncate">{value === '' ? '(empty)' : value}</span>
        <span className="text-ink tabular-nums">{compactCount(nb)}</span>
      </button>
      <button
        type="button"
        aria-label={`Exclude ${value}`}
        onClick={() => onToggle(valueCondition(field, value, true))}
        className="relative rounded p-1 text-muted opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 hover:text-bad focus:opacity-100"
      >
        <Ban className="size-3" aria-hidden />
      </button>
    </li>
  )
}
