import type { FastifyInstance } from 'fastify'
import type { Platform } from '../../platform/platform.ts'
import { viewRoutes } from './view-routes.ts'
import { ViewService } from './view-service.ts'
import { ViewStore } from './view-store.ts'

/** Saved views of the studio's lists. */
export function createViews(platform: Pick<Platform, 'connection'>): { routes(app: FastifyInstance): void } {
  const service = new ViewService(new ViewStore(platform.connection.database))
  return { routes: (app) => viewRoutes(app, service) }
}
