import { z } from 'zod'
import { operation } from './operation.ts'
import { id, instant } from './scalars.ts'

const count = z.int().min(0)

/** What came through in a span of time. */
const traffic = z.object({
  nb_events: count,
  /** Calls that failed. */
  nb_errors: count,
  /** Calls whose caller hung up before the answer was complete. */
  nb_cancelled: count,
  input_tokens: count,
  output_tokens: count,
})

const overview = z.object({
  /** What every link that is handed out begins with, and what clients are given as the server's address. */
  public_url: z.url(),
  is_public_url_set: z.boolean(),
  /** The first whose pattern fits a model's name answers for it. */
  providers: z.array(z.object({ name: z.string(), models: z.string() })),
  workflows: z.object({
    engine: z.enum(['managed', 'external', 'none']),
    /** Why workflows cannot run (yet); null if they can. */
    unavailable: z.string().nullable(),
    /** `host:port` where workers connect; null if they cannot. */
    worker_address: z.string().nullable(),
    /** Why workers cannot connect; null if they can. */
    worker_closed: z.string().nullable(),
  }),
  /** Days after which events go; null: they are kept. */
  retention_days: count.nullable(),
  /** Days for which executions that have ended are kept. */
  workflow_retention_days: count,
  /** When the newest event happened; null before the first. */
  last_event_at: instant.nullable(),
  /** When a worker was heard of last; null before the first. */
  last_worker_at: instant.nullable(),
  /** Workers that are there at this moment. */
  nb_workers: count,
  /** The last 24 hours; null if the database did not count them in time. */
  last_day: traffic
    .extend({
      /** The hours of it, oldest first; the last one ends now. */
      hours: z.array(traffic.extend({ from: instant })),
    })
    .nullable(),
  campaigns: z.object({
    nb_running: count,
    /** The newest of those that run. */
    running: z.array(z.object({ id, name: z.string() })),
  }),
  /** Null if the database did not count them in time. */
  executions: z
    .object({
      nb_running: count,
      /** Those that ended within the last 24 hours and failed, timed out or were terminated. */
      nb_failed: count,
      /** Those that were started within the last 24 hours. */
      nb_started: count,
    })
    .nullable(),
})
export type Overview = z.output<typeof overview>

export const getOverview = operation({
  id: 'getOverview',
  method: 'GET',
  path: '/v1/overview',
  tag: 'Overview',
  access: 'read',
  errorShape: 'observability',
  status: 200,
  summary: 'What is configured, what has been seen, and the last day of the workspace at a glance',
  response: overview,
})
