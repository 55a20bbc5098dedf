import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type Logger,
  NativeConnection,
  type WorkerOptions as TemporalWorkerOptions,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker'
import { knownRateLimits, perSecond, rateLimitQueue } from '../definition/rate-limit.ts'
import type { SpanRecord } from '../span-record.ts'
import type { WorkerInfo } from './control-plane.ts'
import type { Telemetry } from './telemetry.ts'
import type { TemporalOptions } from './temporal-options.ts'
import { WorkerError } from './worker-error.ts'
import { installLogger } from './worker-logger.ts'
import type { WorkerSettings } from './worker-settings.ts'
import { payloadConverterPath } from './workflow-bundle.ts'

export type Activities = Readonly<Record<string, (...args: never[]) => unknown>>

/** What the workers of a process are made from. */
export interface WorkerParts {
  readonly settings: WorkerSettings
  readonly info: WorkerInfo
  readonly activities: Activities
  readonly internalActivities: Activities
  readonly bundle: WorkflowBundleWithSourceMap
  readonly telemetry: Telemetry
  readonly interceptors: NonNullable<TemporalWorkerOptions['interceptors']>['activity']
  readonly shutdownGraceMs: number
  readonly temporal: TemporalOptions
}

/** Sees whether anything listens there at all: Temporal's client would try for half a minute. */
async function knock(address: string): Promise<void> {
  const { hostname, port } = new URL(`tcp://${address}`)
  for (let attempt = 1; ; attempt++) {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), timeout: 5_000 })
    try {
      await once(socket, 'connect')
      return
    } catch (error) {
      if (attempt === 3) throw error
      await delay(500)
    } finally {
      socket.destroy()
    }
  }
}

function readCa(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new WorkerError(
      `TEMPORAL_TLS_SERVER_ROOT_CA_CERT_PATH (or CA_BUNDLE) names ${file}, which cannot be read: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    )
  }
}

/** @throws WorkerError if nothing answers there, or the key is refused */
export async function connectToTemporal(
  settings: WorkerSettings,
  info: WorkerInfo,
  logger: Logger,
): Promise<NativeConnection> {
  const address = hostAndPort(info.scheduler_url)
  const tls = info.tls && settings.caFile ? { serverRootCACertificate: readCa(settings.caFile) } : info.tls
  try {
    await knock(address)
    installLogger(logger)
    return await NativeConnection.connect({
      address,
      apiKey: settings.apiKey,
      metadata: { 'temporal-namespace': info.namespace },
      tls,
    })
  } catch (cause) {
    throw new WorkerError(
      `The server says that workers connect to ${info.scheduler_url}${info.tls ? ' with TLS' : ''}, but nothing answers there. Check that this machine can reach it, and TRAMONTANE_WORKER_HOST and TRAMONTANE_WORKER_PORT of the server: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    )
  }
}

/** @throws WorkerError for options that Temporal does not take: the user's are among them */
async function create(options: TemporalWorkerOptions): Promise<Worker> {
  try {
    return await Worker.create(options)
  } catch (cause) {
    if (!(cause instanceof TypeError || (cause instanceof Error && cause.name === 'ValueError'))) throw cause
    throw new WorkerError(
      `Temporal does not take these options of a worker. Check \`temporal\`, which is handed to it: ${cause.message}`,
      { cause },
    )
  }
}

/** One worker for the workflows and activities of the deployment, and one for each rate limit. */
export async function createTemporalWorkers(
  connection: NativeConnection,
  parts: WorkerParts,
): Promise<Worker[]> {
  const { settings, info, telemetry } = parts
  const common = {
    ...parts.temporal,
    connection,
    namespace: info.namespace,
    dataConverter: { payloadConverterPath },
    interceptors: { activity: parts.interceptors },
    shutdownGraceTime: parts.shutdownGraceMs,
    shutdownForceTime: parts.shutdownGraceMs + 10_000,
  } satisfies Partial<TemporalWorkerOptions>
  const main = await create({
    ...common,
    taskQueue: settings.deploymentName,
    workflowBundle: parts.bundle,
    activities: { ...parts.activities, ...parts.internalActivities },
    sinks: {
      tramontaneTrace: {
        span: { fn: (_info: unknown, span: SpanRecord) => telemetry.record(span), callDuringReplay: false },
      },
    },
  })
  const limits = Object.keys(parts.activities).length > 0 ? knownRateLimits() : []
  const limited = limits.map((limit) =>
    create({
      ...common,
      taskQueue: rateLimitQueue(settings.deploymentName, limit),
      activities: parts.activities,
      maxTaskQueueActivitiesPerSecond: perSecond(limit),
    }),
  )
  return [main, ...(await Promise.all(limited))]
}

/**
 * Runs workers until they are told to stop. One that cannot go on takes the others with it.
 * @param lost rejects when they must not go on
 */
export function runTogether(
  workers: readonly Worker[],
  lost: Promise<never>,
): { ended: Promise<void>; shutdown: () => void } {
  const shutdown = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown()
  }
  const stopAll = (error: unknown): never => {
    shutdown()
    throw error
  }
  const all = Promise.all(workers.map((worker) => worker.run().catch(stopAll)))
  const ended = Promise.race([all, lost.catch(stopAll)])
    .finally(() => Promise.allSettled([all]))
    .then(() => undefined)
  return { ended, shutdown }
}

/** An address with or without a scheme, as `host:port`. */
function hostAndPort(address: string): string {
  if (!address.includes('://')) return address
  const { hostname, port, protocol } = new URL(address)
  return `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`
}
