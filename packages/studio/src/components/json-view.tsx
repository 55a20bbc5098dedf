import { useVirtualizer } from '@tanstack/react-virtual'
import { clsx } from 'clsx'
import { ChevronRight } from 'lucide-react'
import { type KeyboardEvent, useId, useMemo, useRef, useState } from 'react'
import { isExactNumber } from '../api/exact-json.ts'
import { CopyButton } from './copy-button.tsx'
import {
  firstUnfolded,
  isContainer,
  type JsonRow,
  jsonPreview,
  jsonRows,
  sizeOf,
  type Unfolded,
} from './json-tree.ts'

const ROW_PX = 20
/** Longer texts are cut until they are asked for. */
const LONG_TEXT = 300
/** Fewer lines are simply there. */
const VIRTUAL_FROM = 120

/**
 * A JSON value as a tree to fold, whatever its size: only the lines that are seen are drawn. Moves with the arrow keys, folds
 * with left and right, copies what is selected.
 * @param label what the value is, for those who do not see where it stands
 * @param maxHeight in CSS's words; beyond it the tree scrolls
 */
export function JsonView({
  value,
  label,
  maxHeight = '24rem',
  className,
}: {
  value: unknown
  label: string
  maxHeight?: string
  className?: string
}) {
  const tree = useTree(value)
  return (
    <div className={clsx('relative min-w-0 rounded-md border border-line bg-sunken', className)}>
      <div className="absolute top-1 right-2 z-10 rounded-md bg-sunken">
        <CopyButton text={() => textOf(tree.selectedValue)} label={`Copy ${label}`} />
      </div>
      <Rows tree={tree} label={label} maxHeight={maxHeight} />
    </div>
  )
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? String(value))
}

interface Tree {
  readonly rows: readonly JsonRow[]
  /** Its id; undefined while nothing is selected. */
  readonly selected: string | undefined
  readonly selectedValue: unknown
  select(id: string): void
  setFolded(id: string, folded: boolean): void
}

function useTree(value: unknown): Tree {
  const [state, setState] = useState<{ unfolded: Unfolded; selected: string | undefined }>(() => ({
    unfolded: firstUnfolded(value),
    selected: undefined,
  }))
  // A value that comes anew (a stream's) keeps what its reader has folded.
  const { unfolded, selected } = state
  const rows = useMemo(() => jsonRows(value, unfolded), [value, unfolded])
  return {
    rows,
    selected,
    selectedValue: (rows.find(({ id }) => id === selected) ?? { value }).value,
    select: (id) => setState({ unfolded, selected: id }),
    setFolded: (id, folded) => {
      const next = new Set(unfolded)
      if (folded) next.delete(id)
      else next.add(id)
      setState({ unfolded: next, selected: id })
    },
  }
}

function Rows({ tree, label, maxHeight }: { tree: Tree; label: string; maxHeight: string }) {
  const { rows, selected } = tree
  const scroller = useRef<HTMLDivElement>(null)
  const id = useId()
  const isVirtual = rows.length > VIRTUAL_FROM
  const virtualizer = useVirtualizer({
    count: isVirtual ? rows.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => rows[index]!.id,
    overscan: 20,
  })
  const at = rows.findIndex((row) => row.id === selected)
  const move = (index: number) => {
    const row = rows[index]
    if (!row) return
    tree.select(row.id)
    if (isVirtual) virtualizer.scrollToIndex(index)
    else document.getElementById(`${id}${row.id}`)?.scrollIntoView({ block: 'nearest' })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[at]
    const steps: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: rows.length - 1,
      PageDown: Math.min(rows.length - 1, at + 20),
      PageUp: Math.max(0, at - 20),
    }
    if (event.key in steps) move(steps[event.key]!)
    else if (event.key === 'ArrowRight' && row?.kind === 'closed') tree.setFolded(row.id, false)
    else if (event.key === 'ArrowLeft' && row?.kind === 'open') tree.setFolded(row.id, true)
    else if (event.key === 'ArrowLeft' && row) move(parentOf(rows, at))
    else if (event.key === 'Enter' && row && (row.kind === 'open' || row.kind === 'closed'))
      tree.setFolded(row.id, row.kind === 'open')
    else return
    event.preventDefault()
  }
  return (
    <div
      ref={scroller}
      role="tree"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={at < 0 ? undefined : `${id}${selected}`}
      onKeyDown={onKeyDown}
      className="overflow-auto rounded-md py-1.5 pr-12 pl-1.5 font-mono text-xs leading-5"
      style={{ maxHeight }}
    >
      {isVirtual ? (
        <div className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => (
            <div
              key={item.key}
              data-index={item.index}
              ref={virtualizer.measureElement}
              className="absolute top-0 left-0 w-full"
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <Line row={rows[item.index]!} tree={tree} id={id} />
            </div>
          ))}
        </div>
      ) : (
        rows.map((row) => <Line key={row.id} row={row} tree={tree} id={id} />)
      )}
    </div>
  )
}

