import type { HistoryEvent } from '@tramontane/contract/run-history'
import type { HistoryGroup } from './history-groups.ts'

/** @param text in lower case */
export function groupContains(
  { id, name, message, input, result, childExecutionId }: HistoryGroup,
  text: string,
): boolean {
  return (
    String(id) === text ||
    [name, message, input, result, childExecutionId].some((part) => part?.toLowerCase().includes(text))
  )
}

/** @param text in lower case */
export function eventContains(
  { event_id, event_type, attributes, previews }: HistoryEvent,
  text: string,
): boolean {
  if (String(event_id) === text || event_type.toLowerCase().replaceAll('_', ' ').includes(text)) return true
  for (const name in attributes) if (String(attributes[name]).toLowerCase().includes(text)) return true
  for (const name in previews) if (previews[name]!.toLowerCase().includes(text)) return true
  return false
}
