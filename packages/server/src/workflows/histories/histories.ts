import type { FastifyInstance } from 'fastify'
import type { LiveStreams } from '../../platform/http/live-streams.ts'
import type { Platform } from '../../platform/platform.ts'
import type { RunReader } from '../executions/run-reader.ts'
import { historyRoutes } from './history-routes.ts'
import { HistoryService } from './history-service.ts'

/** Histories of runs in pages and as they grow, what is pending in a run, and the runs of an execution. */
export function createHistories(
  platform: Pick<Platform, 'temporal'>,
  needs: { runs: RunReader; streams: Pick<LiveStreams, 'open'> },
): { routes(app: FastifyInstance): void } {
  const service = new HistoryService(platform.temporal, needs.runs)
  return { routes: (app) => historyRoutes(app, service, needs.streams) }
}
