import { useVirtualizer } from '@tanstack/react-virtual'
import { clsx } from 'clsx'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from 'react'

/**
 * A list of any length of which only the lines that are seen are drawn. Moves with the arrow keys; what is selected is told.
 * @param rowPx the height of a line, or about it where `measured`
 * @param measured lines have different heights
 * @param follow stays at the end as the list grows, as long as its reader is there
 * @param children draws a line; should be cheap, and the same for the same line
 */
export function VirtualRows({
  label,
  count,
  keyOf,
  rowPx,
  measured = false,
  follow = false,
  selected = -1,
  onSelect,
  children,
}: {
  label: string
  count: number
  keyOf: (index: number) => string | number
  rowPx: number
  measured?: boolean
  follow?: boolean
  selected?: number
  onSelect?: (index: number | undefined) => void
  children: (index: number) => ReactNode
}) {
  const scroller = useRef<HTMLDivElement>(null)
  const id = useId()
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    getItemKey: keyOf,
    overscan: 8,
  })
  useFollowing(scroller, count, keyOf, follow)
  // A deep link leads to its line, once it is there.
  const cameFor = useRef(selected >= 0 || count === 0)
  useEffect(() => {
    if (!cameFor.current || selected < 0) return
    cameFor.current = false
    virtualizer.scrollToIndex(selected, { align: 'center' })
  }, [selected, virtualizer])
  const onKeyDown = (event: KeyboardEvent) => {
    if (!onSelect) return
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 300) / rowPx) - 1)
    const steps: Record<string, number> = {
      ArrowDown: selected + 1,
      ArrowUp: selected < 0 ? count - 1 : selected - 1,
      Home: 0,
      End: count - 1,
      PageDown: selected + page,
      PageUp: selected - page,
    }
    if (event.key in steps && event.target === event.currentTarget) {
      const to = Math.max(0, Math.min(count - 1, steps[event.key]!))
      cameFor.current = false
      onSelect(to)
      virtualizer.scrollToIndex(to)
    } else if (event.key === 'Escape' && selected >= 0) onSelect(undefined)
    else return
    event.preventDefault()
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its role is one of two
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: as above
    <div
      ref={scroller}
      role={onSelect ? 'listbox' : 'list'}
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={onSelect && selected >= 0 ? `${id}${selected}` : undefined}
      onKeyDown={onKeyDown}
      className="min-h-0 flex-1 overflow-y-auto"
    >
      <div className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, key, start }) => (
          // biome-ignore lint/a11y/useAriaPropsSupportedByRole: only where it is an option
          <div
            key={key}
            id={`${id}${index}`}
            data-index={index}
            {...(measured ? { ref: virtualizer.measureElement } : {})}
            role={onSelect ? 'option' : 'listitem'}
            aria-setsize={count}
            aria-posinset={index + 1}
            {...(onSelect ? { 'aria-selected': index === selected, onClick: () => onSelect(index) } : {})}
            className={clsx(
              'absolute top-0 left-0 w-full border-b border-line/50',
              onSelect && 'cursor-pointer',
              index === selected ? 'bg-accent-soft' : onSelect && 'hover:bg-sunken',
            )}
            style={{ transform: `translateY(${start}px)`, ...(measured ? {} : { height: rowPx }) }}
          >
            {children(index)}
          </div>
        ))}
      </div>
    </div>
  )
}

const NEAR_END_PX = 40

function useFollowing(
  scroller: React.RefObject<HTMLDivElement | null>,
  count: number,
  keyOf: (index: number) => string | number,
  follow: boolean,
): void {
  const isAtEnd = useRef(true)
  useEffect(() => {
    const element = scroller.current
    if (!element || !follow) return
    const onScroll = () => {
      isAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX
    }
    element.addEventListener('scroll', onScroll, { passive: true })
    return () => element.removeEventListener('scroll', onScroll)
  }, [scroller, follow])
  const before = useRef<{ count: number; first: string | number }>(undefined)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time that the list has grown
  useEffect(() => {
    const element = scroller.current
    const added = count - (before.current?.count ?? count)
    // What was put before the others was asked for, and is to be seen.
    if (added > 0 && keyOf(added) === before.current?.first) isAtEnd.current = false
    before.current = count > 0 ? { count, first: keyOf(0) } : undefined
    if (element && follow && isAtEnd.current) element.scrollTop = element.scrollHeight
  }, [scroller, count, follow])
}
