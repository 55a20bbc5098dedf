import { createLoginLink, createSession, deleteSession, getSession } from '@tramontane/contract/session'
import type { FastifyInstance } from 'fastify'
import { route } from '../platform/http/route.ts'
import { type SessionCookie, sessionToken } from '../platform/http/session-cookie.ts'
import { version } from '../platform/version.ts'
import type { SessionService } from './session-service.ts'
import type { SessionOwner } from './session-store.ts'

/** Logging browsers in and out. */
export function sessionRoutes(
  app: FastifyInstance,
  sessions: SessionService,
  parts: { cookie: SessionCookie; publicUrl: () => string; defaultWorkspace: string },
): void {
  const toWire = (owner: SessionOwner, expiresAt: Date | null) => ({
    workspace: { id: owner.workspaceId, name: owner.workspaceName },
    role: owner.role,
    key: { id: owner.keyId, name: owner.keyName, prefix: owner.keyPrefix },
    is_default_workspace: owner.workspaceId === parts.defaultWorkspace,
    expires_at: expiresAt?.toISOString() ?? null,
    server_version: version,
  })

  route(app, createSession, async ({ body, reply }) => {
    const begun =
      'token' in body ? await sessions.beginWithLink(body.token) : await sessions.beginWithKey(body.key)
    reply.header('set-cookie', parts.cookie.write(begun.token, begun.expiresAt))
    return toWire(begun.owner, begun.expiresAt)
  })

  route(app, getSession, async ({ caller, request }) => {
    const { owner, expiresAt } = await sessions.describe(caller, sessionToken(request, parts.cookie))
    return toWire(owner, expiresAt)
  })

  route(app, deleteSession, async ({ request, reply }) => {
    const token = sessionToken(request, parts.cookie)
    if (token !== undefined) await sessions.end(token)
    reply.header('set-cookie', parts.cookie.clear())
  })

  route(app, createLoginLink, async ({ caller }) => {
    const { token, expiresAt } = await sessions.createLink(caller.keyId)
    return { url: loginUrl(parts.publicUrl(), token), expires_at: expiresAt.toISOString() }
  })
}

/** The link that logs in. Its token is in the fragment, which no browser sends and no proxy logs. */
export function loginUrl(publicUrl: string, token: string): string {
  return `${publicUrl}/login#${token}`
}
