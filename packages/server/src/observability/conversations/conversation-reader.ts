import { isUuid } from '../../platform/uuid.ts'
import { type ChatMessage, toMessages, withInstructions } from './conversation-messages.ts'
import type { ConversationStore } from './conversation-store.ts'

/** Conversations as other features read them. */
export interface ConversationReader {
  /**
   * The chat messages of conversations, in order, each with its instructions as system message.
   * @returns by conversation id; ids that the workspace does not have are absent
   */
  messagesOf(
    workspaceId: string,
    conversationIds: readonly string[],
  ): Promise<ReadonlyMap<string, readonly ChatMessage[]>>
}

/** Reads what conversations have said, for other features. */
export function conversationReader(store: ConversationStore): ConversationReader {
  return {
    async messagesOf(workspaceId, conversationIds) {
      const found = new Map<string, readonly ChatMessage[]>()
      for (const id of new Set(conversationIds)) {
        if (!isUuid(id)) continue
        const conversation = await store.find(workspaceId, id)
        if (!conversation) continue
        const messages = toMessages(await store.entries(workspaceId, conversation.id))
        found.set(id, withInstructions(conversation.definition.instructions, messages))
      }
      return found
    },
  }
}
