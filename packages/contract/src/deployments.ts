import { z } from 'zod'
import { type Method, type Operation, operation } from './operation.ts'
import { id, instant, jsonObject, queryBoolean, wellFormedText, wholeNumber } from './scalars.ts'
import { deploymentLocation } from './workers.ts'

/** A group of workers that run the same code: the name is their task queue. */
export const deployment = z.object({
  id,
  name: z.string(),
  /** One of its workers was heard of within the last 30 seconds; with `workflow_name`, one that runs that workflow. */
  is_active: z.boolean(),
  /** Always false: keys belong to workspaces, not to deployments. */
  is_hardened: z.boolean(),
  created_at: instant,
  /** When a worker, or a definition, last came to it. */
  updated_at: instant,
  location: deploymentLocation.nullable(),
  worker_count: z.int(),
  active_worker_count: z.int(),
  locations: z.array(z.enum(['local', 'k8s', 'managed'])),
  /** Always null: the vendor's cloud builds those. */
  managed: z.null(),
})
export type Deployment = z.output<typeof deployment>

export const deploymentWorker = z.object({
  name: z.string(),
  created_at: instant,
  /** When it last registered. */
  updated_at: instant,
  /** When it last gave a sign of life. Ours; the vendor does not tell. */
  last_seen_at: instant,
  is_active: z.boolean(),
  location: deploymentLocation.nullable(),
})
export type DeploymentWorker = z.output<typeof deploymentWorker>

const path = '/v1/workflows/deployments'
const tag = 'Deployments'
const errorShape = 'workflows'
const params = z.object({ name: z.string() })
const workflowName = z.string().max(500).optional()
const cursor = z.string().max(4_000).optional()

export const listDeployments = operation({
  id: 'listDeployments',
  method: 'GET',
  path,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'List deployments: the active ones first, unless `order_by` says otherwise',
  query: z.object({
    active_only: queryBoolean.default(true),
    is_hardened: queryBoolean.optional(),
    /** Only those that run it. */
    workflow_name: workflowName,
    /** Part of the name, or the beginning of the id. */
    search: wellFormedText(0, 500).optional(),
    order_by: z.enum(['updated_at', 'created_at']).optional(),
    order: z.enum(['asc', 'desc']).default('desc'),
    /** 1000 if absent. */
    limit: wholeNumber({ min: 1, max: 100 }).optional(),
    cursor,
    /** The caller's own, or nothing is found. */
    workspace_id: id.optional(),
  }),
  response: z.object({
    deployments: z.array(deployment),
    next_cursor: z.string().nullable(),
    workspace_id: id,
  }),
  errors: ['WORKSPACE_NOT_FOUND'],
})

export const getDeployment = operation({
  id: 'getDeployment',
  method: 'GET',
  path: `${path}/{name}`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'Read a deployment, with up to 1000 of its workers',
  params,
  query: z.object({ workflow_name: workflowName }),
  response: deployment.extend({ workers: z.array(deploymentWorker) }),
  errors: ['DEPLOYMENT_NOT_FOUND'],
})

export const listDeploymentWorkers = operation({
  id: 'listDeploymentWorkers',
  method: 'GET',
  path: `${path}/{name}/workers`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: "List a deployment's workers, by name",
  params,
  query: z.object({
    worker_status: z.enum(['active', 'inactive']).optional(),
    limit: wholeNumber({ min: 1, max: 100 }).default(50),
    cursor,
  }),
  response: z.object({ workers: z.array(deploymentWorker), next_cursor: z.string().nullable() }),
  errors: ['DEPLOYMENT_NOT_FOUND'],
})

/** What the vendor's cloud does with code that it builds and runs for a customer. */
function managed<const I extends string>(operationId: I, method: Method, below: string): Operation {
  return operation({
    id: operationId,
    method,
    path: `${path}${below}`,
    tag: 'Not supported',
    access: 'write',
    errorShape,
    status: 202,
    summary: 'Not supported by a self-hosted server, whose workers you run yourself',
    ...(below ? { params } : {}),
    ...(method === 'PATCH' || below === '' ? { body: jsonObject } : {}),
    produces: ['application/json'],
    errors: ['FEATURE_NOT_SUPPORTED'],
  })
}

export const createManagedDeployment = managed('createManagedDeployment', 'POST', '')
export const updateManagedDeployment = managed('updateManagedDeployment', 'PATCH', '/{name}')
export const deleteManagedDeployment = managed('deleteManagedDeployment', 'DELETE', '/{name}')
export const stopManagedDeployment = managed('stopManagedDeployment', 'POST', '/{name}/stop')
export const startManagedDeployment = managed('startManagedDeployment', 'POST', '/{name}/start')
export const restartManagedDeployment = managed('restartManagedDeployment', 'POST', '/{name}/restart')
