import type { EventRecord } from '@tramontane/contract/event-record'
import { ApiError } from '../../platform/http/errors.ts'
import type { ExportTraceServiceRequest } from '../../platform/otlp/generated/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts'
import { uuidAt } from '../../platform/uuid.ts'
import { type CapturedEvent, identifiesCall, type RecordEvent } from '../captured-event.ts'
import { chatRecord } from './chat-span.ts'
import { isCallToUs } from './gateway-call.ts'
import type { Span } from './span.ts'
import { takeIn } from './span-intake.ts'
import type { SpanStore } from './span-store.ts'

/** What the sender is told: how many spans were not stored, and why; or a warning. Empty if all is well. */
export interface ExportResult {
  readonly rejected: number
  readonly message: string
}

function isRetryable({ status }: ApiError): boolean {
  return status >= 500 || status === 429 || status === 408
}

/** The rules of telemetry: spans are stored, chat spans become events, each once. */
export class TelemetryService {
  readonly #store: SpanStore
  readonly #record: RecordEvent

  constructor(store: SpanStore, record: RecordEvent) {
    this.#store = store
    this.#record = record
  }

  /**
   * Stores an export; resolves when its spans and their events are committed.
   * @param origins addresses under which the sender knows this server, such as `http://localhost:7444`
   */
  async export(
    workspaceId: string,
    request: ExportTraceServiceRequest,
    origins: readonly string[],
  ): Promise<ExportResult> {
    const { spans, rejected, reason } = takeIn(request, Date.now())
    await this.#store.add(workspaceId, spans)
    const warning = await this.#recordAll(eventsOf(workspaceId, spans, origins))
    return { rejected, message: [reason, warning].filter(Boolean).join(' ') }
  }

  /** Records events; what the store refuses for its content, and would refuse again, becomes a warning. */
  async #recordAll(events: readonly CapturedEvent[]): Promise<string> {
    const recorded = await Promise.allSettled(events.map((event) => this.#record(event)))
    const refusals = recorded.filter((result) => result.status === 'rejected').map(({ reason }) => reason)
    const passing = refusals.find((error) => !(error instanceof ApiError) || isRetryable(error))
    if (passing !== undefined) throw passing
    if (refusals.length === 0) return ''
    return `Of the chat spans, ${refusals.length} were stored but became no event: ${refusals[0].message}`
  }

  /** Deletes the spans that are older than the configured days. */
  async deleteExpired(retentionDays: number, signal: AbortSignal): Promise<void> {
    const before = BigInt(Date.now() - retentionDays * 86_400_000) * 1_000_000n
    while (!signal.aborted && (await this.#store.deleteSomeBefore(before)) > 0);
  }
}

/**
 * Whether the call was recorded where this server carried it out. With the answer's id, span and event are joined;
 * without one (the call failed, say, or the provider repeats its ids) nothing tells that they are the same call, but that
 * it went to us. What the client makes of a conversation's answers, below the span of the call, has ids of its own.
 */
function isRecordedElsewhere(
  record: EventRecord,
  span: Span,
  parent: Span | undefined,
  origins: readonly string[],
): boolean {
  return (
    (!identifiesCall(record.response_id) && isCallToUs(span, origins)) ||
    (parent !== undefined && isCallToUs(parent, origins))
  )
}

function eventsOf(workspaceId: string, spans: readonly Span[], origins: readonly string[]): CapturedEvent[] {
  const byId = new Map(spans.map((span) => [span.traceId + span.spanId, span]))
  const events: CapturedEvent[] = []
  for (const span of byId.values()) {
    const parent = byId.get(span.traceId + span.parentSpanId)
    const record = chatRecord(span, parent)
    if (!record || isRecordedElsewhere(record, span, parent, origins)) continue
    const micros = span.startNanos / 1000n
    events.push({
      id: uuidAt(micros, `${workspaceId}/${span.traceId}/${span.spanId}`),
      workspaceId,
      source: 'telemetry',
      timestampMicros: String(micros),
      record,
    })
  }
  return events
}
