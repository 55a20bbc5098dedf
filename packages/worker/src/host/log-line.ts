import { fileURLToPath } from 'node:url'
import type { LogLevel, LogMetadata } from '@temporalio/common'

/** What of a record is for machines only, or said already. */
const hidden: ReadonlySet<string> = new Set([
  'sdkComponent',
  'namespace',
  'taskQueue',
  'taskToken',
  'target',
  'spanContexts',
  'traceId',
  'spanId',
  'runId',
  'workflowRunId',
  'rootWorkflowId',
  'parentWorkflowId',
  'isLocal',
  'error',
])
const FOREIGN_FRAME = /node_modules|node:|<anonymous>|native/
/** The folder of this package's code, which has other folders of that name beside it in users' programs. */
const OWN_CODE = fileURLToPath(new URL('..', import.meta.url))

/** Whether a line of a stack is not the user's code. */
export function isForeignFrame(line: string): boolean {
  return line.trimStart().startsWith('at ') && (FOREIGN_FRAME.test(line) || line.includes(OWN_CODE))
}

/** A record as a line for people, with the stack of its error below. */
export function logLine(level: LogLevel, time: Date, message: string, meta: LogMetadata = {}): string {
  const details = Object.entries(meta)
    .filter(([key, value]) => !hidden.has(key) && value !== undefined)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : json(value)}`)
  const clock = time.toTimeString().slice(0, 8)
  const head = [clock, level.padEnd(5), message, ...details].join(' ')
  return meta.error === undefined ? `${head}\n` : `${head}\n${errorLines(meta.error)}`
}

/** A record as a line of JSON. */
export function logJson(level: LogLevel, time: Date, message: string, meta: LogMetadata = {}): string {
  const { error, taskToken: _, ...others } = meta
  const told = {
    level,
    time: time.toISOString(),
    message,
    ...others,
    ...(error !== undefined && { error: text(error) }),
  }
  return `${json(told)}\n`
}

function errorLines(error: unknown): string {
  const [first = '', ...frames] = text(error).split('\n')
  const own = frames.filter((line) => !isForeignFrame(line))
  const cause = error instanceof Error && error.cause instanceof Error ? errorLines(error.cause) : ''
  return `${[first, ...own].map((line) => `    ${line}`).join('\n')}\n${cause}`
}

function text(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // Errors that came back from Temporal have an empty stack where they have none.
  return error.stack || `${error.name}: ${error.message}`
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return String(value)
  }
}
