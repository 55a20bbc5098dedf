import { useEffect, useState } from 'react'

/** Nobody types a whole name at once. */
const PAUSE_MS = 150

/** A value as it was when it last had not changed for a moment. */
export function usePaused(value: string): string {
  const [paused, setPaused] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setPaused(value), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [value])
  return paused
}
