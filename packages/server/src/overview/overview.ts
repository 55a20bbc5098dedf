import type { FastifyInstance } from 'fastify'
import type { CampaignReader } from '../observability/campaigns/campaign-reader.ts'
import type { EventReader } from '../observability/events/event-reader.ts'
import type { Platform } from '../platform/platform.ts'
import type { RunReader } from '../workflows/executions/run-reader.ts'
import type { RegistrationReader } from '../workflows/registrations/registration-reader.ts'
import { overviewRoutes } from './overview-routes.ts'
import { OverviewService } from './overview-service.ts'

/** A workspace at a glance. */
export interface OverviewFeature {
  routes(app: FastifyInstance): void
}

/** @param needs what there is to look at */
export function createOverview(
  platform: Pick<Platform, 'config' | 'publicUrl' | 'temporal' | 'workerEntrance'>,
  needs: {
    events: EventReader
    campaigns: CampaignReader
    registrations: RegistrationReader
    runs: RunReader
  },
): OverviewFeature {
  const service = new OverviewService(platform, needs)
  return { routes: (app) => overviewRoutes(app, service) }
}
