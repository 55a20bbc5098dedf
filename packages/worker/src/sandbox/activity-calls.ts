import type { Duration } from '@temporalio/common'
import {
  type ActivityInterface,
  type ActivityOptions,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow'
import { type RateLimit, rateLimitQueue, rememberRateLimit } from '../definition/rate-limit.ts'

/** How activities are called. Temporal's own options are taken too, and come before these. */
export interface CallOptions extends ActivityOptions {
  /** How long one attempt may take. Five minutes unless said otherwise. */
  readonly timeout?: Duration
  /** How often it is tried before the call fails. Three times unless said otherwise; `Infinity` for no end. */
  readonly attempts?: number
  /** How often the activity must call `heartbeat` at least, so that one whose worker died is noticed. */
  readonly heartbeat?: Duration
  /** How many may start in a time, on all workers of the deployment together. */
  readonly rateLimit?: RateLimit
}

/** The functions of a file as a workflow calls them: each call waits for its result. */
export type ActivityCalls<A> = {
  readonly [K in keyof A as A[K] extends (...args: never[]) => unknown ? K : never]: A[K] extends (
    ...args: infer P
  ) => infer R
    ? (...args: P) => Promise<Awaited<R>>
    : never
}

/**
 * The activities of a file, as functions that a workflow may call: `activities<typeof steps>({ timeout: '1 minute' })`. They run
 * on a worker, outside the workflow, and are tried again when they fail. Import the file with `import type`.
 */
export function activities<A>(options: CallOptions = {}): ActivityCalls<A> {
  const { timeout = '5 minutes', attempts = 3, heartbeat, rateLimit, retry, ...others } = options
  if (rateLimit) rememberRateLimit(rateLimit)
  const settings: ActivityOptions = {
    ...(others.scheduleToCloseTimeout === undefined && { startToCloseTimeout: timeout }),
    ...(heartbeat !== undefined && { heartbeatTimeout: heartbeat }),
    ...others,
    retry: { ...(Number.isFinite(attempts) && { maximumAttempts: attempts }), ...retry },
  }
  const calls: Record<string, (...args: unknown[]) => unknown> = {}
  return new Proxy(calls, {
    get(known, name) {
      if (typeof name !== 'string') return undefined
      known[name] ??= (...args: unknown[]) => {
        const taskQueue = rateLimit && { taskQueue: rateLimitQueue(workflowInfo().taskQueue, rateLimit) }
        const proxy = proxyActivities<ActivityInterface>({ ...settings, ...taskQueue })
        return proxy[name]!(...args)
      }
      return known[name]
    },
  }) as ActivityCalls<A>
}
