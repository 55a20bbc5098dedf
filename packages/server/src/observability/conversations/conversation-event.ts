import type { FunctionTool } from '@tramontane/contract/conversations'
import { uuidAt } from '../../platform/uuid.ts'
import type { CapturedEvent } from '../captured-event.ts'
import type { Answer } from './conversation-answer.ts'
import type { ChatMessage } from './conversation-messages.ts'

const MAX_METADATA_KEY = 200
const MAX_METADATA_VALUE = 10_000
const MAX_ERROR = 10_000

/** A turn's call of its model, as it went. */
export interface TurnCall {
  readonly workspaceId: string
  readonly conversationId: string
  readonly correlationId: string
  readonly model: string
  readonly messages: readonly ChatMessage[]
  readonly tools: readonly FunctionTool[]
  readonly metadata: Record<string, unknown> | null
  /** Milliseconds since 1970. */
  readonly startedAt: number
}

/** Metadata of an event is text: what is no string is written as JSON. The conversation's id is added to it. */
function textMetadata(call: TurnCall): Record<string, string> {
  const pairs = Object.entries(call.metadata ?? {})
    .filter(([key]) => key !== '' && key.length <= MAX_METADATA_KEY)
    .map(([key, value]): [string, string] => [
      key,
      (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, MAX_METADATA_VALUE),
    ])
  return Object.fromEntries([...pairs, ['conversation_id', call.conversationId]])
}

/**
 * The event of a turn's call.
 * @param outcome.error why it failed; absent if it did not
 */
export function turnEvent(
  call: TurnCall,
  answer: Answer,
  outcome: { status: 'ok' | 'error' | 'cancelled'; error?: string },
): CapturedEvent {
  const micros = BigInt(call.startedAt) * 1000n
  const message = answer.message()
  const usage = answer.usage()
  return {
    id: uuidAt(micros),
    workspaceId: call.workspaceId,
    source: 'conversation',
    timestampMicros: String(micros),
    record: {
      timestamp: new Date(call.startedAt).toISOString(),
      correlation_id: call.correlationId,
      model_name: call.model,
      request_messages: call.messages.map((item) => ({ ...item })),
      response_messages: message ? [{ ...message }] : [],
      enabled_tools: call.tools.map((tool) => ({ ...tool })),
      invoked_tools: [...new Set(message?.tool_calls?.map((item) => item.function.name))],
      input_tokens: usage.prompt_tokens,
      output_tokens: usage.completion_tokens,
      total_time_elapsed: (Date.now() - call.startedAt) / 1000,
      api_agent_id: null,
      metadata: textMetadata(call),
      status: outcome.status,
      error: outcome.error?.slice(0, MAX_ERROR) ?? null,
      response_id: answer.responseId?.slice(0, 500) ?? null,
    },
  }
}
