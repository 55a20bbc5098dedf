import { SlidersHorizontal, X } from 'lucide-react'
import { useState } from 'react'
import { WorkflowChoice } from '../choices/workflow-choice.tsx'
import { Button } from '../components/button.tsx'
import { Select } from '../components/input.tsx'
import { SearchBox } from '../components/search-box.tsx'
import { chipsOf, type ExecutionSearch, type Range } from './execution-search.ts'
import { MoreFilters } from './more-filters.tsx'

const RANGE_LABELS: Readonly<Record<Range, string>> = {
  '15m': 'Last 15 minutes',
  '1h': 'Last hour',
  '6h': 'Last 6 hours',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
}
const time = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' })

/** What of the executions is shown, apart from their status. */
export function ExecutionFilters({
  search,
  onChange,
}: {
  search: ExecutionSearch
  onChange: (next: ExecutionSearch) => void
}) {
  const [isOpen, setOpen] = useState(false)
  const set = (change: Partial<ExecutionSearch>) => onChange({ ...search, page: undefined, ...change })
  const chips = chipsOf(search, (instant) => time.format(new Date(instant)))
  return (
    <div className="flex min-h-12 shrink-0 flex-wrap items-center gap-2 border-b border-line bg-surface px-6 py-2">
      <SearchBox
        label="Search executions"
        value={search.q ?? ''}
        onChange={(q) => set({ q: q || undefined })}
      />
      <WorkflowChoice
        aria-label="Workflow"
        className="!w-48"
        words="All workflows"
        mayBeNone
        value={search.workflow}
        onChange={(workflow) => set({ workflow })}
      />
      <Select
        aria-label="Started"
        className="!w-44"
        value={search.range ?? ''}
        onChange={({ target }) =>
          set({
            range: (target.value || undefined) as Range | undefined,
            started_after: undefined,
            started_before: undefined,
          })
        }
      >
        <option value="">Started any time</option>
        {Object.entries(RANGE_LABELS).map(([range, label]) => (
          <option key={range} value={range}>
            {label}
          </option>
        ))}
      </Select>
      <Button onClick={() => setOpen(true)}>
        <SlidersHorizontal aria-hidden /> More filters
      </Button>
      {chips.map(({ id, text, without }) => (
        <button
          key={id}
          type="button"
          aria-label={`Remove the filter: ${text}`}
          onClick={() => onChange(without)}
          className="inline-flex h-7 max-w-72 items-center gap-1 rounded-md bg-accent-soft pr-1.5 pl-2 text-xs text-accent"
        >
          <span className="truncate">{text}</span>
          <X className="size-3.5 shrink-0" aria-hidden />
        </button>
      ))}
      {isOpen && (
        <MoreFilters
          search={search}
          onClose={() => setOpen(false)}
          onChange={(next) => {
            setOpen(false)
            onChange(next)
          }}
        />
      )}
    </div>
  )
}
