import { type InstantUnit, instantLiteral } from '../../platform/http/nanoseconds.ts'
import type { Attributes } from '../../platform/otlp/attributes.ts'

/** Writes an instant in nanoseconds as a number of JSON, all its digits. */
export type Nano = (nanos: bigint) => number

/** Literals of JSON that no number of JavaScript holds; `JSON.stringify` writes them as they are. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): object }

/** @param unit in which the caller is told instants */
export function nanoIn(unit: InstantUnit): Nano {
  return (nanos) => rawJSON(instantLiteral(nanos, unit)) as unknown as number
}

/** Attributes as traces answer them: lists and objects, which not every client can read there, as their JSON. */
export function flat(attributes: Attributes): Record<string, string | number | boolean | null> {
  // From entries, so that a sender's `__proto__` stays a key like any other.
  return Object.fromEntries(
    [...attributes].map(([name, value]) => [
      name,
      typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
    ]),
  )
}

export function nanosOfDate(date: Date): bigint {
  return BigInt(date.getTime()) * 1_000_000n
}
