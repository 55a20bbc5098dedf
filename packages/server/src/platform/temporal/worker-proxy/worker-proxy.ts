import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Config } from '../../../config/config.ts'
import type { FindCaller } from '../../http/auth.ts'
import { endWithStatus, GRPC } from './grpc-status.ts'
import { NamespaceIds, type Namespaces } from './namespace-ids.ts'
import { OpenCalls } from './open-calls.ts'
import { answerCall, type CallParts } from './proxy-call.ts'
import { ProxyLog } from './proxy-log.ts'
import { proxyMetrics } from './proxy-metrics.ts'
import { RequestMemory } from './request-memory.ts'
import { Upstream } from './upstream.ts'
import { whyClosed } from './why-closed.ts'
import { listenForWorkers, type WorkerAddress, type WorkerListener } from './worker-listener.ts'

/** Where workers connect, or why they cannot. */
export interface WorkerEntrance {
  readonly address: WorkerAddress | null
  /** Why they cannot, in a sentence; null if they can. */
  readonly closed: string | null
}

/** The way to Temporal for workers. */
export interface WorkerProxy extends WorkerEntrance {
  /** A key was revoked: ends what was begun with it, above all polls, which would be given another task. */
  endCallsOf(keyId: string): void
  /**
   * Takes no new calls, ends those that wait for tasks, and gives others a moment.
   * @param hurry ends the moment
   */
  stop(hurry: AbortSignal): Promise<void>
}

/** What the proxy needs of Temporal. */
export interface ProxiedTemporal extends Namespaces {
  readonly unavailable: string | null
  readonly address: string | null
}

/** How long a call that is no poll may take to end when the server stops. */
const DRAIN_MS = 5_000
const STOPPING = 'The server is stopping; try again in a moment.'

/**
 * Starts the proxy through which workers reach Temporal: gRPC over HTTP/2, with a key on each call, which leads to one
 * namespace. On an address that other machines reach it starts only with TLS, since keys would travel in clear.
 * @param parts.config.workers where to listen
 * @throws ConfigError if it cannot listen there, or the certificate is none
 */
export async function startWorkerProxy(parts: {
  config: Config
  temporal: ProxiedTemporal
  findCaller: FindCaller
  logger: Logger
  metrics: Registry
}): Promise<WorkerProxy> {
  const { config, temporal, logger } = parts
  const closed = whyClosed(config)
  if (closed !== null) {
    if (config.temporal.kind !== 'none') logger.warn(closed)
    return { address: null, closed, endCallsOf: () => {}, stop: async () => {} }
  }

  const calls = new OpenCalls()
  let isStopping = false
  const { tls, apiKey } = config.temporal.kind === 'external' ? config.temporal : { tls: null, apiKey: null }
  const upstream = new Upstream({
    address: () => temporal.address,
    unavailable: () => temporal.unavailable,
    tls: tls && { ca: tls.ca ?? undefined, cert: tls.client?.cert, key: tls.client?.key },
    apiKey,
    logger,
  })
  const callParts: CallParts = {
    findCaller: parts.findCaller,
    namespaces: temporal,
    ids: new NamespaceIds(temporal),
    upstream,
    calls,
    memory: new RequestMemory(),
    metrics: proxyMetrics(parts.metrics, () => ({
      calls: calls.size,
      connections: listener?.connections() ?? 0,
    })),
    log: new ProxyLog(logger),
  }
  let listener: WorkerListener | undefined
  try {
    listener = await listenForWorkers(config, logger, (stream, headers, onKnown) => {
      // Whoever hangs up, or sends what is no HTTP/2, has its stream closed; there is nobody to tell.
      stream.on('error', () => {})
      if (isStopping) return endWithStatus(stream, GRPC.unavailable, STOPPING)
      void answerCall(stream, headers, callParts, onKnown)
    })
  } catch (error) {
    upstream.close()
    throw error
  }
  const { address, close } = listener
  return {
    address,
    closed: null,
    endCallsOf: (keyId) =>
      calls.end(({ caller }) => caller?.keyId === keyId, GRPC.unauthenticated, 'This key has been revoked.'),
    stop: async (hurry) => {
      isStopping = true
      const ended = close()
      calls.end(({ isPoll }) => isPoll === true, GRPC.unavailable, STOPPING)
      await calls.idle(AbortSignal.any([AbortSignal.timeout(DRAIN_MS), hurry]))
      upstream.close()
      await ended.now()
    },
  }
}
