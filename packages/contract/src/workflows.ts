import { z } from 'zod'
import { executionStatus } from './executions.ts'
import { operation } from './operation.ts'
import { id, jsonObject, queryBoolean, repeated, wellFormedText, wholeNumber } from './scalars.ts'

/** What a signal takes. */
export const signalDefinition = z.object({
  name: z.string(),
  description: z.string().nullable(),
  input_schema: jsonObject,
})

/** What a query, or an update, takes and gives. */
export const queryDefinition = signalDefinition.extend({ output_schema: jsonObject.nullable() })

/** What the code of a workflow declares; schemas are JSON Schemas. */
export const workflowCodeDefinition = z.object({
  input_schema: jsonObject,
  output_schema: jsonObject.nullable(),
  signals: z.array(signalDefinition),
  queries: z.array(queryDefinition),
  updates: z.array(queryDefinition),
  enforce_determinism: z.boolean(),
  on_behalf_of: z.boolean(),
  /** Seconds that an execution may take in all, with its retries and continuations. */
  execution_timeout: z.number(),
  plugin_metadata: jsonObject.nullable(),
})
export type WorkflowCodeDefinition = z.output<typeof workflowCodeDefinition>

/** A workflow: a name under which deployments register code. */
export const workflow = z.object({
  id,
  name: z.string(),
  display_name: z.string(),
  type: z.literal('code'),
  description: z.string().nullable(),
  /** The vendor's customer; here, one for each workspace. */
  customer_id: id,
  workspace_id: id,
  /** Always null: nothing is shared between workspaces. */
  shared_namespace: z.string().nullable(),
  available_in_chat_assistant: z.boolean(),
  /** Belongs to the SDK, not to a user. */
  is_technical: z.boolean(),
  archived: z.boolean(),
  tags: z.array(z.string()),
})
export type Workflow = z.output<typeof workflow>

export const workflowWithStatus = workflow.extend({
  /** A worker that runs it was heard of within the last 30 seconds. */
  active: z.boolean(),
})
export type WorkflowWithStatus = z.output<typeof workflowWithStatus>

/** A workflow in lists. */
export const workflowSummary = workflow
  .pick({ id: true, name: true, display_name: true, description: true, archived: true, tags: true })
  .extend({ metadata: z.object({ shared_namespace: z.string().nullable() }) })
export type WorkflowSummary = z.output<typeof workflowSummary>

/** One definition of a workflow, as a deployment registered it. */
export const workflowRegistration = z.object({
  id,
  deployment_id: id,
  /** The deployment's name, for older clients. */
  task_queue: z.string(),
  definition: workflowCodeDefinition,
  workflow_id: id,
  /** Only where it is asked for. */
  workflow: workflow.nullable(),
  deployment_name: z.string(),
  /** Always false: there is no chat assistant here. */
  compatible_with_chat_assistant: z.boolean(),
})
export type WorkflowRegistration = z.output<typeof workflowRegistration>

export const workflowRegistrationWithStatus = workflowRegistration.extend({ active: z.boolean() })
export type WorkflowRegistrationWithStatus = z.output<typeof workflowRegistrationWithStatus>

const path = '/v1/workflows'
const tag = 'Workflows'
const errorShape = 'workflows'
/** A name, or an id. */
const params = z.object({ workflow_identifier: z.string() })
const search = wellFormedText(0, 500).optional()
const cursor = z.string().max(4_000).optional()
const limit = wholeNumber({ min: 1, max: 1000 }).default(50)
const name = z.string().max(500)

export const listWorkflows = operation({
  id: 'listWorkflows',
  method: 'GET',
  path,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'List workflows: by default in the order in which they were first registered',
  query: z.object({
    /** Only those with an execution that stands so. */
    status: repeated(executionStatus),
    /** Changes nothing: nothing is shared between workspaces. */
    include_shared: queryBoolean.default(true),
    available_in_chat_assistant: queryBoolean.optional(),
    /** Only what one of these deployments has registered. */
    deployment_name: repeated(name),
    deployment_status: z.enum(['active', 'inactive']).optional(),
    archived: queryBoolean.optional(),
    /** Only those with all of these. */
    tags: repeated(z.string().max(500)),
    sort_by: z.literal('display_name').optional(),
    order: z.enum(['asc', 'desc']).default('asc'),
    cursor,
    limit,
    /** As `deployment_status=active`. */
    active_only: queryBoolean.default(false),
    /** Words, each of which name, display name or description contain; or an id. */
    search,
  }),
  response: z.object({ workflows: z.array(workflowSummary), next_cursor: z.string().nullable() }),
})

