import type { Schedule, ScheduleCalendar } from '@tramontane/contract/schedules'
import { CALENDAR_PARTS, type CalendarPart, RangeMistake, rangesOf, textOfRanges } from './calendar-ranges.ts'
import { durationOf, type Span, spanOf } from './iso-duration.ts'

/** A calendar as it is typed. */
export type CalendarDraft = Readonly<Record<CalendarPart, string>> & { readonly comment: string }

export interface IntervalDraft {
  readonly every: Span
  readonly offset: Span
}

/** When a schedule starts its workflow, as a form has it: texts, as they were typed. */
export interface ScheduleDraft {
  readonly crons: readonly string[]
  readonly intervals: readonly IntervalDraft[]
  readonly calendars: readonly CalendarDraft[]
  readonly skip: readonly CalendarDraft[]
  readonly timeZone: string
  /** Local times, as fields for them have them. */
  readonly startAt: string
  readonly endAt: string
  readonly jitter: Span
  readonly maxExecutions: string
  readonly overlap: number
  readonly catchup: Span
  readonly pauseOnFailure: boolean
}

const NOTHING: Span = { amount: '', unit: 'minutes' }

export const EMPTY_INTERVAL: IntervalDraft = { every: { amount: '1', unit: 'hours' }, offset: NOTHING }
export const EMPTY_CALENDAR: CalendarDraft = {
  second: '',
  minute: '0',
  hour: '2',
  day_of_month: '',
  month: '',
  year: '',
  day_of_week: '',
  comment: '',
}

/** @param timeZone the reader's */
export function newDraft(timeZone: string): ScheduleDraft {
  return {
    crons: ['0 2 * * *'],
    intervals: [],
    calendars: [],
    skip: [],
    timeZone,
    startAt: '',
    endAt: '',
    jitter: NOTHING,
    maxExecutions: '',
    overlap: 1,
    catchup: { amount: '365', unit: 'days' },
    pauseOnFailure: false,
  }
}

/** A schedule as its form begins. */
export function draftOf(schedule: Schedule): ScheduleDraft {
  return {
    crons: schedule.cron_expressions,
    intervals: schedule.intervals.map(({ every, offset }) => ({
      every: spanOf(every),
      offset: spanOf(offset),
    })),
    calendars: schedule.calendars.map(calendarDraft),
    skip: schedule.skip.map(calendarDraft),
    timeZone: schedule.time_zone_name ?? '',
    startAt: localTime(schedule.start_at),
    endAt: localTime(schedule.end_at),
    jitter: spanOf(schedule.jitter),
    maxExecutions: schedule.remaining_executions === null ? '' : String(schedule.remaining_executions),
    overlap: schedule.policy.overlap,
    catchup: spanOf(`PT${schedule.policy.catchup_window_seconds}S`),
    pauseOnFailure: schedule.policy.pause_on_failure,
  }
}

function calendarDraft(calendar: ScheduleCalendar): CalendarDraft {
  const parts = Object.fromEntries(
    CALENDAR_PARTS.map(({ part }) => [part, textOfRanges(calendar[part], part)]),
  )
  return { ...(parts as Record<CalendarPart, string>), comment: calendar.comment ?? '' }
}

function localTime(instant: string | null | undefined): string {
  if (!instant) return ''
  const date = new Date(instant)
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** What is wrong with a draft, by the part of the form. */
export type DraftMistakes = Readonly<Partial<Record<keyof ScheduleDraft | 'times', string>>>

/** The members of a schedule's definition that a draft says. */
export type DraftDefinition = ReturnType<typeof build>

/** What a draft says; or what is wrong with it. */
export function definitionOf(
  draft: ScheduleDraft,
): { definition: DraftDefinition } | { mistakes: DraftMistakes } {
  const mistakes: Partial<Record<keyof ScheduleDraft | 'times', string>> = {}
  const tried = <T>(part: keyof ScheduleDraft, work: () => T): T | undefined => {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof RangeMistake)) throw error
      mistakes[part] = error.message
      return undefined
    }
  }
  const calendars = tried('calendars', () => draft.calendars.map(calendarOf))
  const skip = tried('skip', () => draft.skip.map(calendarOf))
  const intervals = tried('intervals', () =>
    draft.intervals.map(({ every, offset }) => {
      const length = durationOf(every)
      const shift = durationOf(offset)
      if (!length || shift === undefined || Number(every.amount) === 0)
        throw new RangeMistake('An interval is a number that is more than 0; so is what it is put off by.')
      return { every: length, offset: shift }
    }),
  )
  const jitter = durationOf(draft.jitter)
  if (jitter === undefined) mistakes.jitter = 'A number.'
  const catchup = durationOf(draft.catchup)
  if (!catchup) mistakes.catchup = 'A number.'
  if (!/^\d*$/.test(draft.maxExecutions.trim())) mistakes.maxExecutions = 'A whole number, or nothing.'
  const crons = draft.crons.map((cron) => cron.trim()).filter(Boolean)
  if (crons.length + draft.intervals.length + draft.calendars.length === 0)
    mistakes.times = 'It would never start anything: add a cron expression, an interval or a calendar.'
  if (draft.startAt && draft.endAt && draft.endAt <= draft.startAt)
    mistakes.endAt = 'It ends before it begins.'
  if (Object.keys(mistakes).length > 0) return { mistakes }
  return {
    definition: build(draft, {
      crons,
      calendars: calendars!,
      skip: skip!,
      intervals: intervals!,
      jitter: jitter!,
      catchup: catchup!,
    }),
  }
}

function build(
  draft: ScheduleDraft,
  parts: {
    crons: string[]
    calendars: ScheduleCalendar[]
    skip: ScheduleCalendar[]
    intervals: { every: string; offset: string | null }[]
    jitter: string | null
    catchup: string
  },
) {
  const { amount, unit } = spanOf(parts.catchup)
  const unitSeconds = { days: 86_400, hours: 3_600, minutes: 60, seconds: 1 }[unit]
  return {
    cron_expressions: parts.crons,
    intervals: parts.intervals,
    calendars: parts.calendars,
    skip: parts.skip,
    time_zone_name: draft.timeZone.trim() || null,
    start_at: draft.startAt ? new Date(draft.startAt).toISOString() : null,
    end_at: draft.endAt ? new Date(draft.endAt).toISOString() : null,
    jitter: parts.jitter,
    max_executions: draft.maxExecutions.trim() === '' ? null : Number(draft.maxExecutions),
    policy: {
      overlap: draft.overlap,
      catchup_window_seconds: Math.round(Number(amount) * unitSeconds),
      pause_on_failure: draft.pauseOnFailure,
    },
  }
}

function calendarOf(draft: CalendarDraft): ScheduleCalendar {
  const parts = Object.fromEntries(CALENDAR_PARTS.map(({ part }) => [part, rangesOf(draft[part], part)]))
  return {
    ...(parts as Record<CalendarPart, ScheduleCalendar[CalendarPart]>),
    comment: draft.comment.trim() || null,
  }
}
