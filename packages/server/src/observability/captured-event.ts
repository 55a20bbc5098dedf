import type { EventRecord } from '@tramontane/contract/event-record'

/**
 * One LLM call on its way into the store, as the features that capture calls hand it over. It has its id already, so
 * that storing it again, now or from a spool file after a crash, changes nothing.
 */
export interface CapturedEvent {
  /** UUIDv7 of the call's time, see `platform/uuid.ts`. */
  readonly id: string
  readonly workspaceId: string
  /** How it came in. */
  readonly source: 'gateway' | 'telemetry' | 'import' | 'conversation'
  /** Microseconds since 1970, UTC: the time in `id`, as a decimal string (bigint does not go into JSON). */
  readonly timestampMicros: string
  readonly record: EventRecord
}

/** Stores an event; resolves when it is committed. */
export type RecordEvent = (event: CapturedEvent) => Promise<void>

/** Shorter ids are drawn from few: Ollama's `chatcmpl-417` comes back after some hundred calls. */
const SHORTEST_UNIQUE_ID = 16

/** Whether the provider's id of an answer tells one call from all others, so that two reports of it can be joined. */
export function identifiesCall(responseId: string | null): responseId is string {
  return responseId !== null && responseId.length >= SHORTEST_UNIQUE_ID
}
