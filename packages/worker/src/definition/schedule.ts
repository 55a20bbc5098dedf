import type { Duration } from '@temporalio/common'
import { msToNumber } from '@temporalio/common/lib/time.js'
import { DefinitionError } from './definition-names.ts'

/** A value, several, or a range of them with both ends in it. */
export type CalendarField = number | readonly number[] | { start: number; end: number; step?: number }

/** Times by the calendar. A field that is left out matches every value, except seconds, minutes and hours: those are 0. */
export interface Calendar {
  second?: CalendarField
  minute?: CalendarField
  hour?: CalendarField
  dayOfMonth?: CalendarField
  /** 1 is January. */
  month?: CalendarField
  year?: CalendarField
  /** 0 is Sunday. */
  dayOfWeek?: CalendarField
}

/** What happens when it is time and the execution before is still running, by the number that the API has for it. */
const overlaps = {
  skip: 1,
  bufferOne: 2,
  bufferAll: 3,
  cancelOther: 4,
  terminateOther: 5,
  allowAll: 6,
} as const

/** When a workflow is started without being asked. At least one of `cron`, `every` and `calendars`. */
export interface Schedule<Input> {
  /** Keeps its place when the worker comes again: a changed schedule with the same id takes the place of the older one. */
  readonly id: string
  readonly input?: Input
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  readonly cron?: string | readonly string[]
  readonly every?: Duration
  readonly calendars?: readonly Calendar[]
  /** Times at which not to start it after all. */
  readonly skip?: readonly Calendar[]
  /** By its IANA name, such as `Europe/Paris`. UTC otherwise. */
  readonly timeZone?: string
  readonly startAt?: Date
  readonly endAt?: Date
  /** Later by a random time up to this. */
  readonly jitter?: Duration
  /** `skip` unless said otherwise. */
  readonly overlap?: keyof typeof overlaps
  /** How late a start may be made up for after an outage. A year unless said otherwise. */
  readonly catchUp?: Duration
  readonly pauseOnFailure?: boolean
  /** How often at most. */
  readonly maxExecutions?: number
}

/**
 * A schedule as the API takes it.
 * @throws DefinitionError if it has no times, or a time that is none
 */
export function scheduleOnWire(workflow: string, schedule: Schedule<unknown>): Record<string, unknown> {
  const crons = typeof schedule.cron === 'string' ? [schedule.cron] : (schedule.cron ?? [])
  if (crons.length === 0 && schedule.every === undefined && !schedule.calendars?.length)
    throw new DefinitionError(
      `The schedule "${schedule.id}" of the workflow "${workflow}" has no times: give it \`cron\`, \`every\` or \`calendars\`.`,
    )
  return {
    schedule_id: schedule.id,
    input: schedule.input ?? null,
    cron_expressions: crons,
    intervals: schedule.every === undefined ? [] : [{ every: isoDuration(schedule.every), offset: null }],
    calendars: (schedule.calendars ?? []).map(calendarOnWire),
    skip: (schedule.skip ?? []).map(calendarOnWire),
    start_at: schedule.startAt?.toISOString() ?? null,
    end_at: schedule.endAt?.toISOString() ?? null,
    jitter: schedule.jitter === undefined ? null : isoDuration(schedule.jitter),
    time_zone_name: schedule.timeZone ?? null,
    policy: {
      catchup_window_seconds: Math.round(msToNumber(schedule.catchUp ?? '365 days') / 1000),
      overlap: overlaps[schedule.overlap ?? 'skip'],
      pause_on_failure: schedule.pauseOnFailure ?? false,
    },
    max_executions: schedule.maxExecutions ?? null,
  }
}

/**
 * A duration as ISO 8601.
 * @throws TypeError for a text that is no duration
 */
export function isoDuration(duration: Duration): string {
  return `PT${msToNumber(duration) / 1000}S`
}

function calendarOnWire(calendar: Calendar): Record<string, unknown> {
  const of = (field: CalendarField | undefined, otherwise: CalendarField) => ranges(field ?? otherwise)
  return {
    second: of(calendar.second, 0),
    minute: of(calendar.minute, 0),
    hour: of(calendar.hour, 0),
    day_of_month: of(calendar.dayOfMonth, { start: 1, end: 31 }),
    month: of(calendar.month, { start: 1, end: 12 }),
    year: calendar.year === undefined ? [] : ranges(calendar.year),
    day_of_week: of(calendar.dayOfWeek, { start: 0, end: 6 }),
    comment: null,
  }
}

function ranges(field: CalendarField): { start: number; end: number; step: number }[] {
  if (typeof field === 'number') return [{ start: field, end: field, step: 1 }]
  if ('start' in field) return [{ start: field.start, end: field.end, step: field.step ?? 1 }]
  return field.map((value) => ({ start: value, end: value, step: 1 }))
}
