import { statSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Duration } from '@temporalio/common'
import { msToNumber } from '@temporalio/common/lib/time.js'
import { checkActivityName, DefinitionError } from './definition/definition-names.ts'
import { knownRateLimits, rateLimitQueue } from './definition/rate-limit.ts'
import { exportedWorkflows, workflowSpec } from './definition/workflow-spec.ts'
import { activityInterceptors } from './host/activity-interceptor.ts'
import { ControlPlane, whenServerIsReady } from './host/control-plane.ts'
import { EventPublisher } from './host/event-publisher.ts'
import { Registration } from './host/registration.ts'
import { reportActivity } from './host/report-activity.ts'
import { Telemetry } from './host/telemetry.ts'
import { checkTemporalOptions, type TemporalOptions } from './host/temporal-options.ts'
import {
  type Activities,
  connectToTemporal,
  createTemporalWorkers,
  runTogether,
} from './host/temporal-workers.ts'
import { toldPlainly } from './host/told-plainly.ts'
import { WorkerError } from './host/worker-error.ts'
import { exportLogs, workerLogger } from './host/worker-logger.ts'
import { type WorkerOverrides, workerSettings } from './host/worker-settings.ts'
import { bundleWorkflows } from './host/workflow-bundle.ts'

/** What a worker runs, and how. */
export interface WorkerOptions extends WorkerOverrides {
  /** The file that exports the workflows: `import.meta.resolve('./workflows.ts')`. */
  readonly workflows: string | URL
  /** The functions that workflows call as activities: `import * as activities from './activities.ts'`. */
  readonly activities?: object
  /** How long the activities that are running may take to end when the worker is stopped. Ten seconds unless said otherwise. */
  readonly shutdownGrace?: Duration
  /** How long to wait, at the start, for a server that is not there. A minute unless said otherwise. */
  readonly startTimeout?: Duration
  /** Stops the worker, as SIGTERM does. */
  readonly signal?: AbortSignal
  /** Options of Temporal's own worker: how much it does at a time. */
  readonly temporal?: TemporalOptions
}

/** A worker at work. `await using` stops it at the end of a block. */
export interface RunningWorker extends AsyncDisposable {
  /** When it has stopped. Rejects if it could not go on. */
  readonly stopped: Promise<void>
  /** Takes no more work, lets what is running end, and says goodbye. */
  stop(): Promise<void>
}

/**
 * Runs workflows and activities until the process is told to stop (SIGTERM, SIGINT). Reads `SERVER_URL`, `MISTRAL_API_KEY`
 * and `DEPLOYMENT_NAME` from the environment. What it throws ends a program that does not catch it with the message alone.
 * @throws WorkerError if it cannot start or go on: the message says why, and what to do
 * @throws DefinitionError for a workflow that cannot work
 */
export function runWorker(options: WorkerOptions): Promise<void> {
  return toldPlainly(startWorker(options).then(({ stopped }) => stopped))
}

