import { ChevronLeft, ChevronRight, ChevronsLeft } from 'lucide-react'
import { Button } from '../components/button.tsx'
import { counted } from '../formats/numbers.ts'
import type { ExecutionSearch } from './execution-search.ts'

/** Pages that were left forwards, by the token of the page after them: the API only knows the way forward. */
const before = new Map<string, string | undefined>()

export function Pager({
  search,
  next,
  count,
  onChange,
}: {
  search: ExecutionSearch
  next: string | null
  count: number
  onChange: (next: ExecutionSearch) => void
}) {
  const { page } = search
  const isBackKnown = page !== undefined && before.has(page)
  if (page === undefined && next === null) return null
  return (
    <nav
      aria-label="Pages"
      className="flex h-11 shrink-0 items-center gap-2 border-t border-line bg-surface px-6 text-muted"
    >
      <span className="mr-auto text-xs">{counted(count, 'run')} on this page</span>
      {page !== undefined && (
        <Button size="small" onClick={() => onChange({ ...search, page: undefined })}>
          <ChevronsLeft aria-hidden /> First page
        </Button>
      )}
      {isBackKnown && (
        <Button size="small" onClick={() => onChange({ ...search, page: before.get(page) })}>
          <ChevronLeft aria-hidden /> Page before
        </Button>
      )}
      <Button
        size="small"
        disabled={next === null}
        onClick={() => {
          before.set(next!, page)
          onChange({ ...search, page: next! })
        }}
      >
        Next page <ChevronRight aria-hidden />
      </Button>
    </nav>
  )
}
