import { useNavigate, useSearch } from '@tanstack/react-router'
import type { Filter } from '@tramontane/contract/filter'
import { printFilter } from '@tramontane/contract/filter-print'
import { parseFilter } from '@tramontane/contract/filter-text'
import { useMemo, useState } from 'react'
import { type FilterFields, filterProblem } from '../filter/filter-fields.ts'
import { type ExplorerSearch, readColumns, spanOf, within } from './explorer-search.ts'

/** What is looked at, as the address has it, and how to look at something else. */
export function useView({ field_definitions: fields }: FilterFields) {
  const search = useSearch({ strict: false }) as ExplorerSearch
  const navigate = useNavigate()
  const { range, from, to } = search
  const text = search.filter ?? ''
  const problem = useMemo(() => (text === '' ? undefined : filterProblem(text, fields)), [text, fields])
  const filter = useMemo(
    () => (problem === undefined ? parseFilter(text, fields) : null),
    [text, fields, problem],
  )
  // A span that ends now begins where it did until something is asked anew: else each drawing would ask again.
  const [askedAt, setAskedAt] = useState(Date.now)
  const span = useMemo(
    () => spanOf({ ...(range && { range }), ...(from && { from }), ...(to && { to }) }, askedAt),
    [range, from, to, askedAt],
  )
  const whole = useMemo(() => within(filter, span), [filter, span])
  const columns = useMemo(() => readColumns(search.columns), [search.columns])

  /** What is undefined leaves the address. */
  const show = (
    change: { [name in keyof ExplorerSearch]?: ExplorerSearch[name] | undefined },
    replace = false,
  ) => {
    const next = Object.fromEntries(
      Object.entries({ ...search, ...change }).filter(([, value]) => value !== undefined),
    )
    navigate({ to: '/explorer', search: next as ExplorerSearch, replace })
  }
  const ask = () => setAskedAt(Date.now())
  return {
    search,
    text,
    problem,
    filter,
    span,
    /** The filter with the time range. */
    whole,
    columns,
    show,
    /** Asks anew, up to now. */
    ask,
    showFilter: (next: Filter | null) => {
      ask()
      show({ filter: printFilter(next) || undefined })
    },
  }
}
