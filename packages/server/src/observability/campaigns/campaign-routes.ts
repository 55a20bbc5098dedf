import {
  cancelCampaign,
  createCampaign,
  deleteCampaign,
  getCampaign,
  getCampaignStatus,
  listCampaigns,
  listSelectedEvents,
  resumeCampaign,
} from '@tramontane/contract/campaigns'
import type { FastifyInstance } from 'fastify'
import { pageLinks } from '../../platform/http/links.ts'
import { route } from '../../platform/http/route.ts'
import type { CampaignService } from './campaign-service.ts'

/** @param publicUrl what links to other pages begin with */
export function campaignRoutes(
  app: FastifyInstance,
  campaigns: CampaignService,
  publicUrl: () => string,
): void {
  route(app, createCampaign, async ({ caller, body }) => campaigns.create(caller, body))

  route(app, listCampaigns, async ({ caller, query, request }) => {
    const { campaigns: results, count } = await campaigns.list(caller.workspaceId, query.q, query)
    return { campaigns: { results, count, ...pageLinks(publicUrl(), request.url, query, count) } }
  })

  route(app, getCampaign, async ({ caller, params }) => campaigns.get(caller.workspaceId, params.campaign_id))

  route(app, deleteCampaign, async ({ caller, params }) =>
    campaigns.delete(caller.workspaceId, params.campaign_id),
  )

  route(app, getCampaignStatus, async ({ caller, params }) =>
    campaigns.progress(caller.workspaceId, params.campaign_id),
  )

  route(app, listSelectedEvents, async ({ caller, params, query, request }) => {
    const { events, count } = await campaigns.selectedEvents(caller.workspaceId, params.campaign_id, query)
    const links = pageLinks(publicUrl(), request.url, query, count)
    return { completion_events: { results: events, count, ...links } }
  })

  route(app, cancelCampaign, async ({ caller, params }) =>
    campaigns.cancel(caller.workspaceId, params.campaign_id),
  )

  route(app, resumeCampaign, async ({ caller, params }) =>
    campaigns.resume(caller.workspaceId, params.campaign_id),
  )
}
