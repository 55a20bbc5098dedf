import { z } from 'zod'

/**
 * A whole number that may come as a string (`"100"`), as the documented curl examples send it and as every query
 * string does.
 */
export function wholeNumber({ min, max }: { min?: number; max?: number } = {}) {
  let number = z.int()
  if (min !== undefined) number = number.min(min)
  if (max !== undefined) number = number.max(max)
  return z.preprocess(
    (value) => (typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value),
    number,
  )
}

/** `true`/`false`, also as a string: the values a query string can carry. */
export const queryBoolean = z.preprocess(
  (value) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean(),
)

/** A query parameter that may be repeated (`?a=1&a=2`), `max` times; one value counts as a list of one. */
export function repeated<T extends z.ZodType>(item: T, max = 100) {
  return z.preprocess(
    (value) => (value === undefined || Array.isArray(value) ? value : [value]),
    z.array(item).max(max).optional(),
  )
}

/** An id that we made: a UUID. An id that is none cannot exist, which the route answers like any unknown id: 404. */
export const id = z.uuid()

/** An instant on the wire: ISO 8601 with a zone, UTC in answers. */
export const instant = z.iso.datetime({ offset: true })

/** Any JSON object. Never read a user's key off it as a property path; see `platform/http`. */
export const jsonObject = z.record(z.string(), z.unknown())

/** Text that PostgreSQL can hold: without NUL characters and halves of surrogate pairs, which only broken tools send. */
export function wellFormedText(min: number, max: number) {
  return z
    .string()
    .min(min)
    .max(max)
    .refine((text) => !text.includes('\0') && text.isWellFormed(), {
      error: 'must hold no NUL character and no half of a surrogate pair',
    })
}
