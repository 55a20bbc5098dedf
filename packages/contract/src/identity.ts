import { z } from 'zod'
import { operation } from './operation.ts'
import { id, instant } from './scalars.ts'

/**
 * What a key may do. `admin`: everything in its workspace, and workspaces themselves when it belongs to the default
 * one · `member`: all but keys and settings · `read`: look · `ingest`: gateway and telemetry only · `worker`: what a
 * workflow worker needs: its own calls, its telemetry, and models through the gateway.
 */
export const role = z.enum(['admin', 'member', 'read', 'ingest', 'worker'])
export type Role = z.output<typeof role>

export const key = z.object({
  id,
  name: z.string(),
  role,
  workspace_id: id,
  /** The first characters, to recognise a key by; never the key. */
  prefix: z.string(),
  created_at: instant,
  revoked_at: instant.nullable(),
})

export const workspace = z.object({ id, name: z.string(), created_at: instant })

const tag = 'Identity'
const errorShape = 'observability'
const access = 'administer'

export const listKeys = operation({
  id: 'listKeys',
  method: 'GET',
  path: '/v1/keys',
  tag,
  access,
  errorShape,
  status: 200,
  summary: "List the workspace's keys",
  response: z.object({ keys: z.array(key) }),
})

export const createKey = operation({
  id: 'createKey',
  method: 'POST',
  path: '/v1/keys',
  tag,
  access,
  errorShape,
  status: 201,
  summary: 'Make a key; the answer is the only place where it is ever shown',
  body: z.strictObject({ name: z.string().min(1).max(100), role, workspace: z.string().max(100).optional() }),
  response: key.extend({ key: z.string() }),
  errors: ['WORKSPACE_NOT_FOUND'],
})

export const revokeKey = operation({
  id: 'revokeKey',
  method: 'DELETE',
  path: '/v1/keys/{key_id}',
  tag,
  access,
  errorShape,
  status: 204,
  summary: 'Revoke a key, effective at once',
  params: z.object({ key_id: z.string() }),
  errors: ['KEY_NOT_FOUND'],
})

export const listWorkspaces = operation({
  id: 'listWorkspaces',
  method: 'GET',
  path: '/v1/workspaces',
  tag,
  access,
  errorShape,
  status: 200,
  summary: 'List workspaces',
  response: z.object({ workspaces: z.array(workspace) }),
})

export const createWorkspace = operation({
  id: 'createWorkspace',
  method: 'POST',
  path: '/v1/workspaces',
  tag,
  access,
  errorShape,
  status: 201,
  summary: 'Make a workspace',
  body: z.strictObject({ name: z.string().min(1).max(100) }),
  response: workspace,
  errors: ['WORKSPACE_ALREADY_EXISTS'],
})
