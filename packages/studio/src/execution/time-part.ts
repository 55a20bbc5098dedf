import type { TimeScale } from './time-scale.ts'

/** The part of a timeline that is looked at, in milliseconds since 1970. Without an end it goes on with the present. */
export interface TimePart {
  readonly from: number | undefined
  readonly to: number | undefined
}

export const ALL: TimePart = { from: undefined, to: undefined }
/** Histories have milliseconds; a shorter part would show nothing more. */
const MIN_PART_MS = 10
/** Parts are of whole milliseconds: as far away as before, one may have lost some, and with them the first or last event. */
const NEARLY_ALL = 0.95

/** A stretch as a part of a whole: where it reaches an end of the whole, it is bound there by nothing. */
export function partOf(whole: TimeScale, from: number, to: number): TimePart {
  const missing = Math.max(0, MIN_PART_MS - (to - from)) / 2
  const [begin, end] = [Math.round(from - missing), Math.round(to + missing)]
  return { from: begin <= whole.from ? undefined : begin, to: end >= whole.to ? undefined : end }
}

/**
 * A part that shows more or less than the one before; what is at `place` stays about where it is.
 * @param shown the scale of the part before
 * @param factor greater than 1: nearer
 * @param place from 0 to 1
 */
export function zoomed(whole: TimeScale, shown: TimeScale, factor: number, place: number): TimePart {
  return moved(whole, shown, place - place / factor, place + (1 - place) / factor)
}

/** The part beside the one before. @param by of its length; less than 0: earlier */
export function panned(whole: TimeScale, shown: TimeScale, by: number): TimePart {
  return moved(whole, shown, by, 1 + by)
}

/** The part between two places of the one before. What would lie beyond an end of the whole is added at the other side. */
function moved(whole: TimeScale, shown: TimeScale, left: number, right: number): TimePart {
  if (left >= 0 && right <= 1) {
    const [from, to] = [shown.instant(left), shown.instant(right)]
    return to - from < MIN_PART_MS ? partOf(whole, shown.from, shown.to) : partOf(whole, from, to)
  }
  const begin = whole.place(shown.from)
  const length = whole.place(shown.to) - begin
  const newLength = (right - left) * length
  if (newLength >= NEARLY_ALL) return ALL
  const from = Math.max(0, Math.min(1 - newLength, begin + left * length))
  return partOf(whole, whole.instant(from), whole.instant(from + newLength))
}
