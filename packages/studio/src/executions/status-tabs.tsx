import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { ExecutionStatus } from '@tramontane/contract/executions'
import { clsx } from 'clsx'
import { query } from '../api/query.ts'
import { statusLabel } from '../execution/execution-status.tsx'
import { compactCount, count } from '../formats/numbers.ts'
import { type ExecutionSearch, runFilterOf } from './execution-search.ts'
import { RUN_STATUSES } from './run-statuses.ts'

const EVERY_MS = 10_000

/** How many there are of each status; one or several of them can be chosen. */
export function StatusTabs({
  search,
  isLive,
  onChange,
}: {
  search: ExecutionSearch
  isLive: boolean
  onChange: (next: ExecutionSearch) => void
}) {
  const { status: _, ...filter } = runFilterOf(search, Date.now())
  const { data } = useQuery({
    ...query('countRuns', { query: filter }),
    placeholderData: keepPreviousData,
    refetchInterval: isLive ? EVERY_MS : false,
    // Without counts the list is as good; it says what is wrong by itself.
    retry: false,
  })
  const counts = new Map(data?.counts.map((one) => [one.status, one]))
  const chosen = search.status ?? []
  const toggle = (status: ExecutionStatus) => {
    const next = chosen.includes(status) ? chosen.filter((one) => one !== status) : [...chosen, status]
    onChange({ ...search, page: undefined, status: next.length > 0 ? next : undefined })
  }
  return (
    <fieldset className="flex shrink-0 gap-0.5 overflow-x-auto border-b border-line bg-surface px-4 py-1.5">
      <legend className="sr-only">Status</legend>
      <Tab
        label="All"
        isChosen={chosen.length === 0}
        onClick={() => onChange({ ...search, page: undefined, status: undefined })}
      />
      {RUN_STATUSES.map((status) => {
        const found = counts.get(status)
        return (
          <Tab
            key={status}
            label={statusLabel(status)}
            isChosen={chosen.includes(status)}
            onClick={() => toggle(status)}
            {...(found && (found.count > 0 || found.is_exact)
              ? {
                  count: `${found.count < 100_000 ? count(found.count) : compactCount(found.count)}${found.is_exact ? '' : '+'}`,
                }
              : {})}
          />
        )
      })}
    </fieldset>
  )
}

function Tab({
  label,
  count: text,
  isChosen,
  onClick,
}: {
  label: string
  count?: string
  isChosen: boolean
  onClick: () => void
}) {
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      onClick={onClick}
      className={clsx(
        'inline-flex h-7 shrink-0 items-center gap-1.5 rounded-md px-2 whitespace-nowrap hover:bg-sunken',
        isChosen ? 'bg-accent-soft font-medium text-accent' : 'text-muted',
      )}
    >
      {label}
      {text !== undefined && <span className="min-w-4 text-right text-xs tabular-nums">{text}</span>}
    </button>
  )
}
