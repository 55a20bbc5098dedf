import {
  columnOrderingFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  functionalUpdate,
  metaHelper,
  type ReactTable,
  rowSelectionFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import type { FieldDefinition } from '@tramontane/contract/fields'
import { useMemo } from 'react'
import { type Column, MAX_WIDTH, MIN_WIDTH } from './explorer-search.ts'
import type { EventPreview } from './use-events.ts'

/** Of a column that is not among those of the start. */
const WIDTH = 160

export const features = tableFeatures({
  columnOrderingFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  rowSelectionFeature,
  columnMeta: metaHelper<{ readonly label: string; readonly field: FieldDefinition | undefined }>(),
})

export type EventTableModel = ReactTable<typeof features, EventPreview, null>

/**
 * The events with a column for each field. Which columns are shown, in which order and how wide, is in the address, and what is
 * selected is the page's: the model changes both through `onColumns` and `onSelected`.
 */
export function useEventTable({
  events,
  fields,
  columns,
  onColumns,
  selected,
  onSelected,
}: {
  events: EventPreview[]
  fields: ReadonlyMap<string, FieldDefinition>
  columns: readonly Column[]
  onColumns: (columns: readonly Column[]) => void
  selected: ReadonlySet<string>
  onSelected: (ids: ReadonlySet<string>) => void
}): EventTableModel {
  const columnOrder = columns.map(({ name }) => name)
  const columnSizing = Object.fromEntries(columns.map(({ name, width }) => [name, width]))
  // An address may name what is no field any more.
  const names = useMemo(
    () => [...new Set([...columns.map(({ name }) => name), ...fields.keys()])],
    [columns, fields],
  )
  const columnVisibility = Object.fromEntries(names.map((name) => [name, Object.hasOwn(columnSizing, name)]))
  const rowSelection = Object.fromEntries([...selected].map((id) => [id, true as const]))
  const show = (order: readonly string[], widths: Readonly<Record<string, number>>) =>
    onColumns(order.map((name) => ({ name, width: widths[name] ?? WIDTH })))
  return useTable(
    {
      features,
      columns: useMemo(
        () =>
          names.map((name) => ({
            id: name,
            minSize: MIN_WIDTH,
            maxSize: MAX_WIDTH,
            meta: { label: fields.get(name)?.label ?? name, field: fields.get(name) },
          })),
        [names, fields],
      ),
      data: events,
      getRowId: ({ event_id }) => event_id,
      state: { columnOrder, columnSizing, columnVisibility, rowSelection },
      onColumnOrderChange: (next) => show(functionalUpdate(next, columnOrder), columnSizing),
      onColumnSizingChange: (next) => show(columnOrder, functionalUpdate(next, columnSizing)),
      onColumnVisibilityChange: (next) => {
        const isShown = functionalUpdate(next, columnVisibility)
        show(
          names.filter((name) => isShown[name]),
          columnSizing,
        )
      },
      onRowSelectionChange: (next) => onSelected(new Set(Object.keys(functionalUpdate(next, rowSelection)))),
    },
    // What is state here is drawn anew by whoever holds it, except the drag of an edge, which its head follows by itself.
    () => null,
  )
}

/** Puts one column into the place of another. */
export function moved(names: readonly string[], name: string, to: number): string[] {
  return names.includes(name) ? names.filter((one) => one !== name).toSpliced(to, 0, name) : [...names]
}
