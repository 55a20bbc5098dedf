import { z } from 'zod'
import { execution, executionSummary, historyQuery } from './executions.ts'
import { operation } from './operation.ts'
import { instant, jsonObject, wholeNumber } from './scalars.ts'

// What the vendor's operations do not tell of a run: its history as it grows and in pages, what is pending, and which
// runs an execution had.

const tag = 'Workflow runs'
const shared = { method: 'GET', tag, access: 'read', errorShape: 'workflows', status: 200 } as const
const params = z.object({ run_id: z.string() })

/** An event of a run's history in short: without what was handed over. */
export const historyEvent = z.object({
  /** 1, 2, 3 …; a WORKFLOW_TASK_COMPLETED's is what `resetExecution` takes. */
  event_id: z.int(),
  /** `ACTIVITY_TASK_SCHEDULED` */
  event_type: z.string(),
  event_time: instant,
  /**
   * Texts, numbers and truth values, by Temporal's names; of a type its name, of a failure its message, of the time that a
   * timer runs its seconds (`3600s`).
   */
  attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  /** The beginnings of `input`, `result` and `details`, as JSON; without those that only a client can decode. */
  previews: z.record(z.string(), z.string()),
})
export type HistoryEvent = z.output<typeof historyEvent>

/** Number of the last event that is known; empty is none. */
const lastEvent = z.union([
  z
    .string()
    .regex(/^\d{0,9}$/, { error: 'must be the number of an event' })
    .transform(Number),
  z.int().min(0),
])

export const streamRunHistory = operation({
  ...shared,
  id: 'streamRunHistory',
  path: '/v1/workflows/runs/{run_id}/history/stream',
  summary: "Follow a run's history to its end: first what is there, then what comes",
  params,
  query: z.object({
    /** As the header `Last-Event-ID`: go on after this event. */
    last_event_id: lastEvent.optional(),
  }),
  /** The `id` of a frame is the number of its last event. */
  events: z.object({ events: z.array(historyEvent) }),
  produces: ['text/event-stream'],
  errors: ['WF_1100', 'WF_1103', 'WF_1400', 'TOO_MANY_REQUESTS', 'TEMPORAL_UNAVAILABLE'],
})

/** Events in one page at most. */
export const maxHistoryPage = 1_000

export const listHistoryEvents = operation({
  ...shared,
  id: 'listHistoryEvents',
  path: '/v1/workflows/runs/{run_id}/history/events',
  summary: 'Events of the history of a run, whole, as Temporal writes them',
  params,
  query: historyQuery.extend({
    /** Only events with greater numbers. */
    after_event_id: wholeNumber({ min: 0, max: 10_000_000 }).default(0),
    /** A page ends early when its events are large. */
    limit: wholeNumber({ min: 1, max: maxHistoryPage }).default(100),
  }),
  response: z.object({
    events: z.array(jsonObject),
    /** For `after_event_id`; null when there are no more for now. */
    next_after_event_id: z.int().nullable(),
  }),
  errors: ['WF_1100', 'WF_1103', 'TEMPORAL_UNAVAILABLE'],
})

const workerFailure = z.object({ message: z.string(), stack_trace: z.string().nullable() })

/** An activity that has not ended yet. */
export const pendingActivity = z.object({
  activity_id: z.string(),
  activity_name: z.string(),
  state: z.enum(['SCHEDULED', 'STARTED', 'CANCEL_REQUESTED', 'PAUSED', 'PAUSE_REQUESTED']),
  /** From 1 on. */
  attempt: z.int(),
  /** Null: as many as there is time for. */
  maximum_attempts: z.int().nullable(),
  scheduled_time: instant.nullable(),
  last_started_time: instant.nullable(),
  last_heartbeat_time: instant.nullable(),
  /** What the activity last said of its progress. */
  heartbeat: z.unknown(),
  /** When the next attempt is to begin; null while one is being made. */
  next_attempt_time: instant.nullable(),
  expiration_time: instant.nullable(),
  last_failure: workerFailure.nullable(),
  last_worker: z.string().nullable(),
})
export type PendingActivity = z.output<typeof pendingActivity>

/** What Temporal knows of a run beside its history. */
const runState = z.object({
  history_length: z.int(),
  history_bytes: z.int(),
  pending_activities: z.array(pendingActivity),
  pending_children: z.array(
    z.object({ execution_id: z.string(), run_id: z.string().nullable(), workflow_name: z.string() }),
  ),
  /** The code is to be carried on; an attempt beyond the first: its code failed, or no worker answered in time. */
  pending_task: z
    .object({
      is_started: z.boolean(),
      attempt: z.int(),
      scheduled_time: instant.nullable(),
      /** What the worker said when the code failed; null if it did not, but was tried again since no answer came in time. */
      last_failure: z.string().nullable(),
    })
    .nullable(),
})

export const getRunDetails = operation({
  ...shared,
  id: 'getRunDetails',
  path: '/v1/workflows/runs/{run_id}/details',
  summary: 'A run with what is pending in it, and why it failed',
  params,
  response: z.object({
    run: execution.extend({
      /** What failed, or why it was ended. */
      message: z.string().nullable(),
      schedule_id: z.string().nullable(),
      otel_trace_id: z.string().nullable(),
    }),
    /** Null when Temporal keeps the run no more, or, of one that has ended, while it is away. */
    state: runState.nullable(),
  }),
  errors: ['WF_1100', 'WF_1103', 'TEMPORAL_UNAVAILABLE'],
})

/** One run in the chain of an execution. */
export const runOfExecution = executionSummary.extend({
  /** What failed, or why it was ended. */
  message: z.string().nullable(),
  /** The run that goes on in its place: continued, or tried again. */
  next_run_id: z.string().nullable(),
})
export type RunOfExecution = z.output<typeof runOfExecution>

export const listExecutionRuns = operation({
  ...shared,
  id: 'listExecutionRuns',
  path: '/v1/workflows/executions/{execution_id}/runs',
  summary: 'The runs of an execution, newest first: continuing as new, a retry and a reset make further ones',
  params: z.object({ execution_id: z.string() }),
  query: z.object({
    limit: wholeNumber({ min: 1, max: 200 }).default(50),
    /** Only runs older than this one. */
    before_run_id: z.uuid().optional(),
  }),
  response: z.object({
    runs: z.array(runOfExecution),
    /** For `before_run_id`; null on the last page. */
    next_before_run_id: z.string().nullable(),
  }),
  errors: ['WF_1100', 'TEMPORAL_UNAVAILABLE'],
})
