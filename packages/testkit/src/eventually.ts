import { setTimeout as delay } from 'node:timers/promises'

/** A value without what counts as "not yet". */
type Truthy<T> = Exclude<T, null | undefined | false | 0 | ''>

/**
 * Waits until `probe` gives something truthy, and returns it. What throws inside counts as "not yet".
 * @param options.timeoutMs after which the last error, or the last value, is thrown
 */
export async function eventually<T>(
  probe: () => Promise<T> | T,
  { timeoutMs = 60_000, everyMs = 25 } = {},
): Promise<Truthy<T>> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    let last: unknown
    try {
      const value = await probe()
      if (value) return value as Truthy<T>
      last = new Error(`still ${JSON.stringify(value)} after ${timeoutMs} ms`)
    } catch (error) {
      last = error
    }
    if (Date.now() > deadline) throw last
    await delay(everyMs)
  }
}
