/** The last instant that fits into a `bigint` of SQL, in the year 2262. */
const MAX_NANOS = 2n ** 63n - 1n

/**
 * Nanoseconds since 1970 of an instant in ISO 8601 with a zone; instants that SQL cannot hold become the nearest that
 * it can.
 */
export function nanosOf(instant: string): bigint {
  const [, fraction = ''] = /\.(\d+)/.exec(instant) ?? []
  const seconds = Date.parse(instant.replace(/\.\d+/, ''))
  const nanos = BigInt(seconds) * 1_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'))
  return nanos < 0n ? 0n : nanos > MAX_NANOS ? MAX_NANOS : nanos
}

/** An instant in ISO 8601, UTC, with the six digits of a second that every client reads. */
export function isoOfNanos(nanos: bigint): string {
  const micros = String((nanos / 1_000n) % 1_000n).padStart(3, '0')
  return new Date(Number(nanos / 1_000_000n)).toISOString().replace('Z', `${micros}Z`)
}
