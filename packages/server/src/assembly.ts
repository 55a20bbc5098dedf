import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import type { Config } from './config/config.ts'
import { createIdentity } from './identity/identity.ts'
import { examineRunning } from './maintenance/examine-running.ts'
import { AnnotationReader } from './observability/annotations/annotation-reader.ts'
import { deleteResultsBefore, recordResults } from './observability/annotations/annotation-store.ts'
import { createCampaigns } from './observability/campaigns/campaigns.ts'
import { createConversations } from './observability/conversations/conversations.ts'
import { createDatasets } from './observability/datasets/datasets.ts'
import { createEvents } from './observability/events/events.ts'
import { createFiles } from './observability/files/files.ts'
import { createGateway } from './observability/gateway/gateway.ts'
import { createJudges } from './observability/judges/judges.ts'
import { createTelemetry } from './observability/telemetry/telemetry.ts'
import { unsupportedRoutes } from './observability/unsupported/unsupported.ts'
import { createViews } from './observability/views/views.ts'
import { createOverview } from './overview/overview.ts'
import { connect } from './platform/database/connection.ts'
import { databaseAnswers } from './platform/database/database-answers.ts'
import type { ManagedPostgres } from './platform/database/managed-postgres.ts'
import { createApp } from './platform/http/app.ts'
import { Drain } from './platform/http/drain.ts'
import { healthRoutes, type ReadinessCheck } from './platform/http/health-routes.ts'
import { listen } from './platform/http/listen.ts'
import { LiveStreams } from './platform/http/live-streams.ts'
import { measureRequests } from './platform/http/request-metrics.ts'
import { ModelClients } from './platform/models/model-clients.ts'
import { ProviderConnections } from './platform/models/provider-connections.ts'
import { Providers } from './platform/models/providers.ts'
import type { Platform } from './platform/platform.ts'
import { registerServerMetrics } from './platform/server-metrics.ts'
import { type Cron, type WorkHandlers, WorkQueue } from './platform/tasks/work-queue.ts'
import { startTemporal } from './platform/temporal/temporal.ts'
import {
  startWorkerProxy,
  type WorkerEntrance,
  type WorkerProxy,
} from './platform/temporal/worker-proxy/worker-proxy.ts'
import { prepareDatabase } from './prepare-database.ts'
import { createSettings } from './settings/settings.ts'
import { studioRoutes } from './studio/studio-routes.ts'
import { createWorkflowEvents } from './workflows/events/workflow-events.ts'
import { createExecutions } from './workflows/executions/executions.ts'
import { namesWithStatus } from './workflows/executions/names-with-status.ts'
import { createHistories } from './workflows/histories/histories.ts'
import { createLogs } from './workflows/logs/logs.ts'
import { createRegistrations } from './workflows/registrations/registrations.ts'
import { createSchedules } from './workflows/schedules/schedules.ts'
import { createTraces } from './workflows/traces/traces.ts'

/** How long requests under way are waited for when the server stops. */
const DRAIN_MS = 30_000

/** A server whose parts have all started. */
export interface Assembled {
  /** Where it listens: `http://127.0.0.1:7444`. */
  readonly url: string
  /** The admin key that this start made; null if there was one already. */
  readonly newKey: string | null
  /** Logs one browser in as an admin of the default workspace, once and soon; null if it has no admin key any more. */
  readonly loginLink: string | null
  readonly config: Config
  /** The workflow engine: null if it is there, else a sentence that says why not (yet). */
  readonly engineUnavailable: string | null
  /** The way to the workflow engine for workers. */
  readonly workers: WorkerEntrance
}

/** Ends a part that was started. @param hurry when it fires, what is still under way is cut off */
export type Stop = (hurry: AbortSignal) => Promise<unknown>

/**
 * Builds the parts, in order, and starts them.
 * @param options.postgres the managed database, which runs; undefined if it is somebody else's
 * @param options.stop gets the end of each part as soon as that has started
 */
