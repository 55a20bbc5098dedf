import type { Output } from '../api/call.ts'
import { Badge } from '../components/badge.tsx'

export type Schedule = Output<'listSchedules'>['schedules'][number]

/** Whether a schedule starts anything, in a word. */
export function ScheduleState({ schedule }: { schedule: Schedule }) {
  if (schedule.paused) return <Badge tone="warn">paused</Badge>
  if (schedule.future_executions.length === 0) return <Badge>ended</Badge>
  return <Badge tone="good">active</Badge>
}
