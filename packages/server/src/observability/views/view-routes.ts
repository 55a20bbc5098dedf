import { createView, deleteView, listViews, updateView } from '@tramontane/contract/views'
import type { FastifyInstance } from 'fastify'
import { route } from '../../platform/http/route.ts'
import type { ViewService } from './view-service.ts'

export function viewRoutes(app: FastifyInstance, views: ViewService): void {
  route(app, listViews, async ({ caller, query }) => ({
    views: await views.list(caller.workspaceId, query.kind),
  }))
  route(app, createView, async ({ caller, body }) => views.create(caller, body))
  route(app, updateView, async ({ caller, params, body }) =>
    views.update(caller.workspaceId, params.view_id, body),
  )
  route(app, deleteView, async ({ caller, params }) => views.delete(caller.workspaceId, params.view_id))
}
