import { z } from 'zod'
import { execution, executionStatus, executionSummary, historyQuery } from './executions.ts'
import { operation } from './operation.ts'
import { instant, jsonObject, queryBoolean, repeated, wellFormedText, wholeNumber } from './scalars.ts'

const tag = 'Workflow runs'
const errorShape = 'workflows'
const text = wellFormedText(1, 500).optional()
const params = z.object({ run_id: z.string() })

/** Which runs a list shows, and in which order. */
export const runFilter = z.object({
  /** Name or id. */
  workflow_identifier: text,
  /** The execution itself and all that descend from it. */
  root_execution_id: wellFormedText(1, 1_000).optional(),
  /** Part of a workflow's name, of the name that is shown, or of an execution's id; or the whole id of a run. */
  search: wellFormedText(0, 500).optional(),
  status: repeated(executionStatus),
  deployment_name: text,
  sort_by: z.enum(['start_time', 'end_time']).default('start_time'),
  order: z.enum(['asc', 'desc']).default('desc'),
  start_time_after: instant.optional(),
  start_time_before: instant.optional(),
  /** Leaves out runs that are open, as the next one does. */
  end_time_after: instant.optional(),
  end_time_before: instant.optional(),
  /** `current` is the caller. */
  user_id: text,
  /** Only of workflows with all of these. */
  workflow_tags: repeated(wellFormedText(1, 500), 20),
  /** Also of workflows that belong to the SDK. */
  include_internal: queryBoolean.default(true),
  /** `key:value`: runs whose search key contains the value; all of them, if there are several. */
  search_key: repeated(wellFormedText(3, 10_000).regex(/^[^:]+:.+$/s, 'must be `key:value`'), 3),
})
export type RunFilter = z.output<typeof runFilter>

export const listRuns = operation({
  id: 'listRuns',
  method: 'GET',
  path: '/v1/workflows/runs',
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'List runs. Sorted by their end, open ones come as if they ended last',
  query: runFilter.extend({
    page_size: wholeNumber({ min: 1, max: 1000 }).default(50),
    next_page_token: z.string().max(1_000).optional(),
  }),
  response: z.object({
    executions: z.array(executionSummary),
    /** The same: newer clients look here. */
    runs: z.array(executionSummary),
    next_page_token: z.string().nullable(),
  }),
  errors: ['DATABASE_TIMEOUT'],
})

/** A count of ours goes this far; beyond, it is known that there are more. */
export const maxRunCount = 10_000

export const countRuns = operation({
  id: 'countRuns',
  method: 'GET',
  path: '/v1/workflows/runs/counts',
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: `How many runs a list shows, by status, as far as ${maxRunCount} of each`,
  query: runFilter.omit({ sort_by: true, order: true }),
  response: z.object({
    /** One for each status that is asked for; if none is, for each that there is. */
    counts: z.array(
      z.object({
        status: executionStatus,
        count: z.int(),
        /** False: there are more, or may be. With filters other than status, workflow and time, that is so sooner. */
        is_exact: z.boolean(),
      }),
    ),
  }),
  errors: ['DATABASE_TIMEOUT'],
})

export const getRun = operation({
  id: 'getRun',
  method: 'GET',
  path: '/v1/workflows/runs/{run_id}',
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'How a run stands, and what it gave back',
  params,
  response: execution,
  errors: ['WF_1100', 'TEMPORAL_UNAVAILABLE'],
})

export const getRunHistory = operation({
  id: 'getRunHistory',
  method: 'GET',
  path: '/v1/workflows/runs/{run_id}/history',
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'The history of a run, as Temporal writes it',
  params,
  query: historyQuery,
  response: jsonObject,
  errors: ['WF_1100', 'WF_1103', 'TEMPORAL_UNAVAILABLE'],
})

const number = z.object({ value: z.number() })

export const getWorkflowMetrics = operation({
  id: 'getWorkflowMetrics',
  method: 'GET',
  path: '/v1/workflows/{workflow_name}/metrics',
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'How often a workflow was run, how it went and how long it took',
  params: z.object({ workflow_name: z.string() }),
  query: z.object({
    /** Of runs that were started from here on. */
    start_time: instant.optional(),
    end_time: instant.optional(),
  }),
  response: z.object({
    execution_count: number,
    success_count: number,
    /** Failed, terminated or timed out. */
    error_count: number,
    /** Of those that have succeeded. */
    average_latency_ms: number,
    /** Seconds since 1970, and the average latency in the stretch of time that begins there. */
    latency_over_time: z.object({ value: z.array(z.tuple([z.int(), z.number()])) }),
    /** The part of the runs in which an activity was tried again. */
    retry_rate: number,
  }),
  errors: ['DATABASE_TIMEOUT'],
})
