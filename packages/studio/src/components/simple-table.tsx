import type { ReactNode } from 'react'

/**
 * A table of few rows, with a line under each.
 * @param label what it lists, for who does not see it
 * @param head the columns; one without a name (of actions, say) has a `hidden` one
 */
export function SimpleTable({
  label,
  head,
  children,
}: {
  label: string
  head: readonly (string | { readonly hidden: string })[]
  children: ReactNode
}) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="overflow-x-auto rounded-lg border border-line bg-surface"
    >
      <table className="w-full text-left">
        <thead>
          <tr className="border-b border-line text-xs text-muted">
            {head.map((column) =>
              typeof column === 'string' ? (
                <th key={column} scope="col" className="px-4 py-2 font-medium whitespace-nowrap">
                  {column}
                </th>
              ) : (
                <th key={column.hidden} scope="col" className="px-4 py-2">
                  <span className="sr-only">{column.hidden}</span>
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody className="[&>tr:last-child]:border-0 [&>tr]:border-b [&>tr]:border-line [&_td]:px-4 [&_td]:py-2 [&_td]:align-top">
          {children}
        </tbody>
      </table>
    </section>
  )
}
