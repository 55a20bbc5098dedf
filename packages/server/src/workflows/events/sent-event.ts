import { workflowEvent } from '@tramontane/contract/workflow-events'
import { isObject } from '../../platform/json-object.ts'
import { memberText, readItems, readMembers } from '../../platform/json-text.ts'
import { type NewEventRow, rowOfText } from './workflow-event-row.ts'

/** What a worker sent as an event: its row, or what is wrong with it. */
export type SentEvent = { readonly row: NewEventRow } | { readonly problem: string }

/**
 * Reads one event.
 * @param value the text, parsed
 * @param text JSON, from which the digits of `event_timestamp` are taken: no double holds nanoseconds
 */
export function readSentEvent(value: unknown, text: string): SentEvent {
  if (!isObject(value)) return { problem: 'is no object' }
  const timestamp = memberText(text, readMembers(text).members, 'event_timestamp')
  const isNumber = typeof value.event_timestamp === 'number'
  const parsed = workflowEvent.safeParse(
    isNumber && /^\d+$/.test(timestamp!) ? { ...value, event_timestamp: timestamp } : value,
  )
  if (parsed.success) return { row: rowOfText(parsed.data, text) }
  const [issue] = parsed.error.issues
  return { problem: [issue!.path.join('.'), issue!.message].filter((part) => part !== '').join(': ') }
}

/**
 * The texts of the events of a batch.
 * @param body JSON text of an object with a list `events`
 */
export function textsOfBatch(body: string): string[] {
  return readItems(memberText(body, readMembers(body).members, 'events')!)
}

/**
 * The text of a single event.
 * @param body JSON text of an object with a member `event`
 */
export function textOfSingle(body: string): string {
  return memberText(body, readMembers(body).members, 'event')!
}
