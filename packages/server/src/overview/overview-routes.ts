import { getOverview } from '@tramontane/contract/overview'
import type { FastifyInstance } from 'fastify'
import { route } from '../platform/http/route.ts'
import type { OverviewService } from './overview-service.ts'

/** What the studio's first page shows. */
export function overviewRoutes(app: FastifyInstance, overview: OverviewService): void {
  route(app, getOverview, ({ caller }) => overview.of(caller.workspaceId))
}
