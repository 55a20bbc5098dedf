import { useRef } from 'react'

/** Focuses what had the focus before, or the page's content if that is gone. */
export function giveFocusTo(before: Element | null): void {
  const isThere = before?.isConnected && before !== document.body
  const target = isThere ? before : document.getElementById('content')
  ;(target as HTMLElement | null)?.focus({ preventScroll: true })
}

/**
 * For dialogs that are opened by other means than a trigger of their own: when one closes, the focus goes back to what had it
 * before.
 */
export function useReturnFocus() {
  const opener = useRef<Element>(null)
  return {
    onOpenAutoFocus: () => {
      const { activeElement } = document
      // A menu is gone by then; it is named by the button that opens it.
      const menu = activeElement?.closest('[role=menu]')
      opener.current = menu
        ? document.getElementById(menu.getAttribute('aria-labelledby') ?? '')
        : activeElement
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault()
      giveFocusTo(opener.current)
    },
  }
}
