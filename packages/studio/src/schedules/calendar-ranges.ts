import type { ScheduleCalendar } from '@tramontane/contract/schedules'

/** The parts of a calendar, with what they may be and what they are if nothing is said. */
export const CALENDAR_PARTS = [
  { part: 'minute', label: 'Minute', min: 0, max: 59, otherwise: '0' },
  { part: 'hour', label: 'Hour', min: 0, max: 23, otherwise: '0' },
  { part: 'day_of_month', label: 'Day of month', min: 1, max: 31, otherwise: '*' },
  { part: 'month', label: 'Month', min: 1, max: 12, otherwise: '*' },
  { part: 'day_of_week', label: 'Weekday (0: Sun)', min: 0, max: 6, otherwise: '*' },
  { part: 'year', label: 'Year', min: 0, max: 9_999, otherwise: '*' },
  { part: 'second', label: 'Second', min: 0, max: 59, otherwise: '0' },
] as const

export type CalendarPart = (typeof CALENDAR_PARTS)[number]['part']
export type Ranges = ScheduleCalendar[CalendarPart]

/** What is wrong with what was typed. */
export class RangeMistake extends Error {}

/**
 * Ranges as they are typed in cron expressions: `5`, `1-5`, `1,15`, any of them with `/2`, and `*` for all.
 * @throws RangeMistake
 */
export function rangesOf(text: string, part: CalendarPart): Ranges {
  const { min, max, otherwise, label } = CALENDAR_PARTS.find((one) => one.part === part)!
  const typed = text.trim() === '' ? otherwise : text.trim()
  // No range of years means every year.
  if (part === 'year' && typed === '*') return []
  return typed.split(',').map((piece) => {
    const found = /^(?:(\*)|(\d+)(?:\s*-\s*(\d+))?)(?:\/(\d+))?$/.exec(piece.trim())
    if (!found) throw new RangeMistake(`${label}: “${piece.trim()}” is none of 5, 1-5, */2, 1-5/2.`)
    const [, all, first, last, step] = found
    const start = all ? min : Number(first)
    // A step counts on from the number before it.
    const end = all || (step && last === undefined) ? max : Number(last ?? first)
    if (start < min || end > max) throw new RangeMistake(`${label}: from ${min} to ${max}.`)
    if (end < start) throw new RangeMistake(`${label}: “${piece.trim()}” runs backwards.`)
    if (step === '0') throw new RangeMistake(`${label}: a step is at least 1.`)
    return { start, end, step: Number(step ?? 0) }
  })
}

/** Ranges as one types them. */
export function textOfRanges(ranges: Ranges, part: CalendarPart): string {
  const { min, max } = CALENDAR_PARTS.find((one) => one.part === part)!
  if (ranges.length === 0) return part === 'year' ? '*' : ''
  return ranges
    .map(({ start, end, step }) => {
      const last = Math.max(start, end)
      const suffix = step > 1 ? `/${step}` : ''
      const isAll = start === min && last >= max
      if (isAll) return `*${suffix}`
      return start === last ? String(start) : `${start}-${last}${suffix}`
    })
    .join(',')
}
