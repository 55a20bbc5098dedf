import type { FastifyInstance } from 'fastify'
import type { LiveStreams } from '../../platform/http/live-streams.ts'
import type { Platform } from '../../platform/platform.ts'
import { WakeUps } from '../../platform/streams/wake-ups.ts'
import type { Cron } from '../../platform/tasks/work-queue.ts'
import type { RunReader } from '../executions/run-reader.ts'
import { logIntakeRoutes } from './log-intake-routes.ts'
import { LogReadStore } from './log-read-store.ts'
import { logRoutes } from './log-routes.ts'
import { LogService } from './log-service.ts'
import { LogStreams } from './log-stream.ts'
import { LogWriteStore } from './log-write-store.ts'

/** Logs of workflow workers: taken over OTLP, read by execution and by deployment. */
export interface Logs {
  routes(app: FastifyInstance): void
  readonly cron: Cron
  stop(): Promise<void>
}

/**
 * @param needs.runs where executions are looked up
 * @param needs.checkDeployment throws ApiError DEPLOYMENT_NOT_FOUND
 */
export function createLogs(
  platform: Pick<Platform, 'config' | 'connection' | 'databaseUrl' | 'logger'>,
  needs: {
    runs: Pick<RunReader, 'find'>
    streams: Pick<LiveStreams, 'open'>
    checkDeployment: (workspaceId: string, name: string) => Promise<void>
  },
): Logs {
  const { database } = platform.connection
  const wakeUps = new WakeUps({
    channel: 'tramontane_logs',
    database,
    databaseUrl: platform.databaseUrl,
    logger: platform.logger,
  })
  void wakeUps.start()
  const reads = new LogReadStore(database)
  const service = new LogService(new LogWriteStore(database), reads, (topics) => wakeUps.announce(topics))
  const { retentionDays } = platform.config
  return {
    routes: (app) => {
      logIntakeRoutes(app, service)
      logRoutes(app, service, new LogStreams(reads, wakeUps), {
        streams: needs.streams,
        findEnd: async (workspaceId, executionId) =>
          (await needs.runs.find(workspaceId, executionId)).endTime,
        checkDeployment: needs.checkDeployment,
      })
    },
    cron: {
      'forget-log-exports': { pattern: '23 * * * *', run: () => service.forgetExports() },
      ...(retentionDays === null
        ? {}
        : { 'delete-old-logs': { pattern: '27 3 * * *', run: () => service.deleteExpired(retentionDays) } }),
    },
    stop: () => wakeUps.stop(),
  }
}
