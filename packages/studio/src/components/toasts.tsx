import { X } from 'lucide-react'
import { DismissableLayer } from 'radix-ui/internal'
import { useEffect, useEffectEvent, useRef, useState, useSyncExternalStore } from 'react'
import { Button } from './button.tsx'
import { giveFocusTo } from './return-focus.ts'

/** Something that the reader is told in passing. */
interface ToastMessage {
  readonly id: number
  readonly tone: 'good' | 'bad'
  readonly text: string
}

const GOOD_MS = 5_000
const BAD_MS = 20_000

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

/**
 * Shows what was told, until it has been read or dismissed: with Escape, the newest first, when there is nothing else to close.
 * F8 leads there. It is no layer of dialogs and menus, where what came last would close first, but a branch of theirs: pressing
 * something in it does not count as outside of them.
 */
export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => messages,
  )
  const region = useRef<HTMLDivElement>(null)
  const cameFrom = useRef<Element>(null)
  const [isPointedAt, setPointedAt] = useState(false)
  const [hasFocus, setHasFocus] = useState(false)
  const isAway = useIsAway()
  const dismiss = (id: number) => {
    if (region.current?.contains(document.activeElement)) giveFocusTo(cameFrom.current)
    set(messages.filter((message) => message.id !== id))
    // What is gone tells of no leaving.
    setPointedAt(false)
    setHasFocus(false)
  }
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    // Whatever is open has taken it by then.
    if (event.defaultPrevented || shown.length === 0) return
    if (event.key === 'Escape' && isClearing(event.target)) return
    if (event.key === 'Escape') dismiss(shown.at(-1)!.id)
    else if (event.key === 'F8') region.current?.focus()
    else return
    event.preventDefault()
  })
  useEffect(() => {
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  return (
    <DismissableLayer.Branch
      ref={region}
      role="region"
      aria-label="Notifications"
      // Always there: what is new in it is read out, also while a dialog hides the page.
      aria-live="polite"
      tabIndex={-1}
      // Not by entering: a message that appears under a pointer at rest is read by nobody yet.
      onPointerMove={() => setPointedAt(true)}
      onPointerLeave={() => setPointedAt(false)}
      onFocus={({ relatedTarget, currentTarget }) => {
        if (!currentTarget.contains(relatedTarget)) cameFrom.current = relatedTarget
        setHasFocus(true)
      }}
      onBlur={() => setHasFocus(false)}
      className="fixed right-4 bottom-4 z-60 flex w-96 max-w-[calc(100vw-2rem)] flex-col gap-2 outline-none"
    >
      {shown.map((message) => (
        <Toast
          key={message.id}
          message={message}
          isHeld={isPointedAt || hasFocus || isAway}
          onDismiss={() => dismiss(message.id)}
        />
      ))}
    </DismissableLayer.Branch>
  )
}

/** Whether the browser makes something of Escape there: it empties a field to search by. */
function isClearing(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement && target.type === 'search' && target.value !== ''
}

/** @param isHeld it stays, since somebody reads it, or nobody can */
function Toast({
  message: { tone, text },
  isHeld,
  onDismiss,
}: {
  message: ToastMessage
  isHeld: boolean
  onDismiss: () => void
}) {
  const onRead = useEffectEvent(onDismiss)
  useEffect(() => {
    if (isHeld) return
    const timer = setTimeout(() => onRead(), tone === 'bad' ? BAD_MS : GOOD_MS)
    return () => clearTimeout(timer)
  }, [isHeld, tone])
  return (
    <div
      role={tone === 'bad' ? 'alert' : undefined}
      // A dialog takes the pointer from all of the page.
      className="pointer-events-auto flex items-start justify-between gap-3 rounded-lg border border-line bg-raised p-3 shadow-lg"
    >
      <p className={tone === 'bad' ? 'text-bad' : 'text-ink'}>{text}</p>
      <Button variant="quiet" size="icon" className="-my-1.5" aria-label="Dismiss" onClick={onDismiss}>
        <X />
      </Button>
    </div>
  )
}

/** Whether the reader is in another window. */
function useIsAway(): boolean {
  return useSyncExternalStore(
    (listener) => {
      addEventListener('blur', listener)
      addEventListener('focus', listener)
      return () => {
        removeEventListener('blur', listener)
        removeEventListener('focus', listener)
      }
    },
    () => !document.hasFocus(),
  )
}
