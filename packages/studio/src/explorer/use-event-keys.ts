import { useCallback, useEffect } from 'react'

const WRITING = 'input, textarea, select, [contenteditable=true], [role=dialog], [role=menu], [role=tablist]'

/**
 * Moves between events by keyboard, wherever the focus is as long as nobody writes: j and k, the arrow keys in the table,
 * Enter opens the first one, Escape closes.
 * @returns moves so many events further down
 */
export function useEventKeys(
  events: readonly { readonly event_id: string }[],
  current: string | undefined,
  open: (id: string | undefined) => void,
): (step: number) => void {
  const move = useCallback(
    (step: number) => {
      if (events.length === 0) return
      const at = events.findIndex(({ event_id }) => event_id === current)
      const next = at < 0 ? 0 : Math.max(0, Math.min(events.length - 1, at + step))
      open(events[next]!.event_id)
    },
    [events, current, open],
  )
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return
      const target = event.target as Element
      if (target.closest(WRITING)) return
      const isInTable =
        target.getAttribute('role') === 'grid' || target === document.body || target.id === 'content'
      if (event.key === 'j' || (isInTable && event.key === 'ArrowDown')) move(1)
      else if (event.key === 'k' || (isInTable && event.key === 'ArrowUp')) move(-1)
      else if (event.key === 'Enter' && isInTable && current === undefined) move(0)
      else if (event.key === 'Escape' && current !== undefined) open(undefined)
      else return
      event.preventDefault()
    }
    // On the document: before the messages, which close with Escape when nothing else does.
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [move, open, current])
  return move
}
