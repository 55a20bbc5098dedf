/** A span as the API tells it. */
export interface ShownSpan {
  readonly span_id: string
  readonly parent_span_id: string | null
  readonly start_unix_ms: number
  readonly end_unix_ms: number
}

/** A line of the waterfall: where its bar begins and how long it is, from 0 to 1. */
export interface TraceRow<S> {
  readonly span: S
  readonly depth: number
  readonly offset: number
  readonly share: number
}

/** The lines of a trace, each under its parent; spans whose parent is not there stand at the top. */
export function traceRows<S extends ShownSpan>(spans: readonly S[]): TraceRow<S>[] {
  const known = new Set(spans.map(({ span_id }) => span_id))
  const children = Map.groupBy(spans, ({ parent_span_id: parent, span_id }) =>
    parent !== null && parent !== span_id && known.has(parent) ? parent : null,
  )
  const start = Math.min(...spans.map(({ start_unix_ms }) => start_unix_ms))
  const length = Math.max(...spans.map(({ end_unix_ms }) => end_unix_ms)) - start || 1
  const rows: TraceRow<S>[] = []
  const seen = new Set<string>()
  // Not by recursion: a sender decides how deep spans are nested, and may send circles.
  const left = (children.get(null) ?? []).toReversed().map((span) => ({ span, depth: 0 }))
  for (;;) {
    const next = left.pop()
    if (!next) {
      const lost = spans.find(({ span_id }) => !seen.has(span_id))
      if (!lost) return rows
      left.push({ span: lost, depth: 0 })
      continue
    }
    const { span, depth } = next
    if (seen.has(span.span_id)) continue
    seen.add(span.span_id)
    rows.push({
      span,
      depth,
      offset: (span.start_unix_ms - start) / length,
      share: Math.max(0, span.end_unix_ms - span.start_unix_ms) / length,
    })
    for (const child of (children.get(span.span_id) ?? []).toReversed())
      left.push({ span: child, depth: depth + 1 })
  }
}
