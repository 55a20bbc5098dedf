// biome-ignore-all lint/a11y/useSemanticElements: the rows of a table cannot be placed freely, and here only some are there
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus is on rows, by arrows; the grid's head has nothing to do
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid has the keys of its rows
import { useVirtualizer } from '@tanstack/react-virtual'
import { clsx } from 'clsx'
import { type KeyboardEvent, type MouseEvent, useEffect, useRef, useState } from 'react'
import { Badge } from '../components/badge.tsx'
import { Button } from '../components/button.tsx'
import { Failure } from '../components/states.tsx'
import { bytes, count } from '../formats/numbers.ts'
import { type RecordPreview, useRecordPages } from './record-pages.ts'

const ROW_PX = 40
/** Browsers cannot make a list of any height; more records than this are shown in several parts. */
export const PART = 100_000
const COLUMNS =
  'grid grid-cols-[2.25rem_4rem_minmax(8rem,1fr)_minmax(8rem,1fr)_minmax(6rem,0.6fr)_5rem_6rem_4.5rem] items-center gap-x-3 px-4'

const SOURCES: Readonly<Record<RecordPreview['source'], string>> = {
  EXPLORER: 'Explorer',
  UPLOADED_FILE: 'File',
  DIRECT_INPUT: 'Written',
  PLAYGROUND: 'Playground',
}

export interface RecordTableProps {
  readonly datasetId: string
  readonly total: number
  /** The place of the first record of the part that is shown. */
  readonly from: number
  readonly selected: ReadonlySet<string>
  readonly onSelect: (ids: readonly string[], isSelected: boolean) => void
  readonly onSelectAll: (isSelected: boolean) => void
  readonly open: string | undefined
  readonly onOpen: (id: string) => void
}

/** The records of a dataset: only those on the screen are there. Arrows, Home, End, Enter and Space work. */
export function RecordTable(props: RecordTableProps) {
  const { datasetId, total, from, selected, onSelect, onSelectAll, onOpen } = props
  const rows = Math.min(PART, total - from)
  const scroller = useRef<HTMLDivElement>(null)
  const [active, setActive] = useState(0)
  const anchor = useRef<number>(null)
  const wantsFocus = useRef(false)
  const virtualizer = useVirtualizer({
    count: rows,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  })
  const items = virtualizer.getVirtualItems()
  const { at, error, retry } = useRecordPages(datasetId, {
    first: from + (items[0]?.index ?? 0),
    last: from + (items.at(-1)?.index ?? 0),
  })

  // biome-ignore lint/correctness/useExhaustiveDependencies: another part begins at its top
  useEffect(() => {
    setActive(0)
    scroller.current?.scrollTo({ top: 0 })
  }, [from])

  useEffect(() => {
    if (!wantsFocus.current) return
    const row = scroller.current?.querySelector<HTMLElement>(`[data-place="${active}"]`)
    if (!row) return
    row.focus({ preventScroll: true })
    wantsFocus.current = false
  })

  const select = (place: number, isRange: boolean) => {
    const record = at(from + place)
    if (!record) return
    const isSelected = !selected.has(record.id)
    const start = isRange && anchor.current !== null ? anchor.current : place
    const ids: string[] = []
    for (let one = Math.min(start, place); one <= Math.max(start, place); one++) {
      const known = at(from + one)
      if (known) ids.push(known.id)
    }
    anchor.current = place
    onSelect(ids, isSelected)
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_PX) - 2)
    const to = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: rows - 1,
    }[event.key]
    if (to !== undefined) {
      event.preventDefault()
      const next = Math.max(0, Math.min(rows - 1, to))
      // Without another row nothing is drawn anew, and the focus would be taken later, from wherever it is then.
      wantsFocus.current = next !== active
      setActive(next)
      virtualizer.scrollToIndex(next)
      return
    }
    if (!(event.target as HTMLElement).matches('[role=row]')) return
    if (event.key === 'Enter') {
      // Or the same key presses what has the focus in the panel.
      event.preventDefault()
      const record = at(from + active)
      if (record) onOpen(record.id)
    } else if (event.key === ' ') {
      event.preventDefault()
      select(active, event.shiftKey)
    }
  }

  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-auto bg-surface">
      {error && <Failure error={error} onRetry={retry} />}
      <div
        role="grid"
        aria-label="Records"
        aria-rowcount={rows + 1}
        aria-multiselectable
        className="min-w-[52rem]"
      >
        <div role="rowgroup" className="sticky top-0 z-10 border-b border-line bg-surface">
          <div role="row" aria-rowindex={1} className={clsx(COLUMNS, 'h-9 text-xs font-medium text-muted')}>
            <span role="columnheader">
              <SelectAll
                isAll={total > 0 && selected.size >= total}
                isSome={selected.size > 0}
                onChange={onSelectAll}
              />
            </span>
            <span role="columnheader" className="text-right">
              No.
            </span>
            <span role="columnheader">Last question</span>
            <span role="columnheader">Answer</span>
            <span role="columnheader">Properties</span>
            <span role="columnheader" className="text-right">
              Messages
            </span>
            <span role="columnheader">From</span>
            <span role="columnheader" className="text-right">
              Size
            </span>
          </div>
        </div>
        <div
          role="rowgroup"
          className="relative"
          style={{ height: virtualizer.getTotalSize() }}
          onKeyDown={onKeyDown}
        >
          {items.map(({ index, start }) => (
            <Row
              key={index}
              record={at(from + index)}
              index={index}
              place={from + index}
              top={start}
              isActive={index === active}
              isSelected={selected.has(at(from + index)?.id ?? '')}
              isOpen={props.open !== undefined && props.open === at(from + index)?.id}
              onFocus={() => setActive(index)}
              onToggle={(isRange) => select(index, isRange)}
              onOpen={onOpen}
            />
          ))}
        </div>
      </div>
    </div>
  )
}

