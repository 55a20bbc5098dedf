import type { FastifyInstance } from 'fastify'
import type { Platform } from '../../platform/platform.ts'
import type { Cron } from '../../platform/tasks/work-queue.ts'
import type { RecordEvent } from '../captured-event.ts'
import type { EventReader } from '../events/event-reader.ts'
import { eventTraceRoutes } from './event-trace-routes.ts'
import { EventTraces } from './event-traces.ts'
import { SpanReader } from './span-reader.ts'
import { SpanStore } from './span-store.ts'
import { telemetryRoutes } from './telemetry-routes.ts'
import { TelemetryService } from './telemetry-service.ts'

/** What telemetry gives to the server and to other features. */
export interface Telemetry {
  routes(app: FastifyInstance): void
  readonly reader: SpanReader
  readonly cron: Cron
}

/**
 * Telemetry: spans in, chat spans on to the events.
 * @param needs.record stores an event
 * @param needs.events finds the event whose trace is asked for
 */
export function createTelemetry(
  platform: Platform,
  needs: { record: RecordEvent; events: EventReader },
): Telemetry {
  const store = new SpanStore(platform.connection.database)
  const service = new TelemetryService(store, needs.record)
  const reader = new SpanReader(store)
  const traces = new EventTraces(store, needs.events)
  const { retentionDays } = platform.config
  return {
    routes: (app: FastifyInstance) => {
      telemetryRoutes(app, service, platform.publicUrl)
      eventTraceRoutes(app, traces)
    },
    reader,
    cron:
      retentionDays === null
        ? {}
        : {
            'delete-old-spans': {
              pattern: '17 3 * * *',
              run: (signal) => service.deleteExpired(retentionDays, signal),
            },
          },
  }
}
