import { setTimeout as delay } from 'node:timers/promises'
import { TemporalConnection } from './temporal-connection.ts'

/** The first try has so long, each further one twice as long: what is slow is not taken for dead, and a call that hangs costs little. */
const FIRST_TRY_MS = 1_000
const PAUSE_MS = 50
const NOT_FOUND = 5

/**
 * Whether a Temporal serves: its frontend, and behind it the owner of a shard, who knows that there is no such execution.
 * @param withinMs how long it is asked again and again
 * @param signal ends the asking at once; then it has not answered
 */
export async function answers(address: string, withinMs: number, signal: AbortSignal): Promise<boolean> {
  const connection = new TemporalConnection({ address, tls: null, apiKey: null })
  const deadline = Date.now() + withinMs
  const ask = (patienceMs: number) =>
    connection.withDeadline(Math.min(patienceMs, deadline - Date.now()), () =>
      connection.withAbortSignal(signal, () =>
        connection.workflowService.describeWorkflowExecution({
          namespace: 'temporal-system',
          execution: { workflowId: 'tramontane' },
        }),
      ),
    )
  try {
    for (let patienceMs = FIRST_TRY_MS; Date.now() < deadline && !signal.aborted; patienceMs *= 2) {
      try {
        await ask(patienceMs)
        return true
      } catch (error) {
        if ((error as { code?: unknown }).code === NOT_FOUND) return true
      }
      await delay(PAUSE_MS, undefined, { signal }).catch(() => {})
    }
    return false
  } finally {
    await connection.close()
  }
}
