import { z } from 'zod'

const NUMBER = String.raw`(\d{1,12}(?:[.,]\d{1,9})?)`
const PATTERN = new RegExp(
  `^([+-])?P(?:${NUMBER}Y)?(?:${NUMBER}M)?(?:${NUMBER}W)?(?:${NUMBER}D)?(?:T(?:${NUMBER}H)?(?:${NUMBER}M)?(?:${NUMBER}S)?)?$`,
)
const DAY = 86_400
/** Seconds of each part. Years and months as Python's writers of durations mean them: 365 and 30 days. */
const PARTS = [365 * DAY, 30 * DAY, 7 * DAY, DAY, 3600, 60, 1] as const

/** The seconds of an ISO 8601 duration (`PT1H30M`, `P1DT0.5S`); undefined if the text is none. */
export function durationSeconds(text: string): number | undefined {
  const match = PATTERN.exec(text)
  const parts = match?.slice(2)
  if (!match || !parts?.some((part) => part !== undefined) || text.endsWith('T')) return undefined
  const seconds = parts.reduce(
    (sum, part, index) => sum + Number((part ?? '0').replace(',', '.')) * PARTS[index]!,
    0,
  )
  return match[1] === '-' ? -seconds : seconds
}

/** A duration on the wire: ISO 8601, or a number of seconds. Read as seconds. */
export const duration = z.union([z.number(), z.string().max(100)]).transform((value, context) => {
  const seconds = typeof value === 'number' ? value : durationSeconds(value)
  if (seconds !== undefined) return seconds
  context.addIssue({ code: 'custom', message: 'must be an ISO 8601 duration, such as PT1H30M' })
  return z.NEVER
})