export const getWorkflow = operation({
  id: 'getWorkflow',
  method: 'GET',
  path: `${path}/{workflow_identifier}`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'Read a workflow, by name or id',
  params,
  response: z.object({ workflow: workflowWithStatus }),
  errors: ['WORKFLOW_NOT_FOUND'],
})

export const MAX_TAGS = 100

export const updateWorkflow = operation({
  id: 'updateWorkflow',
  method: 'PUT',
  path: `${path}/{workflow_identifier}`,
  tag,
  access: 'write',
  errorShape,
  status: 200,
  summary:
    'Change what a workflow is called; what is null or absent stays. An empty text brings back what its code says',
  params,
  body: z.object({
    display_name: wellFormedText(0, 128).nullish(),
    description: wellFormedText(0, 20_000).nullish(),
    available_in_chat_assistant: z.boolean().nullish(),
    tags: z.array(wellFormedText(0, 500)).max(MAX_TAGS).nullish(),
  }),
  response: z.object({ workflow }),
  errors: ['WORKFLOW_NOT_FOUND'],
})

export const archiveWorkflow = operation({
  id: 'archiveWorkflow',
  method: 'PUT',
  path: `${path}/{workflow_identifier}/archive`,
  tag,
  access: 'write',
  errorShape,
  status: 200,
  summary: 'Archive a workflow; one that is archived is left as it is',
  params,
  response: z.object({ workflow }),
  errors: ['WORKFLOW_NOT_FOUND'],
})

export const unarchiveWorkflow = operation({
  id: 'unarchiveWorkflow',
  method: 'PUT',
  path: `${path}/{workflow_identifier}/unarchive`,
  tag,
  access: 'write',
  errorShape,
  status: 200,
  summary: 'Bring a workflow back from the archive; one that is not archived is left as it is',
  params,
  response: z.object({ workflow }),
  errors: ['WORKFLOW_NOT_FOUND'],
})

const bulkBody = z.object({ workflow_ids: z.array(id).max(100) })
const bulkErrors = z.array(z.object({ workflow_id: id, workflow: workflow.nullable(), message: z.string() }))

export const archiveWorkflows = operation({
  id: 'archiveWorkflows',
  method: 'PUT',
  path: `${path}/archive`,
  tag,
  access: 'write',
  errorShape,
  status: 200,
  summary: 'Archive up to 100 workflows',
  body: bulkBody,
  response: z.object({ archived: z.array(workflow), errored: bulkErrors }),
})

export const unarchiveWorkflows = operation({
  id: 'unarchiveWorkflows',
  method: 'PUT',
  path: `${path}/unarchive`,
  tag,
  access: 'write',
  errorShape,
  status: 200,
  summary: 'Bring up to 100 workflows back from the archive',
  body: bulkBody,
  response: z.object({ unarchived: z.array(workflow), errored: bulkErrors }),
})

export const listWorkflowRegistrations = operation({
  id: 'listWorkflowRegistrations',
  method: 'GET',
  path: `${path}/registrations`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'List registrations, newest first; a page ends early when its definitions are large',
  query: z.object({
    workflow_id: id.optional(),
    /** A deployment's name. */
    task_queue: name.optional(),
    active_only: queryBoolean.default(false),
    include_shared: queryBoolean.default(true),
    workflow_search: search,
    /** A part of the deployment's name, or the beginning of the registration's id. */
    registration_search: search,
    archived: queryBoolean.optional(),
    with_workflow: queryBoolean.default(false),
    available_in_chat_assistant: queryBoolean.optional(),
    limit,
    cursor,
  }),
  response: z.object({
    workflow_registrations: z.array(workflowRegistration),
    next_cursor: id.nullable(),
    /** The same, for older clients. */
    workflow_versions: z.array(workflowRegistration),
  }),
})

export const getWorkflowRegistration = operation({
  id: 'getWorkflowRegistration',
  method: 'GET',
  path: `${path}/registrations/{workflow_registration_id}`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'Read a registration',
  params: z.object({ workflow_registration_id: z.string() }),
  query: z.object({
    with_workflow: queryBoolean.default(false),
    include_shared: queryBoolean.default(true),
  }),
  response: z.object({
    workflow_registration: workflowRegistrationWithStatus,
    /** The same, for older clients. */
    workflow_version: workflowRegistrationWithStatus,
  }),
  errors: ['WORKFLOW_REGISTRATION_NOT_FOUND'],
})