export async function assemble({
  config,
  logger,
  postgres,
  stop,
}: {
  config: Config
  logger: Logger
  postgres: ManagedPostgres | undefined
  stop: Stop[]
}): Promise<Assembled> {
  const databaseUrl = config.database.kind === 'external' ? config.database.url : postgres!.url
  const connection = connect(databaseUrl, {
    name: 'server',
    max: 20,
    statementTimeoutMs: 30_000,
    onError: (error) => logger.warn({ err: error }, 'an idle database connection broke'),
  })
  stop.push(() => connection.close())
  const metrics = new Registry()
  let defaultWorkspace = ''
  const temporal = startTemporal({
    config,
    database: postgres?.url,
    defaultWorkspace: () => defaultWorkspace,
    logger,
    metrics,
  })
  stop.push(() => temporal.close())
  let parts: Features | undefined
  stop.push(async () => {
    for (const end of parts?.close.toReversed() ?? []) await end()
  })
  await prepareDatabase(connection, logger)

  let url = ''
  let workers: WorkerProxy | undefined
  const providers = new Providers(config.providers)
  const providerConnections = new ProviderConnections()
  stop.push(() => providerConnections.close())
  const streams = new LiveStreams({
    logger,
    metrics,
    findRevoked: (keyIds) => identity.findRevoked(keyIds),
  })
  const platform: Platform = {
    config,
    logger,
    connection,
    databaseUrl,
    providers,
    providerConnections,
    models: new ModelClients(providers, providerConnections),
    metrics,
    streams,
    temporal,
    workerEntrance: () => workers ?? { address: null, closed: 'The server is starting; try again.' },
    publicUrl: () => config.http.publicUrl ?? url,
  }
  const identity = await createIdentity({
    connection,
    databaseUrl,
    apiKey: config.apiKey,
    publicUrl: platform.publicUrl,
    logger,
    onRevoked: (keyId) => {
      streams.endOf(keyId)
      workers?.endCallsOf(keyId)
    },
  })
  stop.push(() => identity.stop())
  defaultWorkspace = identity.defaultWorkspace
  const drain = new Drain()
  const app = createApp({
    logger,
    callers: identity.callers,
    watch: (all) => {
      drain.watch(all)
      measureRequests(all, platform.metrics)
    },
  })
  stop.push(() => app.close())
  registerServerMetrics(platform.metrics, connection)

  parts = buildFeatures(app, platform)
  identity.routes(app)
  createSettings(platform, {
    defaultWorkspace: () => defaultWorkspace,
    examine: () => examineRunning(config, url, workers),
  }).routes(app)
  studioRoutes(app)
  healthRoutes(app, { checks: [databaseAnswers(connection), ...parts.checks], metrics: platform.metrics })

  const work = new WorkQueue(connection, parts.work, { concurrency: 8, logger, cron: parts.cron })
  await work.start()
  stop.push(() => work.stop())
  // Made before anybody is let in: a database that dies from here on ends no start.
  const loginLink = await identity.adminLink()
  url = await listen(app, config.http)
  stop.push((hurry) => drain.finish(DRAIN_MS, hurry))
  stop.push(() => streams.close())
  const { leaveOff } = parts
  stop.push(async () => leaveOff())
  parts.start()
  const { followRuns } = parts
  const proxy = await startWorkerProxy({
    config,
    temporal,
    findCaller: async (key) => {
      const caller = await identity.findCaller(key)
      // Whoever comes this way may start runs of which nobody else tells us. It is no matter if that is noted later.
      if (caller) followRuns(caller.workspaceId).catch(() => {})
      return caller
    },
    logger,
    metrics,
  })
  workers = proxy
  stop.push((hurry) => proxy.stop(hurry))
  return {
    url,
    newKey: identity.newKey,
    loginLink: loginLink?.() ?? null,
    config,
    engineUnavailable: temporal.unavailable,
    workers: proxy,
  }
}

/** What the features ask to be run beside their routes. */
interface Features {
  readonly work: WorkHandlers
  readonly cron: Cron
  readonly checks: ReadinessCheck[]
  /** Begins what goes on by itself. */
  readonly start: () => void
  /** Has requests answered that would wait for something else for long. */
  readonly leaveOff: () => void
  /** Is told of a workspace whose workers or clients reach Temporal by themselves. */
  readonly followRuns: (workspaceId: string) => Promise<void>
  /** Called in reverse order when requests and background work have ended. */
  readonly close: (() => Promise<void>)[]
}

