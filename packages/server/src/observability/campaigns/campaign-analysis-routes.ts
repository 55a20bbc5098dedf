import {
  compareCampaigns,
  estimateCampaign,
  getCampaignDistribution,
  listCampaignDifferences,
  listCampaignFailures,
  listCampaignOutcomes,
  retryCampaignFailures,
} from '@tramontane/contract/campaign-analysis'
import { getJudgeUsage } from '@tramontane/contract/judge-editing'
import type { FastifyInstance } from 'fastify'
import { pageLinks } from '../../platform/http/links.ts'
import { route } from '../../platform/http/route.ts'
import type { CampaignAnalysisService } from './campaign-analysis-service.ts'
import type { CampaignComparisonService } from './campaign-comparison-service.ts'

/** @param publicUrl what links to other pages begin with */
export function campaignAnalysisRoutes(
  app: FastifyInstance,
  { analysis, comparison }: { analysis: CampaignAnalysisService; comparison: CampaignComparisonService },
  publicUrl: () => string,
): void {
  route(app, getJudgeUsage, async ({ caller, query }) => ({
    judges: await analysis.usage(caller.workspaceId, query.judge_id ?? []),
  }))

  route(app, estimateCampaign, async ({ caller, body }) => analysis.estimate(caller.workspaceId, body))

  route(app, getCampaignDistribution, async ({ caller, params, query }) =>
    analysis.distribution(caller.workspaceId, params.campaign_id, query.group_by),
  )

  route(app, listCampaignOutcomes, async ({ caller, params, query }) =>
    analysis.outcomes(caller.workspaceId, params.campaign_id, query),
  )

  route(app, listCampaignFailures, async ({ caller, params, query, request }) => {
    const { groups, count } = await analysis.failures(caller.workspaceId, params.campaign_id, query)
    return { failures: { results: groups, count, ...pageLinks(publicUrl(), request.url, query, count) } }
  })

  route(app, retryCampaignFailures, async ({ caller, params, body }) =>
    analysis.retry(caller.workspaceId, params.campaign_id, body.reason ?? undefined),
  )

  route(app, compareCampaigns, async ({ caller, params }) =>
    comparison.compare(caller.workspaceId, params.campaign_id, params.other_campaign_id),
  )

  route(app, listCampaignDifferences, async ({ caller, params, query }) =>
    comparison.differences(caller.workspaceId, params.campaign_id, params.other_campaign_id, query),
  )
}
