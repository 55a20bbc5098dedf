import { isObject, type JsonObject } from '../../platform/json-object.ts'

/** The text of a message's content: a string, or the text chunks of a list joined by line breaks; null if it has none. */
function textOf({ content }: JsonObject): string | null {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return null
  const texts = content.flatMap((chunk) =>
    isObject(chunk) && typeof chunk.text === 'string' ? [chunk.text] : [],
  )
  return texts.length > 0 ? texts.join('\n') : null
}

/** The text of the last message of the user; null if there is none. */
export function lastUserText(messages: readonly JsonObject[]): string | null {
  const last = messages.findLast(({ role }) => role === 'user')
  return last ? textOf(last) : null
}

/** The text of the first system (or developer) message; null if there is none. */
export function systemText(messages: readonly JsonObject[]): string | null {
  const first = messages.find(({ role }) => role === 'system' || role === 'developer')
  return first ? textOf(first) : null
}

/** The texts of all messages, joined by line breaks; null if there is none. */
export function messagesText(messages: readonly JsonObject[]): string | null {
  const texts = messages.map(textOf).filter((text) => text !== null)
  return texts.length > 0 ? texts.join('\n') : null
}

/** The names of the tools that the messages call, in order. */
export function toolNames(messages: readonly JsonObject[]): string[] {
  return messages.flatMap(({ tool_calls }) => {
    if (!Array.isArray(tool_calls)) return []
    return tool_calls.flatMap((call) => {
      const called = isObject(call) ? call.function : undefined
      return isObject(called) && typeof called.name === 'string' ? [called.name.slice(0, 500)] : []
    })
  })
}
