import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Config } from '../config/config.ts'
import type { DatabaseConnection } from './database/connection.ts'
import type { LiveStreams } from './http/live-streams.ts'
import type { ModelClients } from './models/model-clients.ts'
import type { ProviderConnections } from './models/provider-connections.ts'
import type { Providers } from './models/providers.ts'
import type { Temporal } from './temporal/temporal.ts'
import type { WorkerEntrance } from './temporal/worker-proxy/worker-proxy.ts'

/** What every feature may build on. Made once, in `assembly.ts`. */
export interface Platform {
  readonly config: Config
  readonly logger: Logger
  /** For requests and background work: queries are cancelled after 30 s unless they set a limit of their own. */
  readonly connection: DatabaseConnection
  /** For a feature that needs connections of its own. */
  readonly databaseUrl: string
  readonly providers: Providers
  readonly providerConnections: ProviderConnections
  /** Calls models on the server's own behalf: judges, conversations. */
  readonly models: ModelClients
  readonly metrics: Registry
  /** Answers that stay open: streams of events and logs. */
  readonly streams: LiveStreams
  /** The workflow engine; it may not be there (yet). */
  readonly temporal: Temporal
  /** Where workers reach the workflow engine, or why they cannot. */
  readonly workerEntrance: () => WorkerEntrance
  /** What every link that is handed out begins with, without a slash at its end. */
  readonly publicUrl: () => string
}
