import type { EventPreview } from '@tramontane/contract/events'
import { printable } from './terminal-text.ts'

type Message = Record<string, unknown>

function contentText(content: unknown): string {
  if (typeof content === 'string') return content
  if (content === null || content === undefined) return ''
  if (!Array.isArray(content)) return JSON.stringify(content)
  return content
    .map((part) => (typeof part?.text === 'string' ? part.text : `[${String(part?.type ?? 'part')}]`))
    .join('\n')
}

function messageText(message: Message): string {
  const role = typeof message.role === 'string' ? message.role : 'message'
  const calls = Array.isArray(message.tool_calls)
    ? message.tool_calls.map(({ function: called }) => `→ ${called?.name}(${contentText(called?.arguments)})`)
    : []
  return [`── ${role}`, contentText(message.content), ...calls].filter((line) => line !== '').join('\n')
}

/** An event as a person reads it: its fields, then the conversation. */
export function conversationText(
  event: EventPreview & { request_messages: readonly Message[]; response_messages: readonly Message[] },
): string {
  const previews = new Set(['last_user_message_preview', 'response_messages_preview', 'first_system_message'])
  const fields = Object.entries(event.extra_fields)
    .filter(([name, value]) => value !== null && String(value) !== '' && !previews.has(name))
    .map(([name, value]) => `${name.padEnd(20)} ${Array.isArray(value) ? value.join(', ') : value}`)
  const messages = [...event.request_messages, ...event.response_messages].map(messageText)
  return printable([`event ${event.event_id}`, ...fields, '', ...messages].join('\n'))
}
