import type { FastifyInstance } from 'fastify'
import { ApiError } from '../../platform/http/errors.ts'
import type { Platform } from '../../platform/platform.ts'
import type { WorkHandlers } from '../../platform/tasks/work-queue.ts'
import type { AnnotationReader } from '../annotations/annotation-reader.ts'
import type { CampaignReader } from '../campaigns/campaign-reader.ts'
import type { ConversationReader } from '../conversations/conversation-reader.ts'
import type { EventReader } from '../events/event-reader.ts'
import type { CampaignAnswer, DatasetNeeds } from './dataset-needs.ts'
import { datasetRoutes, type ImportChecks } from './dataset-routes.ts'
import { DatasetService } from './dataset-service.ts'
import { DatasetStore, REMOVAL } from './dataset-store.ts'
import { ImportRunner } from './import-runner.ts'
import { ImportSources } from './import-sources.ts'
import { IMPORT, ImportStore } from './import-store.ts'
import { recordRoutes } from './record-routes.ts'
import { RecordStore } from './record-store.ts'

/** Datasets: conversations gathered from everywhere, edited, judged and exported. */
export interface Datasets {
  routes(app: FastifyInstance): void
  readonly work: WorkHandlers
}

/** What datasets need of other features. */
export interface DatasetParts {
  readonly events: Pick<EventReader, 'getMany'>
  readonly annotations: Pick<AnnotationReader, 'resultsOf'>
  readonly campaigns: Pick<CampaignReader, 'get' | 'eventIds'>
  readonly conversations: ConversationReader
  readonly judgeConversation: DatasetNeeds['judgeConversation']
  readonly files: {
    /** @throws ApiError FILE_NOT_FOUND if the caller may not see the file */
    readonly check: ImportChecks['file']
    readonly open: DatasetNeeds['openFile']
    readonly publish: DatasetNeeds['publishFile']
  }
}

function needsOf({
  events,
  annotations,
  campaigns,
  conversations,
  judgeConversation,
  files,
}: DatasetParts): DatasetNeeds {
  return {
    judgeConversation,
    openFile: files.open,
    publishFile: files.publish,
    events: (workspaceId, ids) => events.getMany(workspaceId, ids),
    conversations: (workspaceId, ids) => conversations.messagesOf(workspaceId, ids),
    async campaignEvents(workspaceId, campaignId) {
      try {
        return await campaigns.eventIds(workspaceId, campaignId)
      } catch (error) {
        if (error instanceof ApiError && error.code === 'CAMPAIGN_NOT_FOUND') return undefined
        throw error
      }
    },
    async campaignAnswers(workspaceId, campaignId, eventIds) {
      const answers = new Map<string, CampaignAnswer>()
      for (const [id, result] of await annotations.resultsOf(workspaceId, campaignId, eventIds)) {
        const { judgeId: judge_id, judgeName: judge_name, answer, analysis } = result
        if (answer !== null) answers.set(id, { judge_id, judge_name, answer, analysis })
      }
      return answers
    },
  }
}

/** @param parts what datasets need of other features */
export function createDatasets(
  platform: Pick<Platform, 'connection' | 'publicUrl'>,
  parts: DatasetParts,
): Datasets {
  const { connection, publicUrl } = platform
  const needs = needsOf(parts)
  const checks: ImportChecks = {
    file: parts.files.check,
    campaign: ({ workspaceId }, id) => parts.campaigns.get(workspaceId, id),
  }
  const records = new RecordStore(connection.database)
  const imports = new ImportStore(connection)
  const service = new DatasetService({
    datasets: new DatasetStore(connection.database),
    records,
    imports,
    pool: connection.pool,
    needs,
  })
  const runner = new ImportRunner(imports, new ImportSources(needs, records))
  return {
    routes: (app) => {
      datasetRoutes(app, service, { publicUrl, checks })
      recordRoutes(app, service, publicUrl)
    },
    work: {
      [IMPORT]: (item) => runner.run(item),
      [REMOVAL]: (item) => service.removeLeftovers(item),
    },
  }
}
