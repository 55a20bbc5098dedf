import type { FastifyInstance } from 'fastify'
import type { Platform } from '../platform/platform.ts'
import { settingsRoutes } from './settings-routes.ts'
import { type Finding, SettingsService } from './settings-service.ts'

/** What the server was started with, and how it fares. */
export interface Settings {
  routes(app: FastifyInstance): void
}

/**
 * @param needs.examine looks over the installation as the doctor does
 * @param needs.defaultWorkspace tells the id of the workspace whose admins look after the server
 */
export function createSettings(
  platform: Pick<Platform, 'config' | 'publicUrl' | 'providers' | 'providerConnections'>,
  needs: { examine: () => Promise<readonly Finding[]>; defaultWorkspace: () => string },
): Settings {
  const service = new SettingsService({ ...platform, ...needs })
  return { routes: (app) => settingsRoutes(app, service) }
}
