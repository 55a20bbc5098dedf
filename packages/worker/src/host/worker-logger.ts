import type { Logger, LogLevel, LogMetadata } from '@temporalio/common'
import { DefaultLogger, type LogEntry, makeTelemetryFilterString, Runtime } from '@temporalio/worker'
import { CallTrouble } from './call-trouble.ts'
import { logJson, logLine } from './log-line.ts'
import type { Telemetry } from './telemetry.ts'

const levels: readonly LogLevel[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR']

/** What Temporal says of a worker that only serves a rate limit. */
const EXPECTED = 'No workflows registered'

/** Where the log records of a queue's work go besides the console. */
const telemetries = new Map<string, Telemetry>()

/** Sends what is logged while working on queues to the server too, until the function that it gives is called. */
export function exportLogs(
  namespace: string,
  taskQueues: readonly string[],
  telemetry: Telemetry,
): () => void {
  const keys = taskQueues.map((taskQueue) => `${namespace}/${taskQueue}`)
  for (const key of keys) telemetries.set(key, telemetry)
  return () => {
    for (const key of keys) if (telemetries.get(key) === telemetry) telemetries.delete(key)
  }
}

/** The log of a worker and of the runs that it works on: to the console from `level` on, and to the server. */
export function workerLogger(level: LogLevel, format: 'console' | 'json'): Logger {
  const line = format === 'json' ? logJson : logLine
  const calls = new CallTrouble()
  return new DefaultLogger('DEBUG', (entry) => {
    if (entry.message.startsWith(EXPECTED)) return
    const trouble = calls.hear(entry.message, entry.meta?.error)
    const write = (importance: LogLevel, message: string, meta: LogMetadata | undefined) => {
      if (levels.indexOf(importance) >= levels.indexOf(level))
        process.stderr.write(line(entry.level, timeOf(entry), message, meta))
    }
    if (trouble?.isNews)
      write(entry.level, `${trouble.what}; it is tried until it works`, { reason: trouble.reason })
    // What Temporal tells of its own steps is for those who look for a fault in them.
    const isSmallTalk = trouble || (entry.level === 'INFO' && entry.meta?.sdkComponent === 'worker')
    write(isSmallTalk ? 'DEBUG' : entry.level, entry.message, entry.meta)
    exportEntry(entry)
  })
}

/**
 * Makes Temporal's runtime of this process log so. A program that has set up a runtime of its own keeps it, with its own log.
 * Call it right before the runtime is used: one that is never used keeps the process alive.
 */
export function installLogger(logger: Logger): void {
  try {
    Runtime.install({
      logger,
      telemetryOptions: {
        logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
      },
    })
  } catch {
    // There is one already.
  }
}

function timeOf({ timestampNanos }: LogEntry): Date {
  return new Date(Number(timestampNanos / 1_000_000n))
}

function exportEntry(entry: LogEntry): void {
  const { level, message, meta = {} } = entry
  const telemetry = telemetries.get(`${meta.namespace}/${meta.taskQueue}`)
  // Temporal's own accounts of what it does, below warnings, are of no use to those who read a run's log.
  const isOurs = [undefined, 'workflow', 'activity'].includes(meta.sdkComponent as string | undefined)
  if (!telemetry || (!isOurs && level !== 'WARN' && level !== 'ERROR')) return
  const { traceId, spanId, taskToken: _, sdkComponent: __, ...others } = meta
  telemetry.log({
    level,
    message,
    time: timeOf(entry),
    attributes: attributes(others),
    ...(typeof traceId === 'string' && typeof spanId === 'string' && { trace: { traceId, spanId } }),
  })
}

/** Under the names by which the server finds a run's log. */
const names: Readonly<Record<string, string>> = {
  workflowId: 'workflowExecutionID',
  runId: 'workflowRunID',
  workflowRunId: 'workflowRunID',
  workflowType: 'workflowName',
  activityId: 'temporalActivityID',
  rootWorkflowId: 'rootWorkflowExecutionID',
  parentWorkflowId: 'parentWorkflowExecutionID',
}

function attributes(meta: Readonly<Record<string, unknown>>): Record<string, string | number | boolean> {
  const entries = Object.entries(meta).flatMap(([key, value]): [string, string | number | boolean][] => {
    if (value === undefined || value === null) return []
    const isPlain = ['string', 'number', 'boolean'].includes(typeof value)
    const told = isPlain ? (value as string | number | boolean) : text(value)
    return [[names[key] ?? key, told]]
  })
  return Object.fromEntries(entries)
}

function text(value: unknown): string {
  if (value instanceof Error) return value.stack ?? value.message
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return String(value)
  }
}
