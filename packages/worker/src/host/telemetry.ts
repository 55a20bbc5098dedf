import {
  context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { type Logger as OtelLogger, SeverityNumber } from '@opentelemetry/api-logs'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  type IdGenerator,
  RandomIdGenerator,
} from '@opentelemetry/sdk-trace-base'
import type { LogLevel } from '@temporalio/common'
import type { SpanRecord } from '../span-record.ts'
import type { WorkerSettings } from './worker-settings.ts'

/** By which the server tells the telemetry of workers from that of others. */
const SERVICE_NAME = 'mistral-workflows-worker'
const NAME = '@tramontane/worker'

const severities: Record<LogLevel, SeverityNumber> = {
  TRACE: SeverityNumber.TRACE,
  DEBUG: SeverityNumber.DEBUG,
  INFO: SeverityNumber.INFO,
  WARN: SeverityNumber.WARN,
  ERROR: SeverityNumber.ERROR,
}

/** Ids that are given, where a span must have the one that others already name as their parent. */
class GivenIds implements IdGenerator {
  readonly #random = new RandomIdGenerator()
  #next: { traceId?: string; spanId?: string } = {}

  /** For the one span that `make` starts. */
  use<T>(ids: { traceId: string; spanId: string }, make: () => T): T {
    this.#next = ids
    try {
      return make()
    } finally {
      this.#next = {}
    }
  }

  generateTraceId = (): string => this.#next.traceId ?? this.#random.generateTraceId()
  generateSpanId = (): string => this.#next.spanId ?? this.#random.generateSpanId()
}

/** A log record of a run or of the worker itself. */
export interface LogRecord {
  readonly level: LogLevel
  readonly message: string
  readonly time: Date
  readonly attributes: Record<string, string | number | boolean>
  readonly trace?: { readonly traceId: string; readonly spanId: string }
}

/** Sends a worker's spans and log records to the server, in batches, over OTLP. */
export class Telemetry {
  readonly #ids = new GivenIds()
  readonly #traces: BasicTracerProvider | undefined
  readonly #logs: LoggerProvider | undefined
  readonly #tracer: Tracer | undefined
  readonly #logger: OtelLogger | undefined
  readonly #names: { deploymentName: string; workerName: string }

  constructor({ telemetry, apiKey, deploymentName, workerName }: WorkerSettings) {
    this.#names = { deploymentName, workerName }
    const resource = resourceFromAttributes({
      'service.name': SERVICE_NAME,
      'telemetry.distro.name': NAME,
      ...this.#names,
    })
    const headers = { authorization: `Bearer ${apiKey}` }
    if (telemetry.traces) {
      this.#traces = new BasicTracerProvider({
        resource,
        sampler: new AlwaysOnSampler(),
        idGenerator: this.#ids,
        spanProcessors: [
          new BatchSpanProcessor(new OTLPTraceExporter({ url: telemetry.traces, headers }), {
            scheduledDelayMillis: 1_000,
          }),
        ],
      })
      this.#tracer = this.#traces.getTracer(NAME)
    }
    if (telemetry.logs) {
      this.#logs = new LoggerProvider({
        resource,
        processors: [
          new BatchLogRecordProcessor({
            exporter: new OTLPLogExporter({ url: telemetry.logs, headers }),
            scheduledDelayMillis: 1_000,
          }),
        ],
      })
      this.#logger = this.#logs.getLogger(NAME)
    }
  }

  /** A span that the sandbox made. */
  record(span: SpanRecord): void {
    if (!this.#tracer) return
    const parent = span.parentSpanId
      ? parentContext({ traceId: span.traceId, spanId: span.parentSpanId })
      : ROOT_CONTEXT
    const made = this.#ids.use(span, () =>
      this.#tracer!.startSpan(
        span.name,
        {
          kind: span.kind === 'server' ? SpanKind.SERVER : SpanKind.INTERNAL,
          startTime: span.startMs,
          attributes: span.attributes,
        },
        parent,
      ),
    )
    finish(made, span.error, span.endMs)
  }

  /**
   * Runs a function in a span below another one, or in one of its own.
   * @param traceparent of the span above it; where it says that the trace is not kept, there is no span
   */
  async inSpan<T>(
    name: string,
    traceparent: string | undefined,
    attributes: SpanRecord['attributes'],
    body: (span: Span | undefined) => Promise<T>,
  ): Promise<T> {
    const above = traceparent === undefined ? undefined : parse(traceparent)
    if (!this.#tracer || above === 'not kept') return body(undefined)
    const parent = above ? parentContext(above) : ROOT_CONTEXT
    const span = this.#tracer.startSpan(name, { attributes }, parent)
    try {
      // Spans that user code makes hang below this one, if the user's program has set up OpenTelemetry.
      const result = await context.with(trace.setSpan(parent, span), () => body(span))
      finish(span)
      return result
    } catch (error) {
      finish(span, error instanceof Error ? error.message : String(error))
      throw error
    }
  }

  log(record: LogRecord): void {
    this.#logger?.emit({
      timestamp: record.time,
      severityNumber: severities[record.level],
      severityText: record.level,
      body: record.message,
      attributes: { ...record.attributes, ...this.#names },
      context: record.trace ? parentContext(record.trace) : undefined,
    })
  }

  /** Sends what is left. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#traces?.shutdown(), this.#logs?.shutdown()])
  }
}

function parentContext(ids: { traceId: string; spanId: string }) {
  const above: SpanContext = { ...ids, traceFlags: TraceFlags.SAMPLED, isRemote: true }
  return trace.setSpanContext(ROOT_CONTEXT, above)
}

function parse(traceparent: string): { traceId: string; spanId: string } | 'not kept' | undefined {
  const [, traceId, spanId, flags] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent) ?? []
  if (!traceId || !spanId || !flags) return undefined
  return Number.parseInt(flags, 16) & 1 ? { traceId, spanId } : 'not kept'
}

function finish(span: Span, error?: string, endMs?: number): void {
  span.setStatus(
    error === undefined ? { code: SpanStatusCode.OK } : { code: SpanStatusCode.ERROR, message: error },
  )
  if (error !== undefined) span.recordException({ message: error, name: 'Error' }, endMs)
  span.end(endMs)
}
