import type { SpanNode } from '@tramontane/contract/execution-traces'

/** A line of the waterfall. */
export interface SpanRow {
  readonly span: SpanNode
  readonly depth: number
  readonly isFolded: boolean | null
  /** Milliseconds since 1970, with their fraction. */
  readonly startedAt: number
  readonly endedAt: number | null
}

/** The lines of a tree of spans, each under what it belongs to, in the order of their begin. */
export function spanRows(root: SpanNode, folded: ReadonlySet<string>): SpanRow[] {
  const rows: SpanRow[] = []
  // Not by recursion: a sender decides how deep spans are nested.
  const left: { span: SpanNode; depth: number }[] = [{ span: root, depth: 0 }]
  for (let next = left.pop(); next; next = left.pop()) {
    const { span, depth } = next
    const isFolded = span.children.length === 0 ? null : folded.has(span.span_id)
    rows.push({
      span,
      depth,
      isFolded,
      startedAt: span.start_time_unix_nano / 1e6,
      endedAt: span.end_time_unix_nano === null ? null : span.end_time_unix_nano / 1e6,
    })
    if (isFolded !== false) continue
    for (let at = span.children.length - 1; at >= 0; at--)
      left.push({ span: span.children[at]!, depth: depth + 1 })
  }
  return rows
}

/** Whether a span tells of something that went wrong. */
export function isFailed({ attributes }: SpanNode): boolean {
  return (
    attributes.status === 'FAILED' ||
    attributes['otel.status_code'] === 'ERROR' ||
    attributes.error === true ||
    typeof attributes.error === 'string'
  )
}
