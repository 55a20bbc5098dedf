import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { DatabaseConnection } from '../platform/database/connection.ts'
import { NotificationListener } from '../platform/database/notification-listener.ts'
import type { Callers, FindCaller } from '../platform/http/auth.ts'
import { SessionCookie } from '../platform/http/session-cookie.ts'
import { identityRoutes } from './identity-routes.ts'
import { IdentityService } from './identity-service.ts'
import { IdentityStore, REVOKED_KEYS } from './identity-store.ts'
import { loginUrl, sessionRoutes } from './session-routes.ts'
import { SessionService } from './session-service.ts'
import { SessionStore } from './session-store.ts'

/** Workspaces, keys and roles. */
export interface Identity {
  readonly findCaller: FindCaller
  readonly callers: Callers
  /** Those of some keys that are not valid any more. */
  findRevoked(keyIds: readonly string[]): Promise<readonly string[]>
  /** The admin key that this start made, to be shown once; null if there was one already. */
  readonly newKey: string | null
  /** The id of the workspace that is always there. */
  readonly defaultWorkspace: string
  /**
   * Makes a link that logs one browser in as an admin of the default workspace, once; undefined if it has no admin key.
   * @returns what tells the link as soon as it is known where the server is reached
   */
  adminLink(): Promise<(() => string) | undefined>
  routes(app: FastifyInstance): void
  stop(): Promise<void>
}

/**
 * Makes sure that there is a workspace with an admin key, and listens to which keys other servers revoke.
 * @param parts.apiKey the configured admin key, if any
 * @param parts.publicUrl where browsers reach the server
 * @param parts.onRevoked is told of keys that are valid no more, wherever they were revoked
 */
export async function createIdentity(parts: {
  connection: DatabaseConnection
  databaseUrl: string
  apiKey: string | null
  publicUrl: () => string
  logger: Logger
  onRevoked: (keyId: string) => void
}): Promise<Identity> {
  const service = new IdentityService(new IdentityStore(parts.connection.database), parts.onRevoked)
  const newKey = await service.bootstrap(parts.apiKey)
  const revocations = new NotificationListener(parts.databaseUrl, {
    channel: REVOKED_KEYS,
    onPayload: (keyId) => service.forgetKey(keyId),
    logger: parts.logger,
  })
  await revocations.start()
  const findCaller: FindCaller = (key) => service.findCaller(key)
  const sessions = new SessionService(new SessionStore(parts.connection.database), findCaller)
  const cookie = new SessionCookie(parts.publicUrl)
  const defaultWorkspace = await service.defaultWorkspace()
  return {
    findCaller,
    callers: { ofKey: findCaller, ofSession: (token) => sessions.findCaller(token), cookie },
    findRevoked: (keyIds) => service.findRevoked(keyIds),
    newKey,
    defaultWorkspace,
    adminLink: async () => {
      const token = await sessions.createAdminLink(defaultWorkspace)
      return token === undefined ? undefined : () => loginUrl(parts.publicUrl(), token)
    },
    routes: (app) => {
      identityRoutes(app, service)
      sessionRoutes(app, sessions, {
        cookie,
        publicUrl: parts.publicUrl,
        defaultWorkspace,
      })
    },
    stop: () => revocations.stop(),
  }
}
