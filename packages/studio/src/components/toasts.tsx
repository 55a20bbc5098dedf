import { lazy, Suspense, useSyncExternalStore } from 'react'
import type { ToastMessage } from './toast-list.tsx'

// Loaded with the first message.
const ToastList = lazy(async () => ({ default: (await import('./toast-list.tsx')).ToastList }))

let messages: readonly ToastMessage[] = []
let count = 0
const listeners = new Set<() => void>()

function set(next: readonly ToastMessage[]): void {
  messages = next
  for (const listener of listeners) listener()
}

/** Tells that something was done. */
export function say(text: string): void {
  set([...messages, { id: ++count, tone: 'good', text }])
}

/** Tells that something failed, in the server's own words. */
export function complain(error: unknown): void {
  set([
    ...messages,
    { id: ++count, tone: 'bad', text: error instanceof Error ? error.message : String(error) },
  ])
}

/** Shows what was told, until it has been read or dismissed. */
export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => messages,
  )
  if (count === 0) return null
  return (
    <Suspense>
      <ToastList
        messages={shown}
        onDismiss={(dismissed) => set(messages.filter((message) => message.id !== dismissed))}
      />
    </Suspense>
  )
}
