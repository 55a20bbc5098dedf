import type { getEventTrace } from '@tramontane/contract/event-analysis'
import type { ResponseOf } from '@tramontane/contract/operation'
import { ApiError } from '../../platform/http/errors.ts'
import type { EventReader } from '../events/event-reader.ts'
import type { Span } from './span.ts'
import type { SpanStore } from './span-store.ts'

type EventTrace = ResponseOf<typeof getEventTrace>

/** What a browser still shows. */
const LIMITS = { spans: 2_000, bytes: 8 * 1024 * 1024 }
const TRACE_ID = /^[0-9a-f]{32}$/i
const STATES = ['unset', 'ok', 'error'] as const

function toShown(span: Span): EventTrace['spans'][number] {
  const service = span.resource.get('service.name')
  return {
    span_id: span.spanId,
    parent_span_id: span.parentSpanId,
    name: span.name,
    service: typeof service === 'string' ? service : null,
    start_unix_ms: Number(span.startNanos / 1_000n) / 1_000,
    end_unix_ms: Number(span.endNanos / 1_000n) / 1_000,
    status: STATES[span.status.code] ?? 'unset',
    status_message: span.status.message,
    attributes: Object.fromEntries(span.attributes),
  }
}

/** The traces of events: an event that came as a span has its trace's id as its correlation id. */
export class EventTraces {
  readonly #store: SpanStore
  readonly #events: EventReader

  constructor(store: SpanStore, events: EventReader) {
    this.#store = store
    this.#events = events
  }

  /** @throws ApiError SEARCH_NOT_FOUND */
  async of(workspaceId: string, eventId: string): Promise<EventTrace> {
    const correlationId = await this.#events.correlationOf(workspaceId, eventId)
    if (correlationId === undefined)
      throw new ApiError('SEARCH_NOT_FOUND', `There is no event with the id ${eventId}.`)
    if (!TRACE_ID.test(correlationId)) return { trace_id: null, spans: [], is_cut: false }
    const { spans, isCut } = await this.#store.beginning(workspaceId, correlationId, LIMITS)
    return {
      trace_id: spans.length === 0 ? null : correlationId.toLowerCase(),
      spans: spans.map(toShown),
      is_cut: isCut,
    }
  }
}
