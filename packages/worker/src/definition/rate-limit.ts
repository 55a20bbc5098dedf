import type { Duration } from '@temporalio/common'
import { msToNumber } from '@temporalio/common/lib/time.js'
import { DefinitionError } from './definition-names.ts'

/** So many in a time. */
export interface RateLimit {
  /** Activities with the same key share the limit. */
  readonly key: string
  readonly max: number
  readonly per: Duration
}

const known = new Map<string, RateLimit>()

/** A limit has a queue of its own, on which Temporal hands out no more than it allows. */
export function rateLimitQueue(deployment: string, limit: RateLimit): string {
  return `${deployment}-rate-limited-${limit.key}`
}

/** What a limit comes to in a second. */
export function perSecond(limit: RateLimit): number {
  return limit.max / (msToNumber(limit.per) / 1000)
}

/**
 * Keeps a limit that a workflow file declares, so that the worker that loads the file serves its queue.
 * @throws DefinitionError if it allows nothing, or another limit has its key
 */
export function rememberRateLimit(limit: RateLimit): void {
  if (!/^[a-zA-Z0-9_.-]{1,100}$/.test(limit.key) || !(perSecond(limit) > 0))
    throw new DefinitionError(
      `The rate limit ${JSON.stringify(limit)} cannot work: \`key\` has letters, digits, "-", "_" and ".", \`max\` and \`per\` are above 0.`,
    )
  const other = known.get(limit.key)
  if (other && perSecond(other) !== perSecond(limit))
    throw new DefinitionError(
      `The rate limit "${limit.key}" is declared twice with different numbers: declare it once, and use that one.`,
    )
  known.set(limit.key, limit)
}

/** Every limit that was declared in this process. */
export function knownRateLimits(): RateLimit[] {
  return [...known.values()]
}
