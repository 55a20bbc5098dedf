import { Suspense, useEffect, useSyncExternalStore } from 'react'
import { lazyPart } from '../api/lazy-parts.ts'
import type { ToastMessage } from './toast-list.tsx'

// With the first thing that somebody does, not with the first message: that may be that the server is away.
const DEEDS = ['focusin', 'pointerdown'] as const
const load = () => import('./toast-list.tsx')
const ToastList = lazyPart(load, 'ToastList')

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
  useEffect(() => {
    const onDeed = () => void load().catch(() => {})
    for (const deed of DEEDS) addEventListener(deed, onDeed, { once: true })
    return () => {
      for (const deed of DEEDS) removeEventListener(deed, onDeed)
    }
  }, [])
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
