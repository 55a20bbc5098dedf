import { call } from '../api/call.ts'
import { LiveStore } from './live-store.ts'

/** What a stream tells of an execution, over all of its runs. */
export abstract class ExecutionStream extends LiveStore {
  /** The execution's newest run when the stream ended. */
  newestRun: string | undefined
  protected abstract override readonly parts: {
    params: { execution_id: string }
    query?: Record<string, unknown>
  }

  /** A stream ends with its execution, and with a server that stops. */
  protected override async isOver(): Promise<boolean> {
    const { status, run_id } = await call('getExecution', { params: this.parts.params })
    this.newestRun = run_id
    return status !== 'RUNNING'
  }
}
