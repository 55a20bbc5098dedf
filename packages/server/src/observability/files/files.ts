import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import { localFiles } from '../../platform/files/local-files.ts'
import type { Platform } from '../../platform/platform.ts'
import type { Cron } from '../../platform/tasks/work-queue.ts'
import { fileRoutes } from './file-routes.ts'
import { FileService } from './file-service.ts'
import { FileStore } from './file-store.ts'
import { SignedLinks } from './signed-links.ts'

/** The Files API: files of up to 512 MB, and links to them. */
export interface Files {
  /** For features that read and write files. */
  readonly service: FileService
  readonly cron: Cron
  routes(app: FastifyInstance): void
}

/** Keeps the bytes of files in the data directory, and what is known of them in the database. */
export function createFiles(
  platform: Pick<Platform, 'config' | 'connection' | 'publicUrl' | 'logger'>,
): Files {
  const store = new FileStore(platform.connection.database)
  const service = new FileService({
    store,
    storage: localFiles(path.join(platform.config.dataDir, 'files')),
    links: new SignedLinks(store, platform.publicUrl),
    logger: platform.logger,
  })
  return {
    service,
    routes: (app) => fileRoutes(app, service),
    cron: { 'sweep-files': { pattern: '*/10 * * * *', run: (signal) => service.sweep(signal) } },
  }
}