/**
 * Starts a worker and gives it back once it takes work: for programs that do something else beside it, and for tests.
 * @throws WorkerError and DefinitionError, as `runWorker`
 */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const settings = workerSettings(options)
  const logger = workerLogger(settings.logLevel, settings.logFormat)
  const signal = options.signal ?? new AbortController().signal
  const shutdownGraceMs = milliseconds('shutdownGrace', options.shutdownGrace ?? '10 seconds')
  const waiting = {
    waitMs: milliseconds('startTimeout', options.startTimeout ?? '1 minute'),
    signal,
    onWait: (why: string) => logger.warn(`Waiting for the server: ${why}`),
  }

  const temporal = options.temporal ?? {}
  checkTemporalOptions(temporal)

  const workflowsPath = pathOf(options.workflows)
  if (!statSync(workflowsPath, { throwIfNoEntry: false })?.isFile())
    throw new DefinitionError(
      `There is no file ${workflowsPath}: \`workflows\` is to name the one that exports the workflows.`,
    )
  const workflows = exportedWorkflows(await import(pathToFileURL(workflowsPath).href), workflowsPath)
  const activities = activitiesOf(options.activities)
  const specs = {
    definitions: workflows.map((workflow) => workflowSpec(workflow, settings.deploymentName)),
    deployment_name: settings.deploymentName,
    worker_name: settings.workerName,
    deployment_location: { location_type: 'local', k8s_cluster: null, k8s_namespace: null },
  }

  // The bundle takes a second or two, in which the server may get ready.
  const server = new ControlPlane(settings)
  const [info, bundle] = await Promise.all([
    whenServerIsReady(() => server.whoami(signal), waiting),
    bundleWorkflows(workflowsPath),
  ])
  const connection = await connectToTemporal(settings, info, logger)
  const telemetry = new Telemetry(settings)
  const place = { namespace: info.namespace, taskQueue: settings.deploymentName }
  const warn = (message: string, details?: object) => logger.warn(message, { ...details, ...place })
  const publisher = new EventPublisher((events) => server.sendEvents(events), warn)
  const registration = new Registration(server, specs, {
    warn,
    tell: (message) => logger.info(message, place),
  })
  const stopExport = exportLogs(info.namespace, queuesOf(settings.deploymentName), telemetry)
  const close = async () => {
    await registration.stop()
    await publisher.drain()
    stopExport()
    await telemetry.close()
    await connection.close()
  }
  const lost = Promise.withResolvers<never>()
  lost.promise.catch(() => {})
  try {
    const { warnings } = await registration.start({ ...waiting, onRefused: lost.reject })
    for (const warning of warnings ?? []) warn(warning)
    const workers = await createTemporalWorkers(connection, {
      settings,
      info,
      activities,
      internalActivities: reportActivity(server, publisher),
      bundle,
      telemetry,
      interceptors: [activityInterceptors(publisher, telemetry)],
      shutdownGraceMs,
      temporal,
    })
    const running = runTogether(workers, lost.promise)
    signal.addEventListener('abort', running.shutdown, { once: true })
    logger.info(
      `Worker of "${settings.deploymentName}" is ready: ${workflows.map(({ name }) => name).join(', ')}`,
      { server: settings.serverUrl, activities: Object.keys(activities).join(', '), ...place },
    )
    const stopped = running.ended.finally(close)
    // Whoever awaits it sees the error; it must not end the process before.
    stopped.catch(() => {})
    const stop = async () => {
      running.shutdown()
      await stopped
    }
    return { stopped, stop, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await close()
    throw error
  }
}

/** The queues of a deployment: its own, and one for each rate limit. */
function queuesOf(deployment: string): string[] {
  return [deployment, ...knownRateLimits().map((limit) => rateLimitQueue(deployment, limit))]
}

/** @throws DefinitionError for a path that could mean several files */
function pathOf(workflows: string | URL): string {
  const text = String(workflows)
  if (text.startsWith('file:')) return fileURLToPath(text)
  if (isAbsolute(text)) return text
  throw new DefinitionError(
    `\`workflows\` cannot be ${JSON.stringify(workflows)}: write import.meta.resolve('./workflows.ts'), which finds the file wherever the program is started.`,
  )
}

/** @throws WorkerError for what is no duration */
function milliseconds(option: string, duration: Duration): number {
  try {
    return msToNumber(duration)
  } catch {
    throw new WorkerError(
      `\`${option}\` cannot be ${JSON.stringify(duration)}: it is a duration such as "10 seconds", or a number of milliseconds.`,
    )
  }
}

/** @throws DefinitionError for a name that is reserved */
function activitiesOf(exported: object = {}): Activities {
  const functions = Object.entries(exported).filter(([, value]) => typeof value === 'function')
  for (const [name] of functions) checkActivityName(name)
  return Object.fromEntries(functions)
}
