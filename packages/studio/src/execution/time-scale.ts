/** A stretch of time in which nothing happens, and which takes little room. */
export interface Fold {
  readonly from: number
  readonly to: number
  /** Where it lies, from 0 to 1. */
  readonly at: number
  readonly width: number
}

/** Puts instants on a line from 0 to 1. */
export interface TimeScale {
  readonly from: number
  readonly to: number
  readonly folds: readonly Fold[]
  /** Where an instant lies. */
  place(at: number): number
  /** The instant at a place. */
  instant(place: number): number
}

/** Shorter gaps are never folded. */
const MIN_GAP_MS = 1_000
/** A gap is idle time when it is so many times longer than what lies between two events elsewhere. */
const GAP_RATIO = 20
/** What one folded stretch takes of the line, and all of them together. */
const FOLD_WIDTH = 0.03
const FOLDS_WIDTH = 0.4

interface Stretch {
  readonly from: number
  readonly to: number
  readonly isFold: boolean
}

/**
 * @param moments when something happened, in any order
 * @param busy stretches in which something is at work, and which are therefore never folded
 * @param options.fold whether idle time is folded at all
 */
export function timeScale(
  from: number,
  to: number,
  {
    moments,
    busy,
    fold,
  }: { moments: readonly number[]; busy: readonly (readonly [number, number])[]; fold: boolean },
): TimeScale {
  const end = Math.max(to, from + 1)
  const stretches = fold ? stretchesOf(from, end, moments, busy) : [{ from, to: end, isFold: false }]
  const folds = stretches.filter(({ isFold }) => isFold)
  const foldWidth = folds.length === 0 ? 0 : Math.min(FOLD_WIDTH, FOLDS_WIDTH / folds.length)
  const open = stretches.reduce((sum, one) => sum + (one.isFold ? 0 : one.to - one.from), 0)
  // Where only idle time is, it has all the room.
  const rate = open === 0 ? 0 : (1 - foldWidth * folds.length) / open
  const ends: number[] = []
  let at = 0
  for (const one of stretches) {
    at += one.isFold ? (open === 0 ? 1 / folds.length : foldWidth) : (one.to - one.from) * rate
    ends.push(at)
  }
  const placeIn = (index: number, instant: number) => {
    const { from: begin, to: finish } = stretches[index]!
    const left = index === 0 ? 0 : ends[index - 1]!
    return left + ((instant - begin) / Math.max(1, finish - begin)) * (ends[index]! - left)
  }
  return {
    from,
    to: end,
    folds: folds.map((one) => {
      const index = stretches.indexOf(one)
      const left = index === 0 ? 0 : ends[index - 1]!
      return { from: one.from, to: one.to, at: left, width: ends[index]! - left }
    }),
    place: (instant) => {
      if (instant <= from) return 0
      if (instant >= end) return 1
      return placeIn(lastAtOrBefore(stretches, instant), instant)
    },
    instant: (place) => {
      if (place <= 0) return from
      if (place >= 1) return end
      const index = ends.findIndex((one) => place <= one)
      const one = stretches[index === -1 ? stretches.length - 1 : index]!
      const left = index <= 0 ? 0 : ends[index - 1]!
      return one.from + ((place - left) / Math.max(1e-9, ends[index]! - left)) * (one.to - one.from)
    },
  }
}

function lastAtOrBefore(stretches: readonly Stretch[], instant: number): number {
  let [low, high] = [0, stretches.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (stretches[middle]!.from <= instant) low = middle
    else high = middle - 1
  }
  return low
}

/** The time from begin to end, cut into what is shown as it is and what is folded. */
function stretchesOf(
  from: number,
  to: number,
  moments: readonly number[],
  busy: readonly (readonly [number, number])[],
): Stretch[] {
  const sorted = Float64Array.from([from, ...moments.filter((one) => one > from && one < to), to]).sort()
  const gaps = Float64Array.from(
    { length: sorted.length - 1 },
    (_, index) => sorted[index + 1]! - sorted[index]!,
  )
  const median = Float64Array.from(gaps).sort()[gaps.length >> 1] ?? 0
  const limit = Math.max(MIN_GAP_MS, median * GAP_RATIO, (to - from) / 200)
  const occupied = merged(busy)
  const stretches: Stretch[] = []
  let begin = from
  for (let index = 0; index < gaps.length; index++) {
    const [left, right] = [sorted[index]!, sorted[index + 1]!]
    if (gaps[index]! <= limit || isWithin(occupied, left, right)) continue
    if (left > begin) stretches.push({ from: begin, to: left, isFold: false })
    stretches.push({ from: left, to: right, isFold: true })
    begin = right
  }
  if (begin < to) stretches.push({ from: begin, to, isFold: false })
  return stretches
}

function merged(stretches: readonly (readonly [number, number])[]): [number, number][] {
  const all: [number, number][] = []
  for (const [from, to] of [...stretches].sort((a, b) => a[0] - b[0])) {
    const last = all.at(-1)
    if (last && from <= last[1]) last[1] = Math.max(last[1], to)
    else all.push([from, to])
  }
  return all
}

/** Whether one of some sorted, separate stretches covers all of another one. */
function isWithin(occupied: readonly (readonly [number, number])[], from: number, to: number): boolean {
  let [low, high] = [0, occupied.length - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const [begin, end] = occupied[middle]!
    if (begin <= from && end >= to) return true
    if (begin > from) high = middle - 1
    else low = middle + 1
  }
  return false
}

const STEPS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
  600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000, 604_800_000,
]

/** Instants to be marked on the line, counted from `origin`, at most about `count`; none within folds. */
export function ticks(scale: TimeScale, count: number, origin = scale.from): number[] {
  const shown = scale.to - scale.from - scale.folds.reduce((sum, fold) => sum + fold.to - fold.from, 0)
  const step = STEPS_MS.find((one) => shown / one <= count) ?? STEPS_MS.at(-1)!
  const found: number[] = []
  let last = Number.NEGATIVE_INFINITY
  const edges = [scale.from, ...scale.folds.flatMap(({ from, to }) => [from, to]), scale.to]
  for (let edge = 0; edge < edges.length; edge += 2) {
    const [from, to] = [edges[edge]!, edges[edge + 1]!]
    const first = origin + Math.ceil((from - origin) / step) * step
    for (let at = first; at <= to; at += step) {
      const place = scale.place(at)
      if (place - last < 0.7 / count) continue
      found.push(at)
      last = place
    }
  }
  return found
}
