import { useRef } from 'react'

/**
 * For dialogs that are opened by other means than a trigger of their own: when one closes, the focus goes back to what had it
 * before, or to the page's content if that is gone.
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
      const isThere = opener.current?.isConnected && opener.current !== document.body
      const target = isThere ? opener.current : document.getElementById('content')
      ;(target as HTMLElement | null)?.focus({ preventScroll: true })
    },
  }
}
