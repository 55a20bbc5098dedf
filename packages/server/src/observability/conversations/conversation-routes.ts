import {
  appendToConversation,
  deleteConversation,
  getConversation,
  getConversationHistory,
  getConversationMessages,
  listConversations,
  restartConversation,
  startConversation,
} from '@tramontane/contract/conversations'
import type { FastifyInstance } from 'fastify'
import { correlate } from '../../platform/http/correlation-id.ts'
import { openEventStream } from '../../platform/http/event-stream.ts'
import { type Call, route } from '../../platform/http/route.ts'
import type { ConversationService, TurnCaller } from './conversation-service.ts'

/** What the rules need to know of a call that makes a turn. */
function turnCaller(
  call: Pick<Call<typeof startConversation>, 'caller' | 'request' | 'reply' | 'signal'>,
): TurnCaller {
  return {
    workspaceId: call.caller.workspaceId,
    correlationId: correlate(call.request, call.reply),
    signal: call.signal,
    open: () => openEventStream(call.reply),
  }
}

/** Conversations; start, append and restart answer as a whole or as a stream. */
export function conversationRoutes(app: FastifyInstance, service: ConversationService): void {
  route(app, startConversation, (call) => service.start(turnCaller(call), call.body))

  route(app, listConversations, ({ caller, query }) => service.list(caller.workspaceId, query))

  route(app, getConversation, ({ caller, params }) => service.get(caller.workspaceId, params.conversation_id))

  route(app, deleteConversation, ({ caller, params }) =>
    service.remove(caller.workspaceId, params.conversation_id),
  )

  route(app, appendToConversation, (call) =>
    service.append(turnCaller(call), call.params.conversation_id, call.body),
  )

  route(app, restartConversation, (call) =>
    service.restart(turnCaller(call), call.params.conversation_id, call.body),
  )

  route(app, getConversationHistory, async ({ caller, params: { conversation_id } }) => ({
    object: 'conversation.history' as const,
    conversation_id,
    entries: await service.history(caller.workspaceId, conversation_id),
  }))

  route(app, getConversationMessages, async ({ caller, params: { conversation_id } }) => {
    const entries = await service.history(caller.workspaceId, conversation_id)
    return {
      object: 'conversation.messages' as const,
      conversation_id,
      messages: entries.filter((entry) => entry.type === 'message.input' || entry.type === 'message.output'),
    }
  })
}
