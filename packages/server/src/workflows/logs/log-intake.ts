import {
  type Attributes,
  type AttributeValue,
  idOf,
  toAttributes,
  toValue,
} from '../../platform/otlp/attributes.ts'
import type { ExportLogsServiceRequest } from '../../platform/otlp/generated/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts'
import type { LogRecord as WireRecord } from '../../platform/otlp/generated/opentelemetry/proto/logs/v1/logs_pb.ts'
import { Refusal, Refusals } from '../../platform/otlp/refusals.ts'
import type { LogOrigin, LogRecord } from './log-record.ts'

/** What an export holds: records that can be stored, and why the others cannot. */
export interface Intake {
  readonly records: readonly LogRecord[]
  /** Each says when it was made, so that the same export twice is one that was sent again. */
  readonly isTimed: boolean
  readonly rejected: number
  /** For the sender; empty if nothing was refused. */
  readonly reason: string
}

const MAX_CLOCK_AHEAD_NANOS = 24n * 3_600_000_000_000n
/** Characters of a body that are kept. */
const MAX_BODY = 256 * 1024
/** Characters of all attributes of a record. */
const MAX_ATTRIBUTES = 64 * 1024
/** Longer, it is no id or name of ours, and no key of an index. */
const MAX_NAME = 500

/**
 * How workers say whose record it is, the first that is there counts: what the official Python worker sends with a record,
 * what it writes on spans, what Temporal's own TypeScript worker sends.
 */
const NAMES: Readonly<Record<keyof LogOrigin, readonly string[]>> = {
  executionId: [
    'workflowExecutionID',
    'workflow.execution_id',
    'wf.workflow.execution_id',
    'temporalWorkflowID',
    'workflowId',
  ],
  runId: ['workflowRunID', 'workflow.run_id', 'temporalRunID', 'runId'],
  activityId: ['temporalActivityID', 'wf.activity.execution_id', 'activityId'],
  workflowName: ['workflowName', 'wf.workflow.type', 'workflowType'],
  deploymentName: ['deploymentName', 'taskQueue'],
  workerName: ['workerName'],
}

/** Names of OTLP's severity numbers, which come in groups of four. */
const SEVERITIES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']

function asText(value: AttributeValue): string {
  return typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value)
}

function bodyOf({ body }: WireRecord): string {
  const text = body ? asText(toValue(body)) : ''
  return text.length <= MAX_BODY
    ? text
    : `${text.slice(0, MAX_BODY)}… (cut: it had ${text.length} characters)`
}

function textAttributes(attributes: Attributes): Map<string, string> {
  const texts = new Map([...attributes].map(([name, value]) => [name, asText(value)]))
  let size = 0
  for (const [name, text] of texts) size += name.length + text.length
  if (size > MAX_ATTRIBUTES) throw new Refusal(`their attributes have more than ${MAX_ATTRIBUTES / 1024} KiB`)
  return texts
}

function originOf(attributes: ReadonlyMap<string, string>, resource: ReadonlyMap<string, string>): LogOrigin {
  const find = (part: keyof LogOrigin): string | null => {
    const texts = [attributes, resource].flatMap((source) => NAMES[part].map((name) => source.get(name)))
    return texts.find((text) => text !== undefined && text !== '' && text.length <= MAX_NAME) ?? null
  }
  return {
    executionId: find('executionId'),
    runId: find('runId'),
    activityId: find('activityId'),
    workflowName: find('workflowName'),
    deploymentName: find('deploymentName'),
    workerName: find('workerName'),
  }
}

function timeOf(wire: WireRecord, nowNanos: bigint): bigint {
  const nanos = wire.timeUnixNano || wire.observedTimeUnixNano || nowNanos
  if (nanos > nowNanos + MAX_CLOCK_AHEAD_NANOS)
    throw new Refusal('their clock is more than 24 hours ahead of the server')
  return nanos
}

function toRecord(wire: WireRecord, nowNanos: bigint, resource: ReadonlyMap<string, string>): LogRecord {
  const attributes = textAttributes(toAttributes(wire.attributes))
  return {
    ...originOf(attributes, resource),
    timeNanos: timeOf(wire, nowNanos),
    traceId: idOf(wire.traceId, 16) ?? null,
    spanId: idOf(wire.spanId, 8) ?? null,
    severityText:
      wire.severityText.slice(0, 100) || (SEVERITIES[Math.ceil(wire.severityNumber / 4) - 1] ?? ''),
    body: bodyOf(wire),
    attributes,
  }
}

/**
 * Reads the records of an export and checks each; one that cannot be stored does not keep the others out.
 * @param nowMs the server's clock, against which theirs is held
 */
export function takeIn(request: ExportLogsServiceRequest, nowMs: number): Intake {
  const nowNanos = BigInt(nowMs) * 1_000_000n
  const records: LogRecord[] = []
  const refusals = new Refusals('log records')
  let isTimed = true
  for (const { resource, scopeLogs } of request.resourceLogs) {
    try {
      const shared = textAttributes(toAttributes(resource?.attributes))
      for (const wire of scopeLogs.flatMap((scope) => scope.logRecords)) {
        try {
          records.push(toRecord(wire, nowNanos, shared))
          if (wire.timeUnixNano === 0n && wire.observedTimeUnixNano === 0n) isTimed = false
        } catch (error) {
          refusals.add(error)
        }
      }
    } catch (error) {
      refusals.add(
        error,
        scopeLogs.reduce((sum, scope) => sum + scope.logRecords.length, 0),
      )
    }
  }
  return { records, isTimed, rejected: refusals.count, reason: refusals.sentence }
}
