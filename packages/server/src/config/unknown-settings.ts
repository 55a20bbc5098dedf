import { type Env, variableNames } from './env.ts'

const PREFIX = 'TRAMONTANE_'

/**
 * The variables that look like settings and are none, in a sentence each: a slip in a name would else change nothing, and
 * nobody would know.
 */
export function unknownSettings(env: Env): string[] {
  return (env.strangers?.() ?? []).map((name) => {
    const near = nearest(name)
    return `${name} is no setting and changes nothing: ${near === undefined ? 'example.env has all that there are' : `is ${near} meant?`}`
  })
}

/** The name that is most like it, if half of what follows `TRAMONTANE_` is the same. */
function nearest(name: string): string | undefined {
  const own = name.toUpperCase().slice(PREFIX.length)
  const candidates = Object.values(variableNames).map((known) => {
    const other = known.slice(PREFIX.length)
    return { known, difference: slips(own, other) / Math.max(own.length, other.length) }
  })
  const [best] = candidates.sort((a, b) => a.difference - b.difference)
  return best !== undefined && best.difference <= 0.5 ? best.known : undefined
}

/** How many letters were left out, put in, changed or swapped with their neighbour (optimal string alignment). */
function slips(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      row[j] = Math.min(changed, rows[i - 1]![j]! + 1, row[j - 1]! + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j]!, rows[i - 2]![j - 2]! + 1)
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}
