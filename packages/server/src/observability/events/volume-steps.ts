const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Lengths of buckets that people can read off, in seconds. */
const STEPS = [
  1,
  2,
  5,
  10,
  15,
  30,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  14 * DAY,
  30 * DAY,
  90 * DAY,
  365 * DAY,
]

/** A span of time, cut into buckets. */
export interface Buckets {
  readonly stepSeconds: number
  /** Where each bucket begins, and where the last one ends: microseconds since 1970. */
  readonly bounds: readonly bigint[]
}

/**
 * Cuts a span of time into at most `max` buckets that begin at round times of UTC; the first begins at `from`, and the last
 * ends at `to`. Microseconds since 1970.
 */
export function bucketsOf(from: bigint, to: bigint, max: number): Buckets {
  const seconds = Number(to - from) / 1e6
  // At both ends a bucket may be cut off, so there can be one more than the span has room for.
  const fits = (step: number) => Math.ceil(seconds / step) + 1 <= max
  const stepSeconds = STEPS.find(fits) ?? Math.max(STEPS.at(-1)!, Math.ceil(seconds / Math.max(1, max - 1)))
  const step = BigInt(stepSeconds) * 1_000_000n
  const bounds = [from]
  for (let at = (from / step + 1n) * step; at < to && bounds.length < max; at += step) bounds.push(at)
  return { stepSeconds, bounds: [...bounds, to] }
}
