import type { WorkflowService } from '@temporalio/client'
import type { Logger } from 'pino'
import { Gauge, type Registry } from 'prom-client'
import type { Config } from '../../config/config.ts'
import { ApiError } from '../http/errors.ts'
import { type Engine, ExternalEngine, NoEngine } from './engine.ts'
import { findPrograms } from './find-programs.ts'
import { ManagedTemporal } from './managed-temporal.ts'
import { Namespaces, namespaceOfWorkspace } from './namespaces.ts'
import { temporalPaths } from './temporal-config.ts'
import { TemporalConnection } from './temporal-connection.ts'

/** The workflow engine, whoever runs it. */
export interface Temporal {
  /** Null when calls can be made; else a sentence: what is missing and how to get it. */
  readonly unavailable: string | null
  /** `host:port` of the frontend that the workers' proxy forwards to; null while there is none. */
  readonly address: string | null
  /**
   * The calls in a workspace's namespace, which is made the first time.
   * @throws ApiError TEMPORAL_UNAVAILABLE
   */
  of(workspaceId: string): Promise<WorkspaceTemporal>
  /** The namespace that a workspace has or will have. */
  namespaceOf(workspaceId: string): string
  close(): Promise<void>
}

/** Temporal as one workspace uses it. */
export interface WorkspaceTemporal {
  readonly namespace: string
  /** Temporal's own API. A call has 10 s unless `withDeadline` says otherwise. */
  readonly workflowService: WorkflowService
  /** Gives the calls that `work` makes this many milliseconds. */
  withDeadline<T>(milliseconds: number, work: () => Promise<T>): Promise<T>
  /** Breaks off the calls that `work` makes when the signal fires. */
  withAbortSignal<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>
}

/** Seconds after which a caller may find the engine there. */
const RETRY_SECONDS = 5

/**
 * Starts the workflow engine of the configuration, and does not wait for it.
 * @param parts.database the managed PostgreSQL, if there is one
 * @param parts.defaultWorkspace tells the id of the workspace that a single namespace belongs to
 */
export function startTemporal(parts: {
  config: Config
  database: string | undefined
  defaultWorkspace: () => string
  logger: Logger
  metrics: Registry
}): Temporal {
  const { config, logger } = parts
  const engine = engineOf(config, parts.database, logger)
  const temporal = new ConnectedTemporal(engine, config, parts.defaultWorkspace)
  new Gauge({
    name: 'tramontane_temporal_available',
    help: '1 while the workflow engine can be called, else 0',
    registers: [parts.metrics],
    collect() {
      this.set(engine.unavailable === null ? 1 : 0)
    },
  })
  return temporal
}

function engineOf(config: Config, database: string | undefined, logger: Logger): Engine {
  const { temporal, dataDir } = config
  if (temporal.kind === 'external') return new ExternalEngine(temporal, logger)
  if (temporal.kind === 'managed' && database !== undefined) {
    const { bin } = temporal
    const programs = findPrograms({ bin, keep: temporalPaths(dataDir).programs, logger })
    return new ManagedTemporal({ dataDir, database, logger, programs })
  }
  return new NoEngine(
    temporal.kind === 'none' && temporal.reason === 'off'
      ? 'The workflow engine is switched off (TRAMONTANE_TEMPORAL_ADDRESS is none).'
      : 'There is no workflow engine: beside a database of your own (TRAMONTANE_DATABASE_URL), name a Temporal with TRAMONTANE_TEMPORAL_ADDRESS.',
  )
}

class ConnectedTemporal implements Temporal {
  readonly #engine: Engine
  readonly #config: Config
  readonly #defaultWorkspace: () => string
  #connected: { connection: TemporalConnection; namespaces: Namespaces } | undefined

  constructor(engine: Engine, config: Config, defaultWorkspace: () => string) {
    this.#engine = engine
    this.#config = config
    this.#defaultWorkspace = defaultWorkspace
  }

  get unavailable(): string | null {
    return this.#engine.unavailable
  }

  get address(): string | null {
    return this.#engine.address
  }

  namespaceOf(workspaceId: string): string {
    const { temporal } = this.#config
    if (
      temporal.kind === 'external' &&
      temporal.namespace !== null &&
      workspaceId === this.#defaultWorkspace()
    )
      return temporal.namespace
    return namespaceOfWorkspace(workspaceId)
  }

  async of(workspaceId: string): Promise<WorkspaceTemporal> {
    const { temporal } = this.#config
    if (
      temporal.kind === 'external' &&
      temporal.namespace !== null &&
      workspaceId !== this.#defaultWorkspace()
    )
      throw unavailable(
        'Only the default workspace has workflows here: TRAMONTANE_TEMPORAL_NAMESPACE names one namespace, and it is that workspace’s.',
      )
    const { namespaces } = this.#connect()
    const namespace = this.namespaceOf(workspaceId)
    try {
      await namespaces.ensure(namespace)
    } catch (error) {
      if (error instanceof ApiError) throw error
      throw unavailable('The workflow engine (Temporal) does not answer; try again.', error)
    }
    const connect = () => this.#connect().connection
    return {
      namespace,
      get workflowService() {
        return connect().workflowService
      },
      withDeadline: (milliseconds, work) => connect().withDeadline(milliseconds, work),
      withAbortSignal: (signal, work) => connect().withAbortSignal(signal, work),
    }
  }

  /** The connection to where the engine is now: a managed one may have come back on another port. */
  #connect(): { connection: TemporalConnection; namespaces: Namespaces } {
    const { unavailable: reason, address } = this.#engine
    if (reason !== null || address === null) throw unavailable(reason ?? 'The workflow engine is starting.')
    if (this.#connected?.connection.endpoint.address !== address) {
      void this.#connected?.connection.close()
      const { temporal, workflowRetentionDays: retentionDays } = this.#config
      const { tls, apiKey, namespace } =
        temporal.kind === 'external' ? temporal : { tls: null, apiKey: null, namespace: null }
      const connection = new TemporalConnection({ address, tls, apiKey })
      const mayRegister = namespace === null
      this.#connected = {
        connection,
        namespaces: new Namespaces(connection, { retentionDays, mayRegister }),
      }
    }
    return this.#connected
  }

  async close(): Promise<void> {
    await this.#connected?.connection.close()
    await this.#engine.stop()
  }
}

function unavailable(message: string, cause?: unknown): ApiError {
  return new ApiError('TEMPORAL_UNAVAILABLE', message, { cause, retryAfter: RETRY_SECONDS })
}
