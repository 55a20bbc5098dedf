import type { completionEvent, EventPreview, ExtraFieldValue } from '@tramontane/contract/events'
import { eventFields } from '@tramontane/contract/fields'
import type { z } from 'zod'
import type { EventTable, EventWithPayload } from './event-read-store.ts'

/** The answers of judges about one event, by field name. */
export type Answers = ReadonlyMap<string, string | number> | undefined

function fieldValue(row: EventTable, answers: Answers, name: string): ExtraFieldValue {
  if (name === 'timestamp') return row.timestamp.toISOString()
  if (name.startsWith('metadata.')) {
    const key = name.slice('metadata.'.length)
    return Object.hasOwn(row.metadata, key) ? row.metadata[key]! : null
  }
  if (name.startsWith('__judge_')) return answers?.get(name) ?? null
  return row[name as keyof Omit<EventTable, 'metadata' | 'timestamp'>]
}

function allNames(row: EventTable, answers: Answers): string[] {
  const metadata = Object.keys(row.metadata).map((key) => `metadata.${key}`)
  return [...eventFields.map(({ name }) => name), ...metadata, ...(answers?.keys() ?? [])]
}

/**
 * An event as it stands in lists.
 * @param names the fields to show, null where the event has no value; if undefined, all that it has
 */
export function toPreview(row: EventTable, answers: Answers, names?: readonly string[]): EventPreview {
  return {
    event_id: row.event_id,
    correlation_id: row.correlation_id,
    created_at: row.timestamp.toISOString(),
    extra_fields: Object.fromEntries(
      (names ?? allNames(row, answers)).map((name) => [name, fieldValue(row, answers, name)]),
    ),
    nb_input_tokens: row.input_tokens,
    nb_output_tokens: row.output_tokens,
  }
}

/** An event with its conversation. */
export function toCompletionEvent(row: EventWithPayload, answers: Answers): z.input<typeof completionEvent> {
  return {
    ...toPreview(row, answers),
    enabled_tools: row.enabled_tools,
    request_messages: row.request_messages,
    response_messages: row.response_messages,
    nb_messages: row.nb_messages,
    chat_transcription_events: [],
  }
}
