import type { ProgressEvent, TraceEvent } from '@tramontane/contract/execution-traces'
import type { StoredSpan } from '../../observability/telemetry/span-reader.ts'
import type { Attributes } from '../../platform/otlp/attributes.ts'
import { flat, type Nano } from './wire-values.ts'

/** An event on the wire, with what it is sorted and joined by. */
export interface TimedEvent {
  readonly nanos: bigint
  /** Events of one thing have the same. */
  readonly key: string
  readonly event: TraceEvent | ProgressEvent
}

const STATUSES: ReadonlySet<unknown> = new Set(['RUNNING', 'COMPLETED', 'FAILED'])

/** What workers write as `wf.progress.…`; an instant may come as text. */
function progressOf(attributes: Attributes, nanos: bigint): Omit<ProgressEvent, keyof TraceEvent> {
  const number = (name: string) => {
    const value = Number(attributes.get(name) ?? Number.NaN)
    return Number.isSafeInteger(value) ? value : undefined
  }
  const status = attributes.get('wf.progress.status')
  const error = attributes.get('wf.progress.error')
  return {
    status: (STATUSES.has(status) ? status : 'RUNNING') as ProgressEvent['status'],
    start_time_unix_ms: number('wf.progress.start_time_unix_ms') ?? Number(nanos / 1_000_000n),
    end_time_unix_ms: number('wf.progress.end_time_unix_ms') ?? null,
    error: typeof error === 'string' && error !== '' ? error : null,
  }
}

/** What happened within a span: what its worker recorded with it. */
export function spanEvents(span: StoredSpan, nano: Nano): TimedEvent[] {
  return span.events.map(({ name, timeNanos, attributes }, index) => {
    const id = attributes.get('wf.id')
    const event: TraceEvent = {
      type: 'EVENT',
      name,
      id: typeof id === 'string' && id !== '' ? id : `${span.spanId}-${index}`,
      timestamp_unix_nano: nano(timeNanos),
      attributes: flat(attributes),
      internal: attributes.get('wf.internal') === true,
    }
    const isProgress = attributes.get('wf.type') === 'EVENT_PROGRESS'
    return {
      nanos: timeNanos,
      key: `span ${event.id}`,
      event: isProgress ? { ...event, type: 'EVENT_PROGRESS', ...progressOf(attributes, timeNanos) } : event,
    }
  })
}
