import type { workflowEvent } from '@tramontane/contract/workflow-events'
import type { z } from 'zod'

/** An event as it is sent. */
export type SentEvent = z.input<typeof workflowEvent>
export type EventType = SentEvent['event_type']
/** What is told with an event of this type. */
export type AttributesOf<T extends EventType> = Extract<SentEvent, { event_type: T }>['attributes']

/** Whose events these are: the same in every event of a run. */
export interface EventSource {
  workflow_name: string
  workflow_exec_id: string
  workflow_run_id: string
  root_workflow_exec_id: string
  parent_workflow_exec_id: string | null
  continued_run_id: string | null
  first_execution_run_id: string | null
  schedule_id: string | null
}

/**
 * An event of a run.
 * @param id the same, however often the event is sent
 * @param timeMs in milliseconds, with parts of them
 */
export function runEvent<T extends EventType>(
  source: EventSource,
  id: string,
  timeMs: number,
  type: T,
  attributes: AttributesOf<T>,
): SentEvent {
  return {
    ...source,
    event_id: id,
    event_timestamp: Math.round(timeMs * 1000) * 1000,
    event_type: type,
    attributes,
  } as SentEvent
}

/** A value as events carry it. */
export function jsonPayload(value: unknown): { type: 'json'; value: unknown } {
  return { type: 'json', value: value ?? null }
}

/** The words of an error: those of what caused it, where the error itself only says that something failed. */
export function failureMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const wraps = error.name === 'ActivityFailure' || error.name === 'ChildWorkflowFailure'
  return wraps && error.cause instanceof Error ? failureMessage(error.cause) : error.message
}
