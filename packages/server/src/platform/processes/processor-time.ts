import { readFileSync } from 'node:fs'

/** What Linux counts in, for every program that asks: a hundred ticks a second. */
const TICK_MS = 10

/** Milliseconds of processor time that a process has used; undefined where the system does not tell (elsewhere than on Linux). */
export function processorTime(pid: number | undefined): number | undefined {
  try {
    // The name in parentheses may hold anything, spaces and parentheses too.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/s, '').trim().split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS
  } catch {
    return undefined
  }
}
