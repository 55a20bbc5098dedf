import type { ProgressEvent, SpanNode, TempoTrace, TraceEvent } from '@tramontane/contract/execution-traces'
import type { SpanReader } from '../../observability/telemetry/span-reader.ts'
import { historyOutline, type OutlinedEvent } from '../../platform/temporal/history-outline.ts'
import type { Temporal } from '../../platform/temporal/temporal.ts'
import { isNotFound, temporalError } from '../../platform/temporal/temporal-error.ts'
import type { StoredWorkflowEvent, WorkflowEventReader } from '../events/event-reader.ts'
import type { Run, RunReader } from '../executions/run-reader.ts'
import { merged, reportedEvents } from './reported-events.ts'
import { reportedTree } from './reported-tree.ts'
import { spanEvents, type TimedEvent } from './span-events.ts'
import { spansOf, spanTree } from './span-tree.ts'
import { toTempo } from './tempo-trace.ts'
import type { Nano } from './wire-values.ts'

/** Events that are answered at most; those of a history beside them, of which Temporal has 51,200 at most. */
const MAX_EVENTS = 10_000

/** What an execution did, put together from spans, events and its history. */
export class TraceService {
  readonly #runs: Pick<RunReader, 'find'>
  readonly #spans: Pick<SpanReader, 'has' | 'beginning'>
  readonly #events: Pick<WorkflowEventReader, 'ofExecution' | 'ofRun'>
  readonly #temporal: Temporal

  constructor(parts: {
    runs: Pick<RunReader, 'find'>
    spans: Pick<SpanReader, 'has' | 'beginning'>
    events: Pick<WorkflowEventReader, 'ofExecution' | 'ofRun'>
    temporal: Temporal
  }) {
    this.#runs = parts.runs
    this.#spans = parts.spans
    this.#events = parts.events
    this.#temporal = parts.temporal
  }

  /** @throws ApiError WF_1100 */
  async info(
    workspaceId: string,
    executionId: string,
  ): Promise<{ traceId: string | null; hasSpans: boolean }> {
    const { traceId } = await this.#runs.find(workspaceId, executionId)
    return { traceId, hasSpans: traceId !== null && (await this.#spans.has(workspaceId, traceId)) }
  }

  /** The spans of the trace that an execution belongs to. @throws ApiError WF_1100 */
  async tempo(
    workspaceId: string,
    executionId: string,
  ): Promise<{ run: Run; trace: TempoTrace | undefined; isCut: boolean }> {
    const run = await this.#runs.find(workspaceId, executionId)
    const { spans, isCut } = await this.#spansOf(workspaceId, run)
    return { run, trace: spans.length === 0 ? undefined : toTempo(spans), isCut }
  }

  /** What an execution did, as a tree. @throws ApiError WF_1100 */
  async tree(
    workspaceId: string,
    executionId: string,
    nano: Nano,
  ): Promise<{ run: Run; tree: SpanNode; isCut: boolean }> {
    const run = await this.#runs.find(workspaceId, executionId)
    const { spans, isCut } = await this.#spansOf(workspaceId, run)
    const tree = spanTree(run, spansOf(run, spans), nano)
    if (tree) return { run, tree, isCut }
    const { events, isCut: isListCut } = await firstOf(this.#events.ofRun(workspaceId, run.runId))
    const reported = merged(reportedEvents(events, nano))
    // The history is only another source here: without it there is less to be seen, and that is no error.
    const history = await this.#history(workspaceId, run).catch(() => [])
    return { run, tree: reportedTree(run, reported, history.slice(0, MAX_EVENTS), nano), isCut: isListCut }
  }

  /**
   * What happened in an execution, in the order of time.
   * @param options.internal also what the machinery did, and the history
   * @throws ApiError WF_1100; with `internal` TEMPORAL_UNAVAILABLE, WF_1103
   */
  async events(
    workspaceId: string,
    executionId: string,
    options: { merge: boolean; internal: boolean },
    nano: Nano,
  ): Promise<{ run: Run; events: (TraceEvent | ProgressEvent)[]; isCut: boolean }> {
    const run = await this.#runs.find(workspaceId, executionId)
    const [{ spans, isCut }, reported, history] = await Promise.all([
      this.#spansOf(workspaceId, run),
      firstOf(this.#events.ofExecution(workspaceId, executionId)),
      options.internal ? this.#history(workspaceId, run) : [],
    ])
    const told = [
      ...spansOf(run, spans).flatMap((span) => spanEvents(span, nano)),
      ...reportedEvents(reported.events, nano),
    ].sort(byTime)
    const wanted = (options.merge ? merged(told) : told).filter(
      ({ event }) => options.internal || !event.internal,
    )
    const all = [...wanted.slice(0, MAX_EVENTS), ...history.map((event) => historyEvent(event, nano))]
    return {
      run,
      events: all.sort(byTime).map(({ event }) => event),
      isCut: isCut || reported.isCut || wanted.length > MAX_EVENTS,
    }
  }

  #spansOf(workspaceId: string, { traceId }: Run): ReturnType<SpanReader['beginning']> {
    return traceId === null
      ? Promise.resolve({ spans: [], isCut: false })
      : this.#spans.beginning(workspaceId, traceId)
  }

  /** Empty if Temporal keeps it no more. */
  async #history(workspaceId: string, { executionId, runId }: Run): Promise<OutlinedEvent[]> {
    const temporal = await this.#temporal.of(workspaceId)
    try {
      return await historyOutline(temporal, { executionId, runId })
    } catch (error) {
      if (isNotFound(error)) return []
      throw temporalError(error)
    }
  }
}

async function firstOf(
  pages: AsyncIterable<readonly StoredWorkflowEvent[]>,
): Promise<{ events: StoredWorkflowEvent[]; isCut: boolean }> {
  const events: StoredWorkflowEvent[] = []
  for await (const page of pages) {
    events.push(...page)
    if (events.length > MAX_EVENTS) return { events: events.slice(0, MAX_EVENTS), isCut: true }
  }
  return { events, isCut: false }
}

function byTime(a: TimedEvent, b: TimedEvent): number {
  return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0
}

function historyEvent({ id, type, timeNanos, attributes }: OutlinedEvent, nano: Nano): TimedEvent {
  return {
    nanos: timeNanos,
    key: `history ${id}`,
    event: {
      type: 'EVENT',
      name: type,
      id: String(id),
      timestamp_unix_nano: nano(timeNanos),
      attributes: { ...attributes, event_id: id },
      internal: true,
    },
  }
}
