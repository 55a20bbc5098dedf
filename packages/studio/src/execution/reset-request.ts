import { useEffect } from 'react'

type Listener = (eventId: number) => void

const listeners = new Set<Listener>()

/** Opens the reset's dialog at a point that was picked in the timeline or the history. */
export function requestReset(eventId: number): void {
  for (const listener of listeners) listener(eventId)
}

/** Tells a listener, which should be the same each time, of the points that are picked. */
export function useResetRequests(listener: Listener): void {
  useEffect(() => {
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  }, [listener])
}
