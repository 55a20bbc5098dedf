import { z } from 'zod'
import { duration } from './duration.ts'
import { operation } from './operation.ts'
import { id, jsonObject, wellFormedText } from './scalars.ts'

/** Where a worker runs. */
export const deploymentLocation = z.object({
  location_type: z.enum(['local', 'k8s', 'managed']),
  k8s_cluster: z.string().nullable(),
  k8s_namespace: z.string().nullable(),
})
export type DeploymentLocation = z.output<typeof deploymentLocation>

// What follows is what workers send, in every version of their SDK that is about: members that are missing, null or
// unknown are no error, and lists have their older names too.

const name = wellFormedText(1, 255)
const words = z.string().max(1_000_000).nullish()
const schema = jsonObject.nullish()
const handlers = z
  .array(z.object({ name, description: words, input_schema: schema, output_schema: schema }))
  .max(500)
  .nullish()

/** A workflow as a worker declares it. */
export const workflowSpec = z.object({
  name,
  task_queue: z.string().max(500).nullish(),
  display_name: words,
  description: words,
  input_schema: schema,
  output_schema: schema,
  signals: handlers,
  queries: handlers,
  updates: handlers,
  /** Read by the schedules themselves. */
  schedules: z.array(jsonObject).max(100).nullish(),
  enforce_determinism: z.boolean().nullish(),
  on_behalf_of: z.boolean().nullish(),
  execution_timeout: duration.nullish(),
  is_technical: z.boolean().nullish(),
  plugin_metadata: jsonObject.nullish(),
})
export type WorkflowSpec = z.output<typeof workflowSpec>

const sentLocation = z
  .object({
    location_type: z.string().max(100).nullish(),
    k8s_cluster: z.string().max(500).nullish(),
    k8s_namespace: z.string().max(500).nullish(),
  })
  .nullish()
export type SentLocation = z.output<typeof sentLocation>

/** Of the two ids the second is the older name of the first. */
const sentRef = z.object({
  workflow_id: z.string().max(100),
  workflow_registration_id: z.string().max(100).nullish(),
  workflow_version_id: z.string().max(100).nullish(),
})

const registrationRef = z.object({
  workflow_id: id,
  workflow_registration_id: id,
  workflow_version_id: id,
})

const tag = 'Workers'
const errorShape = 'workflows'
const access = 'work'

export const getWorkerInfo = operation({
  id: 'getWorkerInfo',
  method: 'GET',
  path: '/v1/workflows/workers/whoami',
  tag,
  access,
  errorShape,
  status: 200,
  summary: 'Where a worker finds Temporal, and its namespace there',
  response: z.object({
    /** `host:port` of the proxy that lets workers through to Temporal. */
    scheduler_url: z.string(),
    namespace: z.string(),
    tls: z.boolean(),
    features: z.object({ upload_graph: z.boolean() }),
  }),
  errors: ['TEMPORAL_UNAVAILABLE'],
})

export const getWorkflowEngine = operation({
  id: 'getWorkflowEngine',
  method: 'GET',
  path: '/v1/workflows/workers/engine',
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'Whether the workflow engine can be called',
  response: z.object({
    is_available: z.boolean(),
    /** A sentence that says what is missing and how to get it; null if nothing is. */
    reason: z.string().nullable(),
  }),
})

export const registerWorkflows = operation({
  id: 'registerWorkflows',
  method: 'POST',
  path: '/v1/workflows/register',
  tag,
  access,
  errorShape,
  bodyLimit: 16 * 1024 * 1024,
  status: 200,
  summary: 'Register what a worker runs; the same definitions have the same ids, however often they are sent',
  body: z.object({
    definitions: z.array(workflowSpec).min(1).max(1000),
    deployment_name: name,
    worker_name: name,
    deployment_location: sentLocation,
  }),
  response: z.object({
    /** Another worker of the deployment runs one of these workflows now. */
    has_conflicts: z.boolean(),
    /** In the order of the definitions, as all lists here. */
    workflow_registration_ids: z.array(id),
    workflow_registration_refs: z.array(registrationRef),
    workflow_version_ids: z.array(id),
    workflow_version_refs: z.array(registrationRef),
    warnings: z.array(z.string()),
  }),
  errors: ['WF_1200', 'TEMPORAL_UNAVAILABLE'],
})

export const heartbeatWorker = operation({
  id: 'heartbeatWorker',
  method: 'POST',
  path: '/v1/workflows/workers/heartbeat',
  tag,
  access,
  errorShape,
  status: 200,
  summary: 'Say that a worker is there; after 30 seconds without, it counts as gone',
  body: z.object({
    workflow_registration_refs: z.array(sentRef).max(1000).nullish(),
    workflow_version_refs: z.array(sentRef).max(1000).nullish(),
    deployment_name: name,
    worker_name: name,
  }),
  response: z.object({ all_active: z.boolean() }),
  errors: ['WORKER_NOT_REGISTERED'],
})

export const uploadWorkflowGraph = operation({
  id: 'uploadWorkflowGraph',
  method: 'POST',
  path: '/v1/workflows/{workflow_identifier}/graphs',
  tag,
  access,
  errorShape,
  status: 204,
  summary: 'Take the drawing of a workflow that a worker offers, and drop it: nothing here shows drawings',
  params: z.object({ workflow_identifier: z.string() }),
  body: jsonObject,
  errors: ['WORKFLOW_NOT_FOUND'],
})

const executionToken = z.object({ execution_token: wellFormedText(0, 10_000) })

export const getExecutorIdentity = operation({
  id: 'getExecutorIdentity',
  method: 'POST',
  path: '/v1/workflows/workers/executor-identity',
  tag,
  access,
  errorShape,
  status: 200,
  summary: 'For whom an execution runs: the workspace; this server knows no users',
  body: executionToken,
  response: z.object({
    customer_id: id,
    workspace_id: id,
    user_id: z.string().nullable(),
    organization_id: z.string().nullable(),
  }),
})

export const getExecutorIdentityToken = operation({
  id: 'getExecutorIdentityToken',
  method: 'POST',
  path: '/v1/workflows/workers/executor-identity-token',
  tag,
  access,
  errorShape,
  status: 200,
  summary: 'Always refused: there are no users in whose name an execution could call',
  body: executionToken,
  produces: ['application/json'],
})
