import { durationSeconds } from '@tramontane/contract/duration'
import { type ScheduleCalendar, type ScheduleTimes, scheduleTimes } from '@tramontane/contract/schedules'
import type { CalendarRange, CalendarTimes, Policies, Times } from '../../platform/temporal/schedule-calls.ts'

/** The times of a definition as Temporal takes them. */
export function toTimes(definition: ScheduleTimes): Times {
  return {
    calendars: definition.calendars.map(toCalendar),
    intervals: definition.intervals.map(({ every, offset }) => ({
      everySeconds: secondsOf(every),
      offsetSeconds: secondsOf(offset),
    })),
    cronExpressions: definition.cron_expressions,
    skip: definition.skip.map(toCalendar),
    startAt: definition.start_at == null ? null : new Date(definition.start_at),
    endAt: definition.end_at == null ? null : new Date(definition.end_at),
    jitterSeconds: secondsOf(definition.jitter),
    timeZone: definition.time_zone_name ?? '',
  }
}

export function toPolicies({ policy }: ScheduleTimes): Policies {
  return {
    overlap: policy.overlap,
    catchupSeconds: policy.catchup_window_seconds,
    pauseOnFailure: policy.pause_on_failure,
  }
}

/** The definition of a schedule that was not made here: what Temporal has made of it, if it can be said here. */
export function toDefinition(times: Times, policies: Policies): ScheduleTimes {
  const parsed = scheduleTimes.safeParse({
    calendars: times.calendars.map(fromCalendar),
    intervals: times.intervals.map(({ everySeconds, offsetSeconds }) => ({
      every: everySeconds,
      offset: offsetSeconds || null,
    })),
    skip: times.skip.map(fromCalendar),
    start_at: times.startAt?.toISOString() ?? null,
    end_at: times.endAt?.toISOString() ?? null,
    jitter: times.jitterSeconds || null,
    time_zone_name: times.timeZone || null,
    policy: {
      catchup_window_seconds: Math.round(policies.catchupSeconds),
      overlap: policies.overlap || 1,
      pause_on_failure: policies.pauseOnFailure,
    },
  })
  return parsed.success ? parsed.data : scheduleTimes.parse({})
}

function secondsOf(duration: string | null | undefined): number {
  return duration == null ? 0 : (durationSeconds(duration) ?? 0)
}

function toCalendar(calendar: ScheduleCalendar): CalendarTimes {
  const { second, minute, hour, day_of_month, month, year, day_of_week, comment } = calendar
  return {
    second: second.map(toRange),
    minute: minute.map(toRange),
    hour: hour.map(toRange),
    dayOfMonth: day_of_month.map(toRange),
    month: month.map(toRange),
    year: year.map(toRange),
    dayOfWeek: day_of_week.map(toRange),
    comment: comment ?? null,
  }
}

/** An end before the start means the start alone, which Temporal understands of 0 only. */
function toRange({ start, end, step }: CalendarRange): CalendarRange {
  return { start, end: Math.max(start, end), step: Math.max(1, step) }
}

function fromCalendar(calendar: CalendarTimes) {
  const { dayOfMonth, dayOfWeek, comment, ...parts } = calendar
  return {
    ...parts,
    day_of_month: dayOfMonth,
    day_of_week: dayOfWeek,
    comment: comment?.slice(0, 1_000) ?? null,
  }
}
