// biome-ignore-all lint/a11y/noStaticElementInteractions: columns are dragged; the menu of columns does the same by keyboard
// biome-ignore-all lint/a11y/useSemanticElements: a virtual table is a grid of boxes; rows of a table cannot be placed
import { clsx } from 'clsx'
import { type DragEvent, type KeyboardEvent, type PointerEvent, useState } from 'react'
import { type Column, MIN_WIDTH } from './explorer-search.ts'

const STEP_PX = 16

/** Puts one column into the place of another. */
export function moved(columns: readonly Column[], from: number, to: number): Column[] {
  const next = columns.filter((_, index) => index !== from)
  next.splice(to, 0, columns[from]!)
  return next
}

/** A column's head: it is dragged to another place, and its edge, also with the arrow keys, to another width. */
export function ColumnHeader({
  columns,
  at,
  label,
  isNumeric,
  onColumns,
}: {
  columns: readonly Column[]
  at: number
  label: string
  isNumeric: boolean
  onColumns: (columns: readonly Column[]) => void
}) {
  const column = columns[at]!
  const [dragged, setDragged] = useState<number>()
  const width = dragged ?? column.width
  const resize = (to: number) =>
    onColumns(columns.map((one, index) => (index === at ? { ...one, width: Math.max(MIN_WIDTH, to) } : one)))
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    event.preventDefault()
    const start = event.clientX
    const edge = event.currentTarget
    edge.setPointerCapture(event.pointerId)
    let to = column.width
    const move = (next: globalThis.PointerEvent) => {
      to = Math.max(MIN_WIDTH, column.width + next.clientX - start)
      setDragged(to)
    }
    edge.addEventListener('pointermove', move)
    edge.addEventListener(
      'lostpointercapture',
      () => {
        edge.removeEventListener('pointermove', move)
        setDragged(undefined)
        if (to !== column.width) resize(to)
      },
      { once: true },
    )
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
    event.preventDefault()
    event.stopPropagation()
    resize(column.width + (event.key === 'ArrowRight' ? STEP_PX : -STEP_PX))
  }
  const onDrop = (event: DragEvent) => {
    const from = columns.findIndex(({ name }) => name === event.dataTransfer.getData('text/x-column'))
    if (from >= 0 && from !== at) onColumns(moved(columns, from, at))
  }
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
        title={column.name}
        onDragStart={(event) => event.dataTransfer.setData('text/x-column', column.name)}
        className={clsx('min-w-0 flex-1 cursor-grab truncate px-2', isNumeric && 'text-right')}
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
        onPointerDown={onPointerDown}
        onKeyDown={onKeyDown}
        className="absolute inset-y-1 right-0 w-1.5 cursor-col-resize border-r border-line hover:border-accent"
      />
    </span>
  )
}
