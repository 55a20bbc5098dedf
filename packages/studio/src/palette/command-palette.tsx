import { Dialog } from 'radix-ui'
import { Suspense, useLayoutEffect, useState } from 'react'
import { lazyPart } from '../api/lazy-parts.ts'
import { useReturnFocus } from '../components/return-focus.ts'
import { Loading } from '../components/states.tsx'

// Loaded when somebody is about to open it: most visits never do.
const load = () => import('./commands.tsx')
const Commands = lazyPart(load, 'Commands')

/** What opens the palette from elsewhere than the keyboard. */
const OPEN_EVENT = 'tramontane:palette'

/** Opens the palette, as its keys do. */
export function openPalette(): void {
  dispatchEvent(new Event(OPEN_EVENT))
}

/** Goes anywhere and finds anything by keyboard: Ctrl+K or ⌘K. */
export function CommandPalette() {
  const [open, setOpen] = useState(false)
  const returnFocus = useReturnFocus()
  // Before the page is seen: whoever sees it may press its keys.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Control' || event.key === 'Meta') void load().catch(() => {})
      if (event.key !== 'k' || !(event.metaKey || event.ctrlKey)) return
      event.preventDefault()
      setOpen((before) => !before)
    }
    const onOpen = () => setOpen(true)
    addEventListener('keydown', onKey)
    addEventListener(OPEN_EVENT, onOpen)
    return () => {
      removeEventListener('keydown', onKey)
      removeEventListener(OPEN_EVENT, onOpen)
    }
  }, [])
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Content
          {...returnFocus}
          aria-describedby={undefined}
          className="fixed top-24 left-1/2 z-50 w-[calc(100vw-4rem)] max-w-xl -translate-x-1/2 rounded-xl border border-line bg-raised shadow-xl"
        >
          <Dialog.Title className="sr-only">Commands</Dialog.Title>
          <Suspense fallback={<Loading />}>
            <Commands onDone={() => setOpen(false)} />
          </Suspense>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
