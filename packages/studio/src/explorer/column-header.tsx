// biome-ignore-all lint/a11y/noStaticElementInteractions: columns are dragged; the menu of columns does the same by keyboard
// biome-ignore-all lint/a11y/useSemanticElements: a virtual table is a grid of boxes; rows of a table cannot be placed
import type { Header } from '@tanstack/react-table'
import { clsx } from 'clsx'
import type { DragEvent, KeyboardEvent } from 'react'
import { isNumeric } from './cell-text.ts'
import { MAX_WIDTH, MIN_WIDTH } from './explorer-search.ts'
import { type EventTableModel, type features, moved } from './use-event-table.ts'
import type { EventPreview } from './use-events.ts'

const STEP_PX = 16

const withinBounds = (width: number) => Math.max(MIN_WIDTH, Math.min(MAX_WIDTH, width))

/** A column's head: it is dragged to another place, and its edge, also with the arrow keys, to another width. */
export function ColumnHeader({
  table,
  header,
}: {
  table: EventTableModel
  header: Header<typeof features, EventPreview>
}) {
  const { column } = header
  const { label, field } = column.columnDef.meta!
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
    event.preventDefault()
    event.stopPropagation()
    const width = withinBounds(column.getSize() + (event.key === 'ArrowRight' ? STEP_PX : -STEP_PX))
    table.setColumnSizing((widths) => ({ ...widths, [column.id]: width }))
  }
  const onDrop = (event: DragEvent) => {
    const from = event.dataTransfer.getData('text/x-column')
    table.setColumnOrder((names) => moved(names, from, names.indexOf(column.id)))
  }
  return (
    <table.Subscribe
      source={table.atoms.columnResizing}
      selector={({ isResizingColumn, deltaOffset }) => (isResizingColumn === column.id && deltaOffset) || 0}
    >
      {(dragged) => {
        const width = withinBounds(column.getSize() + dragged)
        return (
          <span
            role="columnheader"
            tabIndex={-1}
            style={{ width }}
            className="relative flex shrink-0 items-center font-medium"
            onDragOver={(event) => event.preventDefault()}
            onDrop={onDrop}
          >
            <span
              draggable
              title={column.id}
              onDragStart={(event) => event.dataTransfer.setData('text/x-column', column.id)}
              className={clsx('min-w-0 flex-1 cursor-grab truncate px-2', isNumeric(field) && 'text-right')}
            >
              {label}
            </span>
            <span
              role="separator"
              aria-orientation="vertical"
              aria-label={`Width of ${label}`}
              aria-valuenow={Math.round(width)}
              aria-valuemin={MIN_WIDTH}
              tabIndex={0}
              onMouseDown={(event) => {
                // Or text is selected on the way.
                event.preventDefault()
                header.getResizeHandler()(event)
              }}
              onTouchStart={header.getResizeHandler()}
              onKeyDown={onKeyDown}
              className="absolute inset-y-1 right-0 w-1.5 cursor-col-resize touch-none border-r border-line hover:border-accent"
            />
          </span>
        )
      }}
    </table.Subscribe>
  )
}