/** Builds each feature from the platform and from what it needs of others; the only place that knows them all. */
function buildFeatures(app: FastifyInstance, platform: Platform): Features {
  const annotations = new AnnotationReader(platform.connection.database)
  const events = createEvents(platform, {
    annotations,
    deleteAnnotations: (eventId, limit) => deleteResultsBefore(platform.connection.database, eventId, limit),
  })
  events.routes(app)
  const gateway = createGateway(platform, { record: events.record })
  gateway.routes(app)
  const conversations = createConversations(platform, { record: events.record })
  conversations.routes(app)
  unsupportedRoutes(app)
  const judges = createJudges(platform, { events: events.reader })
  judges.routes(app)
  const campaigns = createCampaigns(platform, { events: events.reader, annotations, judges, recordResults })
  campaigns.routes(app)
  const telemetry = createTelemetry(platform, { record: events.record, events: events.reader })
  telemetry.routes(app)
  const files = createFiles(platform)
  files.routes(app)
  const datasets = createDatasets(platform, {
    events: events.reader,
    annotations,
    campaigns: campaigns.reader,
    conversations: conversations.reader,
    judgeConversation: judges.judgeConversation,
    files: {
      check: (caller, id) => files.service.get(caller, id),
      open: (workspaceId, id) => files.service.openForWork(workspaceId, id),
      publish: (file, content) => files.service.publish(file, content),
    },
  })
  datasets.routes(app)
  createViews(platform).routes(app)
  const registrations = createRegistrations(platform, {
    onRegistered: (workspaceId) => executions.onRegistered(workspaceId),
    upsertSchedules: (workspaceId, declared) => schedules.upsert(workspaceId, declared),
    namesWithStatus: (workspaceId, statuses) =>
      namesWithStatus(platform.connection.database, workspaceId, statuses),
  })
  registrations.routes(app)
  const workflowEvents = createWorkflowEvents(platform, {
    streams: platform.streams,
    namespaceOf: (workspaceId) => platform.temporal.namespaceOf(workspaceId),
    runs: {
      find: (workspaceId, id) => executions.reader.find(workspaceId, id),
      untold: (workspaceId, id) => executions.reader.untold(workspaceId, id),
    },
    tellBeginning: (workspaceId, run, taskId) => executions.tellBeginning(workspaceId, run, taskId),
    onEvents: (workspaceId, stored) => executions.onEvents(workspaceId, stored),
  })
  workflowEvents.routes(app)
  const executions = createExecutions(platform, {
    registrations: registrations.reader,
    events: {
      record: workflowEvents.record,
      lifecycle: (workspaceId, runs) => workflowEvents.reader.lifecycle(workspaceId, runs),
    },
  })
  executions.routes(app)
  const schedules = createSchedules(platform, {
    registrations: registrations.reader,
    checkInput: (schema, input) => executions.checkInput(schema, input),
  })
  schedules.routes(app)
  const logs = createLogs(platform, {
    runs: executions.reader,
    streams: platform.streams,
    checkDeployment: (workspaceId, name) => registrations.reader.checkDeployment(workspaceId, name),
  })
  logs.routes(app)
  const traces = createTraces(platform, {
    runs: executions.reader,
    spans: telemetry.reader,
    events: workflowEvents.reader,
  })
  traces.routes(app)
  createOverview(platform, {
    events: events.reader,
    campaigns: campaigns.reader,
    registrations: registrations.reader,
    runs: executions.reader,
  }).routes(app)
  createHistories(platform, { runs: executions.reader, streams: platform.streams }).routes(app)
  return {
    work: { ...datasets.work, ...campaigns.work },
    cron: {
      ...events.cron,
      ...files.cron,
      ...telemetry.cron,
      ...registrations.cron,
      ...workflowEvents.cron,
      ...executions.cron,
      ...logs.cron,
    },
    checks: [...gateway.checks],
    start: () => executions.start(),
    leaveOff: () => executions.leaveOff(),
    followRuns: (workspaceId) => executions.follow(workspaceId),
    close: [
      () => events.stop(),
      () => judges.stop(),
      () => gateway.stop(),
      () => workflowEvents.stop(),
      () => executions.stop(),
      () => logs.stop(),
    ],
  }
}
