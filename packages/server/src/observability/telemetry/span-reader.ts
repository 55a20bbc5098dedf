import type { Span } from './span.ts'
import type { SpanStore } from './span-store.ts'

/** A span as other features read it. */
export type StoredSpan = Span

/** More of one trace is never read at once. */
const MAX_SPANS = 10_000
const MAX_BYTES = 32 * 1024 * 1024

const TRACE_ID = /^[0-9a-f]{32}$/i

/** What other features may read of telemetry. */
export class SpanReader {
  readonly #store: SpanStore

  constructor(store: SpanStore) {
    this.#store = store
  }

  /**
   * The spans of a trace of the workspace, by start time, 10,000 at most; empty if there is no such trace.
   * @param traceId 32 hexadecimal digits; anything else is no trace
   */
  async trace(workspaceId: string, traceId: string): Promise<Span[]> {
    if (!TRACE_ID.test(traceId)) return []
    return this.#store.trace(workspaceId, traceId, MAX_SPANS)
  }

  /** Whether the workspace has spans of a trace. */
  async has(workspaceId: string, traceId: string): Promise<boolean> {
    return TRACE_ID.test(traceId) && this.#store.has(workspaceId, traceId)
  }

  /**
   * As `trace`, and no more than 32 MiB.
   * @returns isCut: the trace has more spans
   */
  async beginning(workspaceId: string, traceId: string): Promise<{ spans: Span[]; isCut: boolean }> {
    if (!TRACE_ID.test(traceId)) return { spans: [], isCut: false }
    return this.#store.beginning(workspaceId, traceId, { spans: MAX_SPANS, bytes: MAX_BYTES })
  }
}
