// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and says which row it is at
// biome-ignore-all lint/a11y/useSemanticElements: a virtual table is a grid of boxes; rows of a table cannot be placed
import { useVirtualizer } from '@tanstack/react-virtual'
import { clsx } from 'clsx'
import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import { cellText, isNumeric } from './cell-text.ts'
import { ColumnHeader } from './column-header.tsx'
import { StatusBadge } from './status-badge.tsx'
import type { EventTableModel } from './use-event-table.ts'
import type { EventPreview } from './use-events.ts'

const ROW_PX = 32
const CHECK_PX = 36

const time = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
})

/**
 * The events as a table of which only what is seen is drawn. The arrow keys, j and k move, Enter opens, space selects.
 * @param current the event that is looked at
 */
export function EventTable({
  table,
  events,
  current,
  isDim,
  onCurrent,
  onEnd,
}: {
  table: EventTableModel
  events: readonly EventPreview[]
  current: string | undefined
  /** The events are those of the filter before. */
  isDim: boolean
  onCurrent: (id: string | undefined) => void
  /** The end of what is known comes near. */
  onEnd: () => void
}) {
  const scroller = useRef<HTMLDivElement>(null)
  const index = useMemo(() => events.findIndex(({ event_id }) => event_id === current), [events, current])
  const virtualizer = useVirtualizer({
    count: events.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (at) => events[at]!.event_id,
    overscan: 10,
  })
  useStayingWhereOneIs(scroller, events)
  const items = virtualizer.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (events.length > 0 && last >= events.length - 30) onEnd()
  }, [last, events.length, onEnd])
  useEffect(() => {
    if (index >= 0) virtualizer.scrollToIndex(index)
  }, [index, virtualizer])

  const { rows } = table.getRowModel()
  const columns = table.getVisibleLeafColumns()
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 300) / ROW_PX) - 2)
    const steps: Record<string, number> = {
      Home: 0,
      End: events.length - 1,
      PageDown: index + page,
      PageUp: index - page,
    }
    if (event.key in steps && events.length > 0)
      onCurrent(events[Math.max(0, Math.min(events.length - 1, steps[event.key]!))]!.event_id)
    else if (event.key === ' ' && index >= 0) rows[index]!.toggleSelected()
    else return
    event.preventDefault()
  }
  const width = CHECK_PX + table.getTotalSize()
  return (
    <div
      ref={scroller}
      role="grid"
      aria-label="Events"
      aria-rowcount={events.length + 1}
      aria-colcount={columns.length + 1}
      aria-activedescendant={
        index >= 0 && items.some((item) => item.index === index) ? `event-${index}` : undefined
      }
      tabIndex={0}
      onKeyDown={onKeyDown}
      className={clsx(
        'min-h-0 flex-1 overflow-auto bg-surface text-[0.8125rem] -outline-offset-2',
        isDim && 'opacity-60',
      )}
    >
      <div role="rowgroup" className="sticky top-0 z-10 bg-surface" style={{ width }}>
        <div role="row" aria-rowindex={1} className="flex h-8 border-b border-line text-xs text-muted">
          <span
            role="columnheader"
            style={{ width: CHECK_PX }}
            className="flex shrink-0 items-center justify-center"
          >
            <input
              type="checkbox"
              aria-label="Select all that are loaded"
              checked={table.getIsAllRowsSelected()}
              onChange={() => table.toggleAllRowsSelected()}
            />
          </span>
          {table.getLeafHeaders().map((header) => (
            <ColumnHeader key={header.id} table={table} header={header} />
          ))}
        </div>
      </div>
      <div role="rowgroup" className="relative" style={{ height: virtualizer.getTotalSize(), width }}>
        {items.map(({ index: at, key, start }) => {
          const row = rows[at]!
          const event = row.original
          const isCurrent = event.event_id === current
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the grid's
            <div
              key={key}
              id={`event-${at}`}
              role="row"
              aria-rowindex={at + 2}
              aria-selected={isCurrent}
              data-event={event.event_id}
              onClick={() => onCurrent(event.event_id)}
              className={clsx(
                'absolute top-0 left-0 flex cursor-pointer items-center border-b border-line/60',
                isCurrent ? 'bg-accent-soft' : 'hover:bg-sunken',
              )}
              style={{ transform: `translateY(${start}px)`, height: ROW_PX, width }}
            >
              {/* biome-ignore lint/a11y/useKeyWithClickEvents: only keeps the click from the row */}
              <span
                role="gridcell"
                tabIndex={-1}
                style={{ width: CHECK_PX }}
                className="flex shrink-0 items-center justify-center"
                onClick={(click) => click.stopPropagation()}
              >
                <input
                  type="checkbox"
                  tabIndex={-1}
                  aria-label={`Select the event of ${time.format(new Date(event.created_at))}`}
                  checked={row.getIsSelected()}
                  onChange={() => row.toggleSelected()}
                />
              </span>
              {columns.map((column) => (
                <Cell key={column.id} event={event} column={column} />
              ))}
            </div>
          )
        })}
      </div>
    </div>
  )
}

function Cell({
  event,
  column,
}: {
  event: EventPreview
  column: ReturnType<EventTableModel['getVisibleLeafColumns']>[number]
}) {
  const { id: name, columnDef } = column
  const { field } = columnDef.meta!
  const value = event.extra_fields[name]
  const text = name === 'timestamp' ? time.format(new Date(event.created_at)) : cellText(field, name, value)
  return (
    <span
      role="gridcell"
      tabIndex={-1}
      style={{ width: column.getSize() }}
      title={name === 'timestamp' ? `${event.created_at.replace('T', ' ').replace('Z', '')} UTC` : text}
      className={clsx(
        'shrink-0 truncate px-2',
        isNumeric(field) && 'text-right',
        field?.type !== 'TEXT' && 'tabular-nums',
      )}
    >
      {name === 'status' ? <StatusBadge status={text} /> : text || <span className="text-muted">–</span>}
    </span>
  )
}

/** What comes on top does not push away what is being read. */
function useStayingWhereOneIs(
  scroller: React.RefObject<HTMLDivElement | null>,
  events: readonly EventPreview[],
): void {
  const first = useRef<string>(undefined)
  useLayoutEffect(() => {
    const element = scroller.current
    const before = first.current
    first.current = events[0]?.event_id
    if (!element || before === undefined || element.scrollTop === 0) return
    const added = events.findIndex(({ event_id }) => event_id === before)
    if (added > 0) element.scrollTop += added * ROW_PX
  }, [events, scroller])
}
