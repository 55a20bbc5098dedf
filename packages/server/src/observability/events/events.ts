import type { FastifyInstance } from 'fastify'
import { connect } from '../../platform/database/connection.ts'
import type { Platform } from '../../platform/platform.ts'
import type { Cron } from '../../platform/tasks/work-queue.ts'
import type { AnnotationReader } from '../annotations/annotation-reader.ts'
import type { RecordEvent } from '../captured-event.ts'
import { eventAnalysisRoutes } from './event-analysis-routes.ts'
import { EventCountStore } from './event-count-store.ts'
import { EventExport } from './event-export.ts'
import { EventImport, type RecordBatch } from './event-import.ts'
import { EventKeyStore } from './event-key-store.ts'
import { EventPartitions } from './event-partitions.ts'
import { EventReadStore } from './event-read-store.ts'
import { EventReader } from './event-reader.ts'
import { eventRoutes } from './event-routes.ts'
import { EventSearch } from './event-search.ts'
import { EventSearchStore } from './event-search-store.ts'
import { EventTrafficStore } from './event-traffic-store.ts'
import { EventVolumes } from './event-volume.ts'
import { EventVolumeStore } from './event-volume-store.ts'
import { EventWriteStore } from './event-write-store.ts'
import { EventWriter } from './event-writer.ts'
import { Explorer } from './explorer.ts'
import { MetadataKeys } from './metadata-keys.ts'
import { type DeleteBefore, deleteOldEvents } from './retention.ts'

/** Writers have connections of their own, so that slow searches never keep an event from being stored. */
const WRITE_CONNECTIONS = 6
const WRITE_TIMEOUT_MS = 30_000

/** The store of events: what is captured, and how it is found again. */
export interface Events {
  readonly record: RecordEvent
  readonly recordBatch: RecordBatch
  readonly reader: EventReader
  readonly cron: Cron
  routes(app: FastifyInstance): void
  stop(): Promise<void>
}

/**
 * @param needs.annotations what judges have said of events
 * @param needs.deleteAnnotations deletes it for events that are older than the retention
 */
export function createEvents(
  platform: Pick<Platform, 'config' | 'logger' | 'connection' | 'databaseUrl' | 'metrics' | 'publicUrl'>,
  needs: { annotations: AnnotationReader; deleteAnnotations: DeleteBefore },
): Events {
  const writing = connect(platform.databaseUrl, {
    name: 'events',
    max: WRITE_CONNECTIONS,
    statementTimeoutMs: WRITE_TIMEOUT_MS,
    onError: (error) => platform.logger.warn({ err: error }, 'an idle database connection broke'),
  })
  const { database } = platform.connection
  const partitions = new EventPartitions(writing.database)
  const metadataKeys = new MetadataKeys(writing.database)
  const store = new EventWriteStore(writing.database)
  const keys = new EventKeyStore(writing.database)
  const writer = new EventWriter({ store, partitions, metadataKeys }, platform)
  const recordBatch: RecordBatch = (events) => writer.recordBatch(events)
  const parts = {
    search: new EventSearchStore(database),
    events: new EventReadStore(database),
    annotations: needs.annotations,
    metadataKeys,
  }
  const search = new EventSearch(parts)
  const explorer = new Explorer(search, new EventCountStore(database), parts)
  const imports = new EventImport(recordBatch, keys)
  const volumes = new EventVolumes(search, new EventVolumeStore(database))
  const exports = new EventExport(search, parts.events)

  const deleteOld = async (signal: AbortSignal) => {
    const days = platform.config.retentionDays
    if (days === null) return
    const now = BigInt(Date.now()) * 1000n
    const deletions: DeleteBefore[] = [
      (id, limit) => store.deleteBefore(id, limit),
      (id, limit) => keys.deleteBefore(id, limit),
      needs.deleteAnnotations,
    ]
    await deleteOldEvents({ days, now, partitions, deletions, logger: platform.logger, signal })
  }
  return {
    record: (event) => writer.record(event),
    recordBatch,
    reader: new EventReader(parts.events, search, new EventTrafficStore(database)),
    cron: { 'delete-old-events': { pattern: '17 * * * *', run: deleteOld } },
    routes: (app) => {
      eventRoutes(app, { explorer, imports, publicUrl: platform.publicUrl })
      eventAnalysisRoutes(app, { explorer, volumes, exports })
    },
    stop: () => writing.close(),
  }
}
