import {
  type ColumnSort,
  functionalUpdate,
  rowSelectionFeature,
  rowSortingFeature,
  type Column as TableColumn,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { clsx } from 'clsx'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useMemo, useRef } from 'react'

const features = tableFeatures({ rowSelectionFeature, rowSortingFeature })

export interface Column<T> {
  readonly id: string
  readonly header: string
  readonly cell: (row: T) => ReactNode
  /** Numbers stand right. */
  readonly align?: 'right'
  /** Of the cells: their width and what happens to what is too long. */
  readonly className?: string
  /** Whether a table that can be sorted can be sorted by it. */
  readonly isSortable?: true
}

/** Rows that are chosen, by their keys. */
export interface Selection {
  readonly chosen: ReadonlySet<string>
  readonly change: (chosen: ReadonlySet<string>) => void
}

/**
 * A table of what a list holds. Up and down move from row to row, by the first link or button of each; Home and End lead to the
 * first and the last.
 * @param label what is listed
 * @param selection left out: rows cannot be chosen
 * @param sorting what the rows are sorted by already; left out: it cannot be changed
 */
export function DataTable<T extends object>({
  label,
  columns,
  rows,
  keyOf,
  nameOf = keyOf,
  selection,
  sorting,
  isFaded,
}: {
  label: string
  columns: readonly Column<T>[]
  rows: readonly T[]
  keyOf: (row: T) => string
  /** What a row is called when it is to be chosen. */
  nameOf?: (row: T) => string
  selection?: Selection
  sorting?: { readonly by: ColumnSort; readonly change: (by: ColumnSort) => void }
  /** Whether what is shown is about to be replaced. */
  isFaded?: boolean
}) {
  const rowSelection = Object.fromEntries([...(selection?.chosen ?? [])].map((key) => [key, true as const]))
  const sortedBy = sorting ? [sorting.by] : []
  const table = useTable({
    features,
    // What a cell shows is asked of our columns: a renderer given here is made a component of, and one that is new at each
    // render takes the focus away.
    columns: useMemo(
      () =>
        columns.map(({ id, isSortable }) => ({
          id,
          accessorFn: (row: T) => row,
          enableSorting: !!isSortable,
        })),
      [columns],
    ),
    data: rows,
    getRowId: keyOf,
    state: { rowSelection, sorting: sortedBy },
    onRowSelectionChange: (next) =>
      selection?.change(new Set(Object.keys(functionalUpdate(next, rowSelection)))),
    onSortingChange: (next) => functionalUpdate(next, sortedBy).map((by) => sorting?.change(by)),
    enableSorting: sorting !== undefined,
    enableSortingRemoval: false,
    manualSorting: true,
    sortDescFirst: true,
  })
  const body = useRef<HTMLTableSectionElement>(null)
  const move = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement
    if (target.matches('input:not([type=checkbox]), select, textarea')) return
    const all = [...(body.current?.rows ?? [])]
    const at = all.findIndex((row) => row.contains(target))
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key]
    if (next === undefined || at < 0) return
    const within = target.matches('input[type=checkbox]') ? 'input[type=checkbox]' : 'a, button'
    const found = all[Math.max(0, Math.min(all.length - 1, next))]?.querySelector<HTMLElement>(within)
    if (!found) return
    event.preventDefault()
    found.focus()
  }
  const areAll = table.getIsAllPageRowsSelected()
  return (
    <table
      aria-label={label}
      onKeyDown={move}
      className={clsx('w-full border-separate border-spacing-0 text-left', isFaded && 'opacity-60')}
    >
      <thead>
        <tr>
          {selection && (
            <th className="sticky top-0 z-10 w-9 border-b border-line bg-surface pl-4">
              <input
                type="checkbox"
                className="size-3.5 align-middle accent-accent"
                aria-label="Choose all on this page"
                checked={areAll}
                ref={(element) => {
                  if (element) element.indeterminate = !areAll && table.getIsSomePageRowsSelected()
                }}
                onChange={() => table.toggleAllPageRowsSelected()}
              />
            </th>
          )}
          {columns.map((column) => (
            <Head key={column.id} column={column} sorting={table.getColumn(column.id)!} />
          ))}
        </tr>
      </thead>
      <tbody ref={body}>
        {table.getRowModel().rows.map((row) => (
          <tr key={row.id} className={row.getIsSelected() ? 'bg-accent-soft' : 'bg-surface hover:bg-sunken'}>
            {selection && (
              <td className="border-b border-line pl-4">
                <input
                  type="checkbox"
                  className="size-3.5 align-middle accent-accent"
                  aria-label={`Choose ${nameOf(row.original)}`}
                  checked={row.getIsSelected()}
                  onChange={() => row.toggleSelected()}
                />
              </td>
            )}
            {columns.map(({ id, cell, align, className }) => (
              <td
                key={id}
                className={clsx(
                  'h-9 border-b border-line px-3 py-1 first:pl-6 last:pr-6',
                  align === 'right' && 'text-right tabular-nums',
                  className,
                )}
              >
                {cell(row.original)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Head<T extends object>({
  column: { header, align, className },
  sorting,
}: {
  column: Column<T>
  sorting: TableColumn<typeof features, T>
}) {
  const order = sorting.getIsSorted()
  const Arrow = order === 'asc' ? ArrowUp : ArrowDown
  return (
    <th
      scope="col"
      aria-sort={order ? (order === 'asc' ? 'ascending' : 'descending') : undefined}
      className={clsx(
        'sticky top-0 z-10 h-9 border-b border-line bg-surface px-3 text-xs font-medium whitespace-nowrap text-muted first:pl-6 last:pr-6',
        align === 'right' && 'text-right',
        className,
      )}
    >
      {sorting.getCanSort() ? (
        <button
          type="button"
          onClick={() => sorting.toggleSorting()}
          className="-mx-1 inline-flex items-center gap-1 rounded px-1 hover:text-ink"
        >
          {header}
          <Arrow className={clsx('size-3', !order && 'opacity-0')} aria-hidden />
        </button>
      ) : (
        header
      )}
    </th>
  )
}
