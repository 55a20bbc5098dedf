import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { ReadinessCheck } from '../../platform/http/health-routes.ts'
import type { Platform } from '../../platform/platform.ts'
import type { RecordEvent } from '../captured-event.ts'
import { EventKeeper } from './event-keeper.ts'
import { gatewayRoutes } from './gateway-routes.ts'
import { GatewayService } from './gateway-service.ts'
import { Spool } from './spool.ts'

/** What the gateway needs of other features. */
export interface GatewayNeeds {
  readonly record: RecordEvent
}

/** The way in for traffic: calls passed on to the model providers, each kept as an event. */
export interface Gateway {
  readonly checks: readonly ReadinessCheck[]
  routes(app: FastifyInstance): void
  /** Waits for the events under way; called when the last answer is out, while the database is still there. */
  stop(): Promise<void>
}

/** Opens the spool in the data directory and begins to store what an earlier process left there. */
export function createGateway(platform: Platform, { record }: GatewayNeeds): Gateway {
  const spool = new Spool(path.join(platform.config.dataDir, 'spool'), platform.config.spoolBytes)
  const keeper = new EventKeeper(record, spool, platform)
  keeper.start()
  const service = new GatewayService({
    providers: platform.providers,
    connections: platform.providerConnections,
    keeper,
    logger: platform.logger,
  })
  return {
    checks: [() => keeper.check()],
    routes: (app) => gatewayRoutes(app, service),
    stop: () => keeper.stop(),
  }
}
