import type { FastifyInstance } from 'fastify'
import type { Platform } from '../../platform/platform.ts'
import type { RecordEvent } from '../captured-event.ts'
import { type ConversationReader, conversationReader } from './conversation-reader.ts'
import { conversationRoutes } from './conversation-routes.ts'
import { ConversationService } from './conversation-service.ts'
import { ConversationStore } from './conversation-store.ts'

export interface Conversations {
  routes(app: FastifyInstance): void
  readonly reader: ConversationReader
}

/** Conversations with the configured models, kept here. */
export function createConversations(platform: Platform, needs: { record: RecordEvent }): Conversations {
  const { connection, models, providers, logger } = platform
  const store = new ConversationStore(connection.database)
  const service = new ConversationService(store, { models, providers, logger, record: needs.record })
  return {
    routes: (app) => conversationRoutes(app, service),
    reader: conversationReader(store),
  }
}
