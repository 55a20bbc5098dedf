import { useEffect, useState } from 'react'

/**
 * The time now, with which a component is drawn again and again.
 * @param everyMs how often; null: it stands still
 */
export function useNow(everyMs: number | null): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (everyMs === null) return
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}
