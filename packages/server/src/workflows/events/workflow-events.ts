import { setTimeout as pause } from 'node:timers/promises'
import type { WorkflowEvent } from '@tramontane/contract/workflow-events'
import type { FastifyInstance } from 'fastify'
import { connect } from '../../platform/database/connection.ts'
import { ApiError } from '../../platform/http/errors.ts'
import type { LiveStreams } from '../../platform/http/live-streams.ts'
import type { Platform } from '../../platform/platform.ts'
import type { Cron } from '../../platform/tasks/work-queue.ts'
import type { RunReader } from '../executions/run-reader.ts'
import { EventHub } from './event-hub.ts'
import { WorkflowEventReader } from './event-reader.ts'
import { LostBeginnings, type TellBeginning } from './lost-beginnings.ts'
import { workflowEventRoutes } from './workflow-event-routes.ts'
import { rowOfEvent } from './workflow-event-row.ts'
import { type RunsOfExecution, WorkflowEventService } from './workflow-event-service.ts'
import { WorkflowEventStore } from './workflow-event-store.ts'
import { type OnStored, WorkflowEventWriter } from './workflow-event-writer.ts'

/** Connections of their own for what stores events and hands them to streams: no search and no list keeps it waiting. */
const CONNECTIONS = 6
const STATEMENT_TIMEOUT_MS = 30_000
const DAY_MS = 24 * 3600 * 1000
const DELETE_BATCH = 2_000

/**
 * Stores events, in this order; resolves when they are committed. What is there already changes nothing: the same
 * `event_id`, or another report of the same thing (`event-identity.ts`).
 * @throws ApiError TOO_MANY_REQUESTS while the database is far behind, DATABASE_UNAVAILABLE if it does not answer in time; the
 *   database's error
 */
export type RecordWorkflowEvents = (workspaceId: string, events: readonly WorkflowEvent[]) => Promise<void>

/** The events of workflows: stored, listed, followed. */
export interface WorkflowEvents {
  readonly record: RecordWorkflowEvents
  readonly reader: WorkflowEventReader
  readonly cron: Cron
  routes(app: FastifyInstance): void
  stop(): Promise<void>
}

/**
 * @param needs.streams the open streams of the server
 * @param needs.namespaceOf Temporal's name for a workspace
 * @param needs.runs where the newest run of an execution is found, and how far its runs are told of
 * @param needs.tellBeginning how a run began of which its worker tells the end alone
 * @param needs.onEvents is told of new events after their commit; of some perhaps never, if the server is killed then
 */
export function createWorkflowEvents(
  platform: Pick<Platform, 'config' | 'logger' | 'connection' | 'databaseUrl' | 'metrics'>,
  needs: {
    streams: LiveStreams
    namespaceOf: (workspaceId: string) => string
    runs: Pick<RunReader, 'find' | 'untold'>
    tellBeginning: TellBeginning
    onEvents: OnStored
  },
): WorkflowEvents {
  const { logger, databaseUrl } = platform
  const ahead = connect(databaseUrl, {
    name: 'workflow events',
    max: CONNECTIONS,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    onError: (error) => logger.warn({ err: error }, 'an idle database connection broke'),
  })
  const store = new WorkflowEventStore(platform.connection.database)
  const aheadStore = new WorkflowEventStore(ahead.database)
  const hub = new EventHub({ store: aheadStore, databaseUrl, namespaceOf: needs.namespaceOf, logger })
  const onStored: OnStored = (workspaceId, events) => {
    hub.wake(workspaceId)
    try {
      needs.onEvents(workspaceId, events)
    } catch (error) {
      // They are stored, and whoever sent them must hear that.
      logger.error({ err: error }, 'what hears of new events has failed')
    }
  }
  const writer = new WorkflowEventWriter({ store: aheadStore, onStored }, platform)
  const runs: RunsOfExecution = {
    newest: (workspaceId, executionId) =>
      needs.runs.find(workspaceId, executionId).catch((error: unknown) => {
        if (error instanceof ApiError && error.code === 'WF_1100') return undefined
        throw error
      }),
    untold: (workspaceId, executionId) => needs.runs.untold(workspaceId, executionId),
  }
  const beginnings = new LostBeginnings(aheadStore, needs.tellBeginning)
  const service = new WorkflowEventService({ writer, store, beginnings, hub, runs })

  const record: RecordWorkflowEvents = async (workspaceId, events) => {
    const [refused] = (await writer.write(workspaceId, events.map(rowOfEvent))).values()
    if (refused !== undefined) throw refused
  }
  const deleteOld = async (signal: AbortSignal) => {
    const { retentionDays } = platform.config
    if (retentionDays === null) return
    const before = new Date(Date.now() - retentionDays * DAY_MS)
    for (const workspaceId of await store.workspaces())
      while (!signal.aborted && (await store.deleteBefore(workspaceId, before, DELETE_BATCH)) >= DELETE_BATCH)
        await pause(20)
  }
  return {
    record,
    reader: new WorkflowEventReader(store),
    cron: { 'delete-old-workflow-events': { pattern: '23 * * * *', run: deleteOld } },
    routes: (app) => workflowEventRoutes(app, service, needs.streams),
    stop: async () => {
      await hub.stop()
      await ahead.close()
    },
  }
}