function SelectAll({
  isAll,
  isSome,
  onChange,
}: {
  isAll: boolean
  isSome: boolean
  onChange: (isSelected: boolean) => void
}) {
  const box = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (box.current) box.current.indeterminate = isSome && !isAll
  }, [isSome, isAll])
  return (
    <input
      ref={box}
      type="checkbox"
      aria-label="Select all records"
      className="block size-4 accent-accent"
      checked={isAll}
      onChange={() => onChange(!isSome)}
    />
  )
}

interface RowProps {
  readonly record: RecordPreview | undefined
  readonly index: number
  readonly place: number
  readonly top: number
  readonly isActive: boolean
  readonly isSelected: boolean
  readonly isOpen: boolean
  readonly onFocus: () => void
  readonly onToggle: (isRange: boolean) => void
  readonly onOpen: (id: string) => void
}

function Row({
  record,
  index,
  place,
  top,
  isActive,
  isSelected,
  isOpen,
  onFocus,
  onToggle,
  onOpen,
}: RowProps) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      tabIndex={isActive ? 0 : -1}
      data-place={index}
      onFocus={onFocus}
      onClick={() => record && onOpen(record.id)}
      style={{ height: ROW_PX, transform: `translateY(${top}px)` }}
      className={clsx(
        COLUMNS,
        'absolute inset-x-0 top-0 cursor-pointer border-b border-line -outline-offset-2',
        isOpen || isSelected ? 'bg-accent-soft' : 'hover:bg-sunken',
      )}
    >
      <span role="gridcell" tabIndex={-1} className="flex" onClick={(event) => event.stopPropagation()}>
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={`Select record ${count(place + 1)}`}
          className="block size-4 accent-accent"
          checked={isSelected}
          disabled={!record}
          onClick={(event: MouseEvent) => onToggle(event.shiftKey)}
          onChange={() => {}}
        />
      </span>
      <span role="gridcell" className="text-right text-muted tabular-nums">
        {count(place + 1)}
      </span>
      {record ? (
        <Cells record={record} />
      ) : (
        <span role="gridcell" className="col-span-6 text-muted">
          …
        </span>
      )}
    </div>
  )
}

function Cells({ record }: { record: RecordPreview }) {
  const { properties_text: properties } = record
  return (
    <>
      <span role="gridcell" className="truncate">
        {record.last_user_text ?? <span className="text-muted italic">no words of a user</span>}
      </span>
      <span role="gridcell" className="truncate text-muted">
        {record.answer_text ??
          (record.invoked_tools.length > 0 ? (
            <Badge tone="warn">calls {record.invoked_tools.join(', ')}</Badge>
          ) : (
            <span className="italic">no answer</span>
          ))}
      </span>
      <span role="gridcell" className="truncate font-mono text-xs text-muted">
        {properties === '{}' ? '' : properties}
      </span>
      <span role="gridcell" className="text-right tabular-nums">
        {count(record.nb_messages)}
      </span>
      <span role="gridcell" className="truncate text-muted">
        {SOURCES[record.source]}
      </span>
      <span role="gridcell" className="text-right text-muted tabular-nums">
        {bytes(record.bytes)}
      </span>
    </>
  )
}

/** Moves between the parts of a very long list. */
export function PartPager({
  total,
  from,
  onMove,
}: {
  total: number
  from: number
  onMove: (from: number) => void
}) {
  if (total <= PART) return null
  return (
    <nav aria-label="Parts of the list" className="flex items-center gap-2 text-muted">
      <Button size="small" disabled={from === 0} onClick={() => onMove(from - PART)}>
        Before
      </Button>
      <span>
        {count(from + 1)}–{count(Math.min(total, from + PART))} of {count(total)}
      </span>
      <Button size="small" disabled={from + PART >= total} onClick={() => onMove(from + PART)}>
        After
      </Button>
    </nav>
  )
}
