import { clsx } from 'clsx'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useRef } from 'react'

export interface Column<T> {
  readonly id: string
  readonly header: string
  readonly cell: (row: T) => ReactNode
  /** Numbers stand right. */
  readonly align?: 'right'
  /** Of the cells: their width and what happens to what is too long. */
  readonly className?: string
  readonly sort?: { readonly order: 'asc' | 'desc' | null; readonly toggle: () => void }
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
 */
export function DataTable<T>({
  label,
  columns,
  rows,
  keyOf,
  nameOf = keyOf,
  selection,
  isFaded,
}: {
  label: string
  columns: readonly Column<T>[]
  rows: readonly T[]
  keyOf: (row: T) => string
  /** What a row is called when it is to be chosen. */
  nameOf?: (row: T) => string
  selection?: Selection
  /** Whether what is shown is about to be replaced. */
  isFaded?: boolean
}) {
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
              <ChooseAll rows={rows} keyOf={keyOf} selection={selection} />
            </th>
          )}
          {columns.map((column) => (
            <Header key={column.id} column={column} />
          ))}
        </tr>
      </thead>
      <tbody ref={body}>
        {rows.map((row) => {
          const key = keyOf(row)
          const isChosen = selection?.chosen.has(key) ?? false
          return (
            <tr key={key} className={isChosen ? 'bg-accent-soft' : 'bg-surface hover:bg-sunken'}>
              {selection && (
                <td className="border-b border-line pl-4">
                  <input
                    type="checkbox"
                    className="size-3.5 align-middle accent-accent"
                    aria-label={`Choose ${nameOf(row)}`}
                    checked={isChosen}
                    onChange={() => {
                      const chosen = new Set(selection.chosen)
                      if (!chosen.delete(key)) chosen.add(key)
                      selection.change(chosen)
                    }}
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
                  {cell(row)}
                </td>
              ))}
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

function Header<T>({ column: { header, align, sort, className } }: { column: Column<T> }) {
  const Arrow = sort?.order === 'asc' ? ArrowUp : ArrowDown
  return (
    <th
      scope="col"
      aria-sort={sort?.order ? (sort.order === 'asc' ? 'ascending' : 'descending') : undefined}
      className={clsx(
        'sticky top-0 z-10 h-9 border-b border-line bg-surface px-3 text-xs font-medium whitespace-nowrap text-muted first:pl-6 last:pr-6',
        align === 'right' && 'text-right',
        className,
      )}
    >
      {sort ? (
        <button
          type="button"
          onClick={sort.toggle}
          className="-mx-1 inline-flex items-center gap-1 rounded px-1 hover:text-ink"
        >
          {header}
          <Arrow className={clsx('size-3', !sort.order && 'opacity-0')} aria-hidden />
        </button>
      ) : (
        header
      )}
    </th>
  )
}

function ChooseAll<T>({
  rows,
  keyOf,
  selection: { chosen, change },
}: {
  rows: readonly T[]
  keyOf: (row: T) => string
  selection: Selection
}) {
  const shown = rows.map(keyOf)
  const count = shown.filter((key) => chosen.has(key)).length
  const areAll = rows.length > 0 && count === rows.length
  return (
    <input
      type="checkbox"
      className="size-3.5 align-middle accent-accent"
      aria-label="Choose all on this page"
      checked={areAll}
      ref={(element) => {
        if (element) element.indeterminate = count > 0 && !areAll
      }}
      onChange={() => {
        const next = new Set(chosen)
        for (const key of shown)
          if (areAll) next.delete(key)
          else next.add(key)
        change(next)
      }}
    />
  )
}
