import type { DatasetRecordPreview } from '@tramontane/contract/dataset-previews'
import { isObject, type JsonObject } from '../../platform/json-object.ts'
import type { StoredRecord } from './record-store.ts'

/** Characters of each text that a list shows. */
const SHOWN = 300
const MAX_TOOLS = 20

/** The texts of a message's content: a string, or chunks of which some have text. */
function* textsOf(content: unknown): Generator<string> {
  if (typeof content === 'string') yield content
  if (!Array.isArray(content)) return
  for (const chunk of content) if (isObject(chunk) && typeof chunk.text === 'string') yield chunk.text
}

/** Cut so that no half of a surrogate pair is left at the end. */
function beginning(text: string): string {
  return text.length <= SHOWN
    ? text
    : `${text
        .slice(0, SHOWN)
        .toWellFormed()
        .replace(/\uFFFD$/, '')}…`
}

function textOf(message: JsonObject | undefined): string | null {
  // More than is shown would be joined for nothing.
  let text = ''
  for (const piece of textsOf(message?.content)) {
    text += text === '' ? piece : ` ${piece}`
    if (text.length > SHOWN) break
  }
  return text.trim() === '' ? null : beginning(text)
}

function toolNames(messages: readonly JsonObject[]): string[] {
  const names = new Set<string>()
  for (const { tool_calls: calls } of messages) {
    if (!Array.isArray(calls)) continue
    for (const call of calls) {
      if (isObject(call) && isObject(call.function) && typeof call.function.name === 'string')
        names.add(beginning(call.function.name))
      if (names.size === MAX_TOOLS) return [...names]
    }
  }
  return [...names]
}

/** A record as it stands in lists. */
export function previewOf(record: StoredRecord): DatasetRecordPreview {
  const messages = (JSON.parse(record.payload).messages as unknown[]).filter(isObject)
  const last = messages.at(-1)
  return {
    id: record.id,
    created_at: record.created_at.toISOString(),
    updated_at: record.updated_at.toISOString(),
    source: record.source,
    nb_messages: messages.length,
    bytes: Buffer.byteLength(record.payload) + Buffer.byteLength(record.properties),
    last_user_text: textOf(messages.findLast(({ role }) => role === 'user')),
    answer_text: last?.role === 'assistant' ? textOf(last) : null,
    invoked_tools: toolNames(messages),
    properties_text: beginning(record.properties),
  }
}
