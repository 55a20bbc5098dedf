import { z } from 'zod'
import { role, workspace } from './identity.ts'
import { operation } from './operation.ts'
import { id, instant } from './scalars.ts'

/**
 * The header without which a session's cookie counts for nothing. A page of another site cannot send it: browsers ask the
 * server for leave first, and the server gives none.
 */
export const SESSION_HEADER = 'x-tramontane-session'

const tag = 'Identity'
const errorShape = 'observability'

/** Who a browser, or a key, acts as. */
export const session = z.object({
  workspace: workspace.pick({ id: true, name: true }),
  role,
  key: z.object({ id, name: z.string(), prefix: z.string() }),
  /** Whether the workspace is the one whose admins manage workspaces. */
  is_default_workspace: z.boolean(),
  /** When the browser has to log in again; null for a caller who came with a key. */
  expires_at: instant.nullable(),
  server_version: z.string(),
})

export const createSession = operation({
  id: 'createSession',
  method: 'POST',
  path: '/v1/session',
  tag,
  access: 'public',
  errorShape,
  status: 200,
  summary:
    'Log a browser in, with the token of a login link or with a key; the answer sets an http-only cookie',
  body: z.union([
    z.strictObject({ token: z.string().min(1).max(200) }),
    z.strictObject({ key: z.string().min(1).max(500) }),
  ]),
  response: session,
  errors: ['LOGIN_LINK_INVALID', 'AUTH_UNAUTHORIZED', 'AUTH_FORBIDDEN'],
})

export const getSession = operation({
  id: 'getSession',
  method: 'GET',
  path: '/v1/session',
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'Who the caller is: workspace, role and key',
  response: session,
})

export const deleteSession = operation({
  id: 'deleteSession',
  method: 'DELETE',
  path: '/v1/session',
  tag,
  access: 'read',
  errorShape,
  status: 204,
  summary: 'Log the browser out',
})

export const createLoginLink = operation({
  id: 'createLoginLink',
  method: 'POST',
  path: '/v1/session/links',
  tag,
  access: 'read',
  errorShape,
  status: 201,
  summary: 'Make a link that logs one browser in as the caller, once and soon',
  response: z.object({ url: z.url(), expires_at: instant }),
})
