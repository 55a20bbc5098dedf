import { z } from 'zod'
import { operation } from './operation.ts'
import { instant, wellFormedText, wholeNumber } from './scalars.ts'

/** One line of a log, as a worker sent it. */
export const logRecord = z.object({
  timestamp: instant,
  /** In hexadecimal; empty when the record belongs to no span. */
  trace_id: z.string(),
  span_id: z.string(),
  severity_text: z.string(),
  body: z.string(),
  /** Values that are no text are given as JSON. */
  log_attributes: z.record(z.string(), z.string()),
})
export type LogRecord = z.output<typeof logRecord>

/** A page; `next_cursor` is null on the last one. */
export const logPage = z.object({ results: z.array(logRecord), next_cursor: z.string().nullable() })

const ofExecution = {
  run_id: z.uuid().optional(),
  activity_id: wellFormedText(1, 500).optional(),
}
const ofDeployment = {
  worker_name: wellFormedText(1, 500).optional(),
  workflow_name: wellFormedText(1, 500).optional(),
}

const page = {
  /** At or after this instant. */
  after: instant.optional(),
  /** Before this instant. */
  before: instant.optional(),
  order: z.enum(['asc', 'desc']).default('asc'),
  /** Carries window and order of the first page, which are then ignored. */
  cursor: z.string().max(500).optional(),
  limit: wholeNumber({ min: 1, max: 100 }).default(50),
}

const tail = {
  /** Where a stream begins that is not resumed. */
  after: instant.optional(),
  /** The `id` of the last frame that arrived; the header `Last-Event-ID` says the same, and comes first. */
  last_event_id: z.string().max(100).optional(),
}

const executionParams = z.object({ execution_id: z.string() })
const deploymentParams = z.object({ name: z.string() })

const shared = {
  method: 'GET',
  tag: 'Workflow logs',
  access: 'read',
  errorShape: 'workflows',
  status: 200,
} as const

export const getExecutionLogs = operation({
  ...shared,
  id: 'getExecutionLogs',
  path: '/v1/workflows/executions/{execution_id}/logs',
  summary: 'Read the log of an execution, by time',
  params: executionParams,
  query: z.object({ ...ofExecution, ...page }),
  response: logPage,
  errors: ['WF_1100'],
})

export const streamExecutionLogs = operation({
  ...shared,
  id: 'streamExecutionLogs',
  path: '/v1/workflows/executions/{execution_id}/logs/stream',
  summary: 'Follow the log of an execution, from its start, an instant, or where an earlier stream broke off',
  params: executionParams,
  query: z.object({ ...ofExecution, ...tail }),
  events: logRecord,
  produces: ['text/event-stream'],
  errors: ['WF_1100', 'WF_1400'],
})

export const getDeploymentLogs = operation({
  ...shared,
  id: 'getDeploymentLogs',
  path: '/v1/workflows/deployments/{name}/logs',
  summary: "Read the log of a deployment's workers, by time",
  params: deploymentParams,
  query: z.object({ ...ofDeployment, ...page }),
  response: logPage,
  errors: ['DEPLOYMENT_NOT_FOUND'],
})

export const streamDeploymentLogs = operation({
  ...shared,
  id: 'streamDeploymentLogs',
  path: '/v1/workflows/deployments/{name}/logs/stream',
  summary:
    "Follow the log of a deployment's workers, from the first line, an instant, or where a stream broke off",
  params: deploymentParams,
  query: z.object({ ...ofDeployment, ...tail }),
  events: logRecord,
  produces: ['text/event-stream'],
  errors: ['DEPLOYMENT_NOT_FOUND', 'WF_1400'],
})
