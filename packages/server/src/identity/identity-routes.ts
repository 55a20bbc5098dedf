import {
  createKey,
  createWorkspace,
  listKeys,
  listWorkspaces,
  revokeKey,
} from '@tramontane/contract/identity'
import type { FastifyInstance } from 'fastify'
import { ApiError } from '../platform/http/errors.ts'
import { route } from '../platform/http/route.ts'
import type { IdentityService } from './identity-service.ts'
import type { Key } from './identity-store.ts'

function toWire({ created_at, revoked_at, ...key }: Key) {
  return { ...key, created_at: created_at.toISOString(), revoked_at: revoked_at?.toISOString() ?? null }
}

/** Keys of the caller's workspace; workspaces, for admins of the default one. */
export function identityRoutes(app: FastifyInstance, identity: IdentityService): void {
  route(app, listKeys, async ({ caller }) => ({
    keys: (await identity.listKeys(caller.workspaceId)).map(toWire),
  }))

  route(app, createKey, async ({ caller, body }) => {
    const { key, secret } = await identity.createKey(
      await identity.workspaceFor(caller, body.workspace),
      body,
    )
    return { ...toWire(key), key: secret }
  })

  route(app, revokeKey, async ({ caller, params }) => identity.revokeKey(caller.workspaceId, params.key_id))

  route(app, listWorkspaces, async ({ caller }) => {
    const all = await identity.listWorkspaces()
    const visible = (await identity.isDefault(caller))
      ? all
      : all.filter(({ id }) => id === caller.workspaceId)
    return {
      workspaces: visible.map((workspace) => ({
        ...workspace,
        created_at: workspace.created_at.toISOString(),
      })),
    }
  })

  route(app, createWorkspace, async ({ caller, body }) => {
    if (!(await identity.isDefault(caller)))
      throw new ApiError('AUTH_FORBIDDEN', 'Only an admin of the default workspace makes workspaces.')
    const workspace = await identity.createWorkspace(body.name)
    return { ...workspace, created_at: workspace.created_at.toISOString() }
  })
}
