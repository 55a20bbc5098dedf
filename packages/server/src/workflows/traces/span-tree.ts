import type { SpanNode, TraceEvent } from '@tramontane/contract/execution-traces'
import type { StoredSpan } from '../../observability/telemetry/span-reader.ts'
import type { Run } from '../executions/run-reader.ts'
import { spanEvents } from './span-events.ts'
import { flat, type Nano } from './wire-values.ts'

/** Deeper than this, a span is shown beside its parent instead of below it: nobody reads JSON of any depth. */
const MAX_DEPTH = 100
/** How spans say whose they are: the official worker's attribute, and Temporal's own. */
const EXECUTION_IDS = ['wf.workflow.execution_id', 'temporalWorkflowID', 'workflowId'] as const

/** Whether a span says that it belongs to an execution. */
function isOf(span: StoredSpan, executionId: string): boolean {
  return EXECUTION_IDS.some((name) => span.attributes.get(name) === executionId)
}

/** The spans of an execution within its trace: its own, and what began within those; of a root, all there are. */
export function spansOf(run: Run, spans: readonly StoredSpan[]): readonly StoredSpan[] {
  if (run.rootExecutionId === run.executionId) return spans
  const children = childrenOf(spans)
  const found = new Set(spans.filter((span) => isOf(span, run.executionId)))
  for (const span of found) for (const child of children.get(span.spanId) ?? []) found.add(child)
  return spans.filter((span) => found.has(span))
}

function childrenOf(spans: readonly StoredSpan[]): Map<string | null, StoredSpan[]> {
  return Map.groupBy(spans, ({ parentSpanId }) => parentSpanId)
}

/** The spans that begin a tree: whose parent is not among them, and one of each circle. */
function rootsOf(spans: readonly StoredSpan[]): StoredSpan[] {
  const ids = new Set(spans.map(({ spanId }) => spanId))
  const roots = spans.filter(({ parentSpanId }) => parentSpanId === null || !ids.has(parentSpanId))
  const children = childrenOf(spans)
  const seen = new Set<string>()
  const see = (root: StoredSpan) => {
    const waiting = [root]
    for (let span = waiting.pop(); span; span = waiting.pop()) {
      if (seen.has(span.spanId)) continue
      seen.add(span.spanId)
      waiting.push(...(children.get(span.spanId) ?? []))
    }
  }
  roots.forEach(see)
  for (const span of spans) {
    if (seen.has(span.spanId)) continue
    roots.push(span)
    see(span)
  }
  return roots
}

function toNode(span: StoredSpan, nano: Nano): SpanNode {
  const failed: SpanNode['attributes'] =
    span.status.code === 2 ? { 'status.code': 'ERROR', 'status.message': span.status.message } : {}
  return {
    span_id: span.spanId,
    name: span.name,
    start_time_unix_nano: nano(span.startNanos),
    end_time_unix_nano: nano(span.endNanos),
    attributes: { ...flat(span.attributes), ...failed },
    events: spanEvents(span, nano).map(({ event }): TraceEvent => event),
    children: [],
  }
}

/** A span, and all that began within it. */
function grow(root: StoredSpan, children: ReadonlyMap<string | null, StoredSpan[]>, nano: Nano): SpanNode {
  const top = toNode(root, nano)
  const seen = new Set([root.spanId])
  const waiting = [{ span: root, node: top, host: top, depth: 0 }]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { span, node, host, depth } = next
    const below = depth < MAX_DEPTH ? node : host
    const found = (children.get(span.spanId) ?? []).filter(({ spanId }) => !seen.has(spanId))
    for (const child of found) {
      seen.add(child.spanId)
      const grown = toNode(child, nano)
      below.children.push(grown)
      waiting.push({ span: child, node: grown, host: below, depth: Math.min(depth + 1, MAX_DEPTH) })
    }
  }
  return top
}

/**
 * Spans as one tree, in the order of time. What has no parent here, or several beginnings, stands below a span that
 * stands for the execution.
 */
export function spanTree(run: Run, spans: readonly StoredSpan[], nano: Nano): SpanNode | null {
  if (spans.length === 0) return null
  const children = childrenOf(spans)
  const trees = rootsOf(spans).map((root) => grow(root, children, nano))
  if (trees.length === 1) return trees[0]!
  const starts = spans.map(({ startNanos }) => startNanos)
  const ends = spans.map(({ endNanos }) => endNanos)
  return {
    span_id: spans.find(({ parentSpanId }) => parentSpanId !== null)?.parentSpanId ?? '0'.repeat(16),
    name: run.workflowName,
    start_time_unix_nano: nano(least(starts)),
    end_time_unix_nano: run.endTime === null ? null : nano(greatest(ends)),
    attributes: { 'wf.workflow.execution_id': run.executionId, 'wf.workflow.type': run.workflowName },
    events: [],
    children: trees,
  }
}

function least(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => (b < a ? b : a))
}

function greatest(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => (b > a ? b : a))
}
