import type { LogRecord } from '@tramontane/contract/logs'
import type { Frame } from '../api/stream.ts'
import type { LogLine } from '../logs/log-list.tsx'
import { ExecutionStream } from './execution-stream.ts'
import { keptStores } from './live-store.ts'

/** Lines beyond are forgotten, oldest first. */
const MAX_LINES = 50_000

/** The log of an execution, of all its runs or of one, as it comes. */
export class ExecutionLog extends ExecutionStream {
  readonly lines: LogLine[] = []
  protected override readonly operation = 'streamExecutionLogs'
  protected override readonly parts: { params: { execution_id: string }; query: Record<string, unknown> }

  constructor(executionId: string, runId: string | undefined) {
    super()
    this.parts = { params: { execution_id: executionId }, query: { run_id: runId } }
  }

  protected override take({ id, data }: Frame): void {
    this.lines.push({ ...(JSON.parse(data) as LogRecord), key: id ?? '' })
    if (this.lines.length > MAX_LINES * 1.1) this.lines.splice(0, this.lines.length - MAX_LINES)
  }
}

const kept = keptStores((key) => {
  const [executionId, runId] = JSON.parse(key) as [string, string | undefined]
  return new ExecutionLog(executionId, runId)
}, 10)

/** The log of an execution, or of one of its runs; the same each time. */
export function executionLog(executionId: string, runId?: string): ExecutionLog {
  return kept(JSON.stringify([executionId, runId]))
}
