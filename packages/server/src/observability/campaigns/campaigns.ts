import type { FastifyInstance } from 'fastify'
import type { Platform } from '../../platform/platform.ts'
import type { WorkHandlers } from '../../platform/tasks/work-queue.ts'
import type { AnnotationReader, RecordResults } from '../annotations/annotation-reader.ts'
import { AnswerReader } from '../annotations/answer-reader.ts'
import type { EventReader } from '../events/event-reader.ts'
import type { JudgeReader } from '../judges/judge-reader.ts'
import { campaignAnalysisRoutes } from './campaign-analysis-routes.ts'
import { CampaignAnalysisService } from './campaign-analysis-service.ts'
import { CampaignComparisonService } from './campaign-comparison-service.ts'
import { CampaignOutcomeStore } from './campaign-outcome-store.ts'
import { CampaignReader } from './campaign-reader.ts'
import { campaignRoutes } from './campaign-routes.ts'
import { CampaignRunStore } from './campaign-run-store.ts'
import { CampaignService } from './campaign-service.ts'
import { CAMPAIGN_WORK, CampaignStore } from './campaign-store.ts'
import type { JudgeFunctions } from './judge-functions.ts'

/** Campaigns: a judge over many events, in the background. */
export interface Campaigns {
  readonly reader: CampaignReader
  routes(app: FastifyInstance): void
  readonly work: WorkHandlers
}

/** @param needs.recordResults stores what judges answered, in the transaction that it is given */
export function createCampaigns(
  platform: Pick<Platform, 'connection' | 'models' | 'publicUrl'>,
  needs: {
    events: EventReader
    annotations: AnnotationReader
    judges: JudgeFunctions & { readonly reader: JudgeReader }
    recordResults: RecordResults
  },
): Campaigns {
  const { database } = platform.connection
  const service = new CampaignService({
    store: new CampaignStore(database),
    judges: needs.judges.reader,
    events: needs.events,
    run: {
      store: new CampaignRunStore(database, needs.recordResults),
      events: needs.events,
      judges: needs.judges,
      concurrency: (model) => platform.models.concurrency(model),
    },
  })
  const answers = new AnswerReader(database)
  const getCampaign = (workspaceId: string, id: string) => service.get(workspaceId, id)
  const analysis = new CampaignAnalysisService({
    getCampaign,
    getProgress: (workspaceId, id) => service.progress(workspaceId, id),
    store: new CampaignOutcomeStore(database),
    answers,
    annotations: needs.annotations,
    events: needs.events,
    judges: {
      get: (workspaceId, id) => needs.judges.reader.get(workspaceId, id),
      writePrompts: (definition, conversations) => needs.judges.writePrompts(definition, conversations),
    },
  })
  const comparison = new CampaignComparisonService({
    getCampaign,
    answers,
    annotations: needs.annotations,
    previews: (workspaceId, ids) => analysis.previews(workspaceId, ids),
  })
  return {
    reader: new CampaignReader(service),
    routes: (app) => {
      campaignRoutes(app, service, platform.publicUrl)
      campaignAnalysisRoutes(app, { analysis, comparison }, platform.publicUrl)
    },
    work: { [CAMPAIGN_WORK]: (item) => service.work(item) },
  }
}