function parentOf(rows: readonly JsonRow[], at: number): number {
  const { depth } = rows[at]!
  for (let index = at - 1; index >= 0; index--) if (rows[index]!.depth < depth) return index
  return 0
}

function Line({ row, tree, id }: { row: JsonRow; tree: Tree; id: string }) {
  const { depth, kind, name, value, isLast } = row
  const isFoldable = kind === 'open' || kind === 'closed'
  const isList = Array.isArray(value)
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys, and says which line is meant
    <div
      id={`${id}${row.id}`}
      role="treeitem"
      tabIndex={-1}
      aria-level={depth + 1}
      aria-selected={tree.selected === row.id}
      aria-expanded={isFoldable ? kind === 'open' : undefined}
      onClick={() => (isFoldable ? tree.setFolded(row.id, kind === 'open') : tree.select(row.id))}
      className={clsx(
        'flex min-w-max items-start rounded pr-2 outline-none',
        isFoldable && 'cursor-pointer',
        tree.selected === row.id ? 'bg-accent-soft' : 'hover:bg-line/40',
      )}
      style={{ paddingLeft: `${depth * 1.1}em` }}
    >
      <span className="flex h-5 w-4 shrink-0 items-center">
        {isFoldable && (
          <ChevronRight className={clsx('size-3 text-muted', kind === 'open' && 'rotate-90')} aria-hidden />
        )}
      </span>
      <span className="whitespace-pre">
        {name !== null && (
          <>
            <span className={typeof name === 'number' ? 'text-muted' : 'text-accent'}>{name}</span>
            <span className="text-muted">: </span>
          </>
        )}
        {kind === 'end' && (isList ? ']' : '}')}
        {kind === 'open' && (isList ? '[' : '{')}
        {kind === 'closed' && isContainer(value) && (
          <>
            {jsonPreview(value)}
            <span className="text-muted"> {sizeOf(value)}</span>
          </>
        )}
        {kind === 'value' && <Scalar value={value} />}
        {!isLast && kind !== 'open' && <span className="text-muted">,</span>}
      </span>
    </div>
  )
}

function Scalar({ value }: { value: unknown }) {
  const [isWhole, setWhole] = useState(false)
  if (typeof value !== 'string')
    return (
      <span className={typeof value === 'number' || isExactNumber(value) ? 'text-note' : 'text-warn'}>
        {value === undefined ? 'undefined' : JSON.stringify(value)}
      </span>
    )
  const isCut = value.length > LONG_TEXT && !isWhole
  return (
    <>
      <span className="inline-block max-w-[80ch] align-top whitespace-pre-wrap break-words text-good">
        {JSON.stringify(isCut ? value.slice(0, LONG_TEXT) : value)}
      </span>
      {isCut && (
        <button
          type="button"
          tabIndex={-1}
          className="ml-1 text-accent underline"
          onClick={(event) => {
            event.stopPropagation()
            setWhole(true)
          }}
        >
          {value.length - LONG_TEXT} more characters
        </button>
      )}
    </>
  )
}
