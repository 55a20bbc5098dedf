import { count } from '../formats/numbers.ts'
import { Button } from './button.tsx'

/** Moves between the pages of a list. @param page counts from 1 */
export function Pager({
  page,
  pageSize,
  total,
  onPage,
}: {
  page: number
  pageSize: number
  total: number
  onPage: (page: number) => void
}) {
  if (total <= pageSize && page === 1) return null
  const first = (page - 1) * pageSize + 1
  return (
    <nav aria-label="Pages" className="flex items-center justify-end gap-2 pt-3 text-muted">
      <span className="tabular-nums">
        {count(Math.min(first, total))}–{count(Math.min(first + pageSize - 1, total))} of {count(total)}
      </span>
      <Button size="small" disabled={page === 1} onClick={() => onPage(page - 1)}>
        Previous
      </Button>
      <Button size="small" disabled={page * pageSize >= total} onClick={() => onPage(page + 1)}>
        Next
      </Button>
    </nav>
  )
}
