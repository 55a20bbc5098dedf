/** Units of a span of time, the largest first. */
export const UNITS = { days: 86_400, hours: 3_600, minutes: 60, seconds: 1 } as const
export type Unit = keyof typeof UNITS

/** A span of time as a form has it: a number, as it was typed, of a unit. */
export interface Span {
  readonly amount: string
  readonly unit: Unit
}

const FORM =
  /^P(?:(\d+(?:[.,]\d+)?)W)?(?:(\d+(?:[.,]\d+)?)D)?(?:T(?:(\d+(?:[.,]\d+)?)H)?(?:(\d+(?:[.,]\d+)?)M)?(?:(\d+(?:[.,]\d+)?)S)?)?$/

/** Seconds of an ISO 8601 duration without months and years, which are not always as long; null if it is none. */
export function secondsOf(duration: string): number | null {
  const found = FORM.exec(duration)
  if (!found || /^P(T?)$/.test(duration)) return null
  const [weeks, days, hours, minutes, seconds] = found
    .slice(1)
    .map((part) => Number((part ?? '0').replace(',', '.')))
  return weeks! * 7 * 86_400 + days! * 86_400 + hours! * 3_600 + minutes! * 60 + seconds!
}

/** The span in the largest unit that gives a whole number. */
export function spanOf(duration: string | null | undefined): Span {
  const seconds = duration ? secondsOf(duration) : null
  if (seconds === null) return { amount: '', unit: 'minutes' }
  const unit = (Object.keys(UNITS) as Unit[]).find(
    (one) => seconds >= UNITS[one] && seconds % UNITS[one] === 0,
  )
  return { amount: String(seconds / UNITS[unit ?? 'seconds']), unit: unit ?? 'seconds' }
}

/** An ISO 8601 duration; null if nothing was typed, undefined if it is no number. */
export function durationOf({ amount, unit }: Span): string | null | undefined {
  if (amount.trim() === '') return null
  const number = Number(amount.replace(',', '.'))
  if (!Number.isFinite(number) || number < 0) return undefined
  const letter = { days: 'D', hours: 'H', minutes: 'M', seconds: 'S' }[unit]
  if (Number.isInteger(number)) return unit === 'days' ? `P${number}D` : `PT${number}${letter}`
  return `PT${number * UNITS[unit]}S`
}
