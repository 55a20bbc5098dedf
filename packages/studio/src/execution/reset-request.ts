import { useEffect } from 'react'
import { useMay } from '../session/session.ts'
import type { TimelineRow } from './timeline-rows.ts'
import type { ShownExecution } from './use-execution.ts'

type Listener = (eventId: number) => void

const listeners = new Set<Listener>()

/** Opens the reset's dialog at a point that was picked in the timeline or the history. */
export function requestReset(eventId: number): void {
  for (const listener of listeners) listener(eventId)
}

/** The event to which the execution can be reset so that what a line tells of is done anew; null if it cannot. */
export function useResetPoint(
  { run, isNewest }: ShownExecution,
  row: Pick<TimelineRow, 'runId' | 'group'> | undefined,
): number | null {
  const mayWrite = useMay('write')
  return mayWrite && isNewest && row?.runId === run.run_id ? row.group.resetPoint : null
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
