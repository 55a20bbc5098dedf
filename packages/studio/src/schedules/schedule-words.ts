import type { Schedule, ScheduleCalendar } from '@tramontane/contract/schedules'
import { duration } from '../formats/durations.ts'
import { CALENDAR_PARTS, type CalendarPart, textOfRanges } from './calendar-ranges.ts'
import { secondsOf } from './iso-duration.ts'

export const OVERLAPS: Readonly<Record<number, string>> = {
  1: 'leave the new one out',
  2: 'keep one for afterwards',
  3: 'keep all for afterwards',
  4: 'cancel the running one',
  5: 'terminate the running one',
  6: 'start all the same',
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

/** The times of a schedule, each in a few words. */
export function timesInWords(
  schedule: Pick<Schedule, 'calendars' | 'intervals' | 'cron_expressions'>,
): string[] {
  return [
    ...schedule.cron_expressions,
    ...schedule.intervals.map(({ every, offset }) => {
      const text = `every ${spanInWords(every)}`
      return offset && secondsOf(offset) ? `${text}, ${spanInWords(offset)} later` : text
    }),
    ...schedule.calendars.map(calendarInWords),
  ]
}

function spanInWords(iso: string): string {
  const seconds = secondsOf(iso)
  return seconds === null ? iso : duration(seconds * 1_000)
}

/** `02:30 on Monday`, or the parts that say something. */
export function calendarInWords(calendar: ScheduleCalendar): string {
  if (calendar.comment) return calendar.comment
  const text = (part: CalendarPart) => textOfRanges(calendar[part], part)
  const [hour, minute, second] = [text('hour'), text('minute'), text('second')]
  const isTime = [hour, minute, second].every((one) => /^\d+$/.test(one))
  const words: string[] = []
  if (isTime)
    words.push(
      [hour, minute, ...(second === '0' ? [] : [second])].map((one) => one.padStart(2, '0')).join(':'),
    )
  else {
    words.push(`hour ${hour}`, `minute ${minute}`)
    if (second !== '0') words.push(`second ${second}`)
  }
  const days = text('day_of_week')
  if (days !== '*') words.push(`on ${days.replaceAll(/(?<!\/)\b\d\b/g, (day) => DAYS[Number(day)] ?? day)}`)
  for (const { part, label } of CALENDAR_PARTS)
    if (part === 'day_of_month' || part === 'month' || part === 'year') {
      const value = text(part)
      if (value !== '*') words.push(`${label.toLowerCase()} ${value}`)
    }
  return words.join(' ')
}
