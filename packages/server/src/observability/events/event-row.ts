import { storableText } from '@tramontane/contract/filter-check'
import { microsOf } from '../../platform/uuid.ts'
import type { CapturedEvent } from '../captured-event.ts'
import { sketch } from './likeness.ts'
import { lastUserText, messagesText, systemText, toolNames } from './message-text.ts'

/** A row of `events` with its row of `event_payloads`, ready to be sent as JSON. */
export interface EventRow {
  readonly workspace_id: string
  readonly event_id: string
  readonly correlation_id: string
  /** ISO 8601 with microseconds. */
  readonly timestamp: string
  readonly source: string
  readonly status: string
  readonly error: string | null
  readonly model_name: string
  readonly api_agent_id: string | null
  readonly last_user_message_preview: string | null
  readonly response_messages_preview: string | null
  readonly first_system_message: string | null
  readonly invoked_tools: readonly string[]
  readonly input_tokens: number
  readonly output_tokens: number
  readonly total_time_elapsed: number
  readonly metadata: Readonly<Record<string, string>>
  readonly response_id: string | null
  readonly nb_messages: number
  readonly likeness_1: number | null
  readonly likeness_2: number | null
  readonly likeness_3: number | null
  readonly likeness_4: number | null
  /** JSON texts: the payload columns keep what was sent, NUL and lone surrogates included. */
  readonly request_messages: string
  readonly response_messages: string
  readonly enabled_tools: string
}

/** Characters of a message that its searchable preview holds. */
export const PREVIEW_LENGTH = 200

function preview(text: string | null): string | null {
  if (text === null) return null
  if (text.length <= PREVIEW_LENGTH) return storableText(text)
  // Not through the middle of a surrogate pair.
  const cut = text.codePointAt(PREVIEW_LENGTH - 1)! > 0xffff ? PREVIEW_LENGTH - 1 : PREVIEW_LENGTH
  return storableText(text.slice(0, cut))
}

/** ISO 8601 with microseconds of an instant in microseconds since 1970. */
function isoOfMicros(micros: bigint): string {
  const millis = new Date(Number(micros / 1000n)).toISOString()
  return `${millis.slice(0, -1)}${String(micros % 1000n).padStart(3, '0')}Z`
}

/** What is stored of an event. Its time is the one in its id, so that order, filters and the shown time agree. */
export function toRow({ id, workspaceId, source, record }: CapturedEvent): EventRow {
  const metadata: [string, string][] = Object.entries(record.metadata).map(([key, value]) => [
    storableText(key),
    storableText(value),
  ])
  const userText = preview(lastUserText(record.request_messages))
  const bands = sketch(userText)
  const tools = record.invoked_tools ?? toolNames(record.response_messages)
  return {
    workspace_id: workspaceId,
    event_id: id,
    correlation_id: storableText(record.correlation_id ?? id),
    timestamp: isoOfMicros(microsOf(id)),
    source,
    status: record.status,
    error: record.error === null ? null : storableText(record.error),
    model_name: storableText(record.model_name),
    api_agent_id: record.api_agent_id === null ? null : storableText(record.api_agent_id),
    last_user_message_preview: userText,
    response_messages_preview: preview(messagesText(record.response_messages)),
    first_system_message: preview(systemText(record.request_messages)),
    invoked_tools: [...new Set(tools.map(storableText))],
    input_tokens: record.input_tokens,
    output_tokens: record.output_tokens,
    total_time_elapsed: record.total_time_elapsed,
    metadata: Object.fromEntries(metadata),
    response_id: record.response_id === null ? null : storableText(record.response_id),
    nb_messages: record.request_messages.length + record.response_messages.length,
    likeness_1: bands?.[0] ?? null,
    likeness_2: bands?.[1] ?? null,
    likeness_3: bands?.[2] ?? null,
    likeness_4: bands?.[3] ?? null,
    request_messages: JSON.stringify(record.request_messages),
    response_messages: JSON.stringify(record.response_messages),
    enabled_tools: JSON.stringify(record.enabled_tools),
  }
}
