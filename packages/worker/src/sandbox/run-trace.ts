import { defaultPayloadConverter, defineSearchAttributeKey, type Headers } from '@temporalio/common'
import { proxySinks, type Sinks, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow'
import { INTERNAL_ACTIVITY_PREFIX } from '../definition/definition-names.ts'
import { type SpanRecord, spanAttributes, traceText } from '../span-record.ts'
import { ownId } from './run-state.ts'

/** What of a run's trace leaves the sandbox; nothing does while history is replayed. */
export interface TraceSinks extends Sinks {
  tramontaneTrace: { span(span: SpanRecord): void }
}

/** Header and memo in which workers of every language hand on the trace, and what a caller wants to find in it. */
const CARRIER = '_tracer-data'
const CUSTOM = 'custom_tracing_attributes'
/** Is there if the trace is the caller's own, whose first span is the caller's too. */
const CALLERS_TRACE = 'x-mistral-user-traceparent'
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/
const TRACE_ID_ATTRIBUTE = defineSearchAttributeKey('OtelTraceId', 'KEYWORD')

const { tramontaneTrace } = proxySinks<TraceSinks>()

/** The trace of this run. Its state is that of one run, as in `run-state.ts`. */
let carrier: Record<string, unknown> = {}
let trace = { traceId: '', spanId: '', parentSpanId: undefined as string | undefined, isSampled: false }
let startedMs = 0

/** Finds the run's place in a trace, or begins one; and makes it findable by its execution. */
export function beginTrace(headers: Headers, args: readonly unknown[]): void {
  const info = workflowInfo()
  startedMs = Date.now()
  const received = headers[CARRIER] && defaultPayloadConverter.fromPayload(headers[CARRIER])
  carrier = typeof received === 'object' && received !== null ? { ...received } : {}
  const [, traceId, spanId, flags] = TRACEPARENT.exec(String(carrier.traceparent)) ?? []
  const isFirst = info.parent === undefined && info.runId === info.firstExecutionRunId
  const isOwnTrace = isFirst && headers[CALLERS_TRACE] === undefined
  trace = {
    traceId: traceId ?? hexId(32),
    // The server hands out a span that it leaves to the worker to report: the run itself.
    spanId: isOwnTrace && spanId ? spanId : hexId(16),
    parentSpanId: isOwnTrace ? undefined : spanId,
    isSampled: flags === undefined || (Number.parseInt(flags, 16) & 1) === 1,
  }
  upsertSearchAttributes([{ key: TRACE_ID_ATTRIBUTE, value: trace.traceId }])
  const self = `${isOwnTrace ? 'StartWorkflow' : 'RunWorkflow'}:${info.workflowType}`
  emit(self, trace.spanId, trace.parentSpanId, { ...runAttributes() }, isOwnTrace ? 'server' : 'internal')
  child(`WorkflowInit:${info.workflowType}`, 'workflow_init', info.workflowType, {
    'wf.arguments': traceText(args),
  })
}

/** The run's end, with what came of it. */
export function endTrace(outcome: { result: unknown } | { error: string }): void {
  const info = workflowInfo()
  child(
    `WorkflowReport:${info.workflowType}`,
    'workflow_report',
    info.workflowType,
    {
      'wf.workflow.duration.ms': Date.now() - startedMs,
      'wf.workflow.attempt': info.attempt,
      'wf.workflow.max_attempts': info.retryPolicy?.maximumAttempts ?? 1,
      ...('result' in outcome && { 'wf.result': traceText(outcome.result) }),
    },
    'error' in outcome ? outcome.error : undefined,
  )
}

/** A signal, query or update that was handled. */
export function traceHandler(
  kind: 'signal' | 'query' | 'update',
  name: string,
  args: readonly unknown[],
  outcome: { result?: unknown; error?: string },
): void {
  const title = { signal: 'ExecuteSignal', query: 'ExecuteQuery', update: 'ExecuteUpdate' }[kind]
  child(
    `${title}:${name}`,
    kind,
    name,
    {
      'wf.arguments': traceText(args),
      ...(kind !== 'signal' && outcome.error === undefined && { 'wf.result': traceText(outcome.result) }),
    },
    outcome.error,
  )
}

/** A custom task of workflow code: begun, changed or ended. */
export function traceTask(type: string, id: string, lifecycle: string, error?: string): void {
  child(
    `Task:${type}`,
    'custom_task',
    type,
    { 'task.id': id, 'task.type': type, 'task.lifecycle': lifecycle },
    error,
  )
}

/** What calls of activities, children and the next run carry, so that their spans hang below this run's. */
export function traceHeaders(target: string): Headers {
  if (target.startsWith(INTERNAL_ACTIVITY_PREFIX) || trace.traceId === '') return {}
  const custom = customAttributes()
  return {
    [CARRIER]: defaultPayloadConverter.toPayload({
      ...carrier,
      traceparent: `00-${trace.traceId}-${trace.spanId}-${trace.isSampled ? '01' : '00'}`,
    }),
    ...(custom && { [CUSTOM]: defaultPayloadConverter.toPayload(custom) }),
  }
}

/** What a child's memo gets of its parent's. */
export function traceMemo(): Record<string, unknown> | undefined {
  const custom = customAttributes()
  return custom && { [CUSTOM]: custom }
}

/** By which a log record finds its trace. */
export function traceLogAttributes(): Record<string, string> {
  return trace.traceId === '' ? {} : { traceId: trace.traceId, spanId: trace.spanId }
}

function child(
  name: string,
  type: string,
  eventType: string,
  attributes: SpanRecord['attributes'],
  error?: string,
): void {
  const own = spanAttributes(type, eventType, ownId().replaceAll('-', ''), customAttributes())
  emit(name, hexId(16), trace.spanId, { ...runAttributes(), ...own, ...attributes }, 'internal', error)
}

function emit(
  name: string,
  spanId: string,
  parentSpanId: string | undefined,
  attributes: SpanRecord['attributes'],
  kind: SpanRecord['kind'],
  error?: string,
): void {
  if (!trace.isSampled) return
  const now = Date.now()
  tramontaneTrace.span({
    name,
    kind,
    traceId: trace.traceId,
    spanId,
    parentSpanId,
    startMs: now,
    endMs: now,
    attributes,
    error,
  })
}

function runAttributes(): SpanRecord['attributes'] {
  const info = workflowInfo()
  return {
    'wf.workflow.type': info.workflowType,
    'wf.workflow.execution_id': info.workflowId,
    temporalWorkflowID: info.workflowId,
    temporalRunID: info.runId,
  }
}

function customAttributes(): Record<string, unknown> | undefined {
  const custom = workflowInfo().memo?.[CUSTOM]
  return typeof custom === 'object' && custom !== null ? (custom as Record<string, unknown>) : undefined
}

/** Random, and the same when the code runs again. */
function hexId(digits: 16 | 32): string {
  return ownId().replaceAll('-', '').slice(-digits)
}
