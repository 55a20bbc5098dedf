/** One line of the table that `npm run bench` prints. */
export interface Row {
  readonly name: string
  readonly unit: string
  readonly value: number
  /** What must hold, in words: `≥ 90 %`. */
  readonly target: string
  readonly ok: boolean
  /** What was measured against what. */
  readonly note: string
}

/** A value that must not be greater than a limit. */
export function atMost(name: string, unit: string, value: number, limit: number, note: string): Row {
  return { name, unit, value, target: `≤ ${limit}`, ok: value <= limit, note }
}

/** A value that must not be smaller than a limit. */
export function atLeast(name: string, unit: string, value: number, limit: number, note: string): Row {
  return { name, unit, value, target: `≥ ${limit}`, ok: value >= limit, note }
}

/** A value that others are compared with. */
export function shown(name: string, unit: string, value: number, note: string): Row {
  return { name, unit, value, target: '', ok: true, note }
}

/** The middle one of some numbers. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!
}

/** The number below which a share (0…1) of the numbers lies. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
}
