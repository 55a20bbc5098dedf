import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from 'react'
import type { KnownOf } from './known-attempts.ts'
import { type AxisSign, TimelineAxis } from './timeline-axis.tsx'
import { TIMELINE_ROW_PX, TimelineLine } from './timeline-line.tsx'
import type { TimelineRow } from './timeline-rows.ts'
import { useWheel } from './use-wheel.ts'
import type { TimelineZoom } from './use-zoom.ts'

/** The lines under their axis. Moves with the arrow keys, and zooms; also where there is no line, or no key led out of there. */
export function TimelineLines({
  rows,
  zoom,
  now,
  knownOf,
  selected,
  signs,
  onSelect,
  onFold,
  children,
}: {
  rows: readonly TimelineRow[]
  zoom: TimelineZoom
  now: number
  knownOf: KnownOf
  selected: number
  signs: readonly AxisSign[]
  onSelect: (row: TimelineRow | undefined) => void
  onFold: (runId: string, isFolded: boolean) => void
  /** Shown where there are no lines. */
  children: ReactNode
}) {
  const scroller = useRef<HTMLDivElement>(null)
  const axis = useRef<HTMLDivElement>(null)
  const { shown: scale } = zoom
  useWheel(scroller, axis, zoom)
  const id = useId()
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => TIMELINE_ROW_PX,
    getItemKey: (index) => rows[index]!.key,
    overscan: 8,
  })
  const move = (index: number) => {
    const to = Math.max(0, Math.min(rows.length - 1, index))
    onSelect(rows[to])
    virtualizer.scrollToIndex(to)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[selected]
    const page = Math.floor((scroller.current?.clientHeight ?? 300) / TIMELINE_ROW_PX) - 1
    const steps: Record<string, number> = {
      ArrowDown: selected + 1,
      ArrowUp: selected < 0 ? rows.length - 1 : selected - 1,
      Home: 0,
      End: rows.length - 1,
      PageDown: selected + page,
      PageUp: selected - page,
    }
    if (event.key in steps) move(steps[event.key]!)
    else if (zoom.takesKey(event)) {
      // The browser's own zoom has Ctrl with these keys.
    } else if (event.key === 'ArrowRight' && row?.isUnfolded === false) onFold(row.group.childRunId!, false)
    else if (event.key === 'ArrowLeft' && row?.isUnfolded) onFold(row.group.childRunId!, true)
    else if (event.key === 'Escape' && row) onSelect(undefined)
    else return
    event.preventDefault()
  }
  const top = selected >= 0 ? rows[selected]!.key : undefined
  // A deep link leads to its line, and so does what is pressed on the axis.
  const cameFor = useRef(top)
  const seen = useRef<string>(undefined)
  useEffect(() => {
    if (seen.current === top) return
    seen.current = top
    if (top !== undefined)
      virtualizer.scrollToIndex(selected, { align: top === cameFor.current ? 'center' : 'auto' })
    cameFor.current = undefined
  }, [top, selected, virtualizer])
  return (
    <>
      <TimelineAxis ref={axis} scale={scale} begin={zoom.whole.from} signs={signs} onChoose={zoom.choose} />
      <div className="relative flex min-h-0 flex-1 flex-col">
        <div
          ref={scroller}
          role="tree"
          aria-label="Timeline"
          tabIndex={0}
          aria-activedescendant={selected < 0 ? undefined : `${id}${rows[selected]!.key}`}
          onKeyDown={onKeyDown}
          className="min-h-0 flex-1 overflow-y-scroll"
        >
          <div className="relative" style={{ height: virtualizer.getTotalSize() }}>
            {virtualizer.getVirtualItems().map((item) => {
              const row = rows[item.index]!
              const known = knownOf(row)
              return (
                <TimelineLine
                  key={item.key}
                  id={`${id}${row.key}`}
                  row={row}
                  top={item.start}
                  scale={scale}
                  now={row.group.endedAt === null ? now : 0}
                  pending={known.pending}
                  failed={known.told}
                  isSelected={item.index === selected}
                  onSelect={onSelect}
                  onFold={onFold}
                />
              )
            })}
          </div>
        </div>
        {rows.length === 0 && <div className="absolute inset-0">{children}</div>}
      </div>
    </>
  )
}
