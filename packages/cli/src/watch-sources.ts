import { setTimeout as delay } from 'node:timers/promises'
import { getExecution } from '@tramontane/contract/executions'
import { ApiCallError } from './api-client.ts'
import { followExecution, followHistory } from './execution-stream.ts'
import { awayText } from './follow.ts'
import { runDetails, type Trouble, troubleOf } from './run-trouble.ts'
import type { Session } from './session.ts'
import type { Timeline } from './timeline.ts'

const LOOK_MS = 3_000
/** A server that takes longer to say which run it is is taken for away. */
const ANSWER_MS = 10_000
/** How long the next event of a history is waited for when the execution has ended. */
const LAST_MS = 10_000

interface Listener {
  /** A line of the timeline has changed. */
  onLine(line: string): void
  /** What keeps the execution from getting on: told each time it is looked for; undefined if nothing does. */
  onTrouble(trouble: Trouble | undefined): void
}

/**
 * Follows an execution to its end: what its workers tell, and what only the histories of its runs have (timers, signals,
 * updates, children).
 * @throws ApiCallError if there is no such execution, or the server stays away
 */
export async function watchAll(
  session: Session,
  executionId: string,
  timeline: Timeline,
  { onLine, onTrouble }: Listener,
): Promise<void> {
  const { api } = session
  const tell = (line: string | undefined) => line !== undefined && onLine(line)
  const leave = new AbortController()
  const known = new Set<string>()
  let histories = Promise.resolve()
  let patience: NodeJS.Timeout | undefined
  // One after the other, as the runs were: an execution that goes on as new has any number of them.
  const follow = (runId: string) => {
    if (known.has(runId)) return
    known.add(runId)
    histories = histories.then(async () => {
      for await (const event of followHistory(api, runId, leave.signal)) {
        patience?.refresh()
        tell(timeline.addHistory(runId, event))
      }
    })
  }
  const stop = watchTrouble(session, executionId, onTrouble, follow)
  try {
    for await (const { event } of followExecution(api, executionId)) {
      follow(event.workflow_run_id)
      tell(timeline.add(event))
    }
    const silence = new Promise((resolve) => {
      patience = setTimeout(resolve, LAST_MS)
    })
    await Promise.race([histories, silence])
  } finally {
    clearTimeout(patience)
    stop()
    leave.abort()
  }
}

/**
 * Looks now and then whether something keeps an execution from getting on.
 * @param onTrouble is told each time; undefined if nothing does
 * @param onRun is told the newest run each time
 * @returns ends it
 */
export function watchTrouble(
  session: Session,
  executionId: string,
  onTrouble: Listener['onTrouble'],
  onRun: (runId: string) => void = () => {},
): () => void {
  const leave = new AbortController()
  const { signal } = leave
  const look = async () => {
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)])
    const { run_id } = await session.api.call(getExecution, { params: { execution_id: executionId } }, inTime)
    onRun(run_id)
    const details = await runDetails(session.api, run_id, inTime)
    const trouble = details && (await troubleOf(session, details, inTime))
    if (!signal.aborted) onTrouble(trouble)
  }
  const goOn = async () => {
    // Not at once: what has just been started has had no chance yet, and of earlier runs the events tell first.
    for (await delay(LOOK_MS, undefined, { signal }); ; await delay(LOOK_MS, undefined, { signal }))
      // It only adds to the watching, which goes on, and itself ends if the server stays away.
      await look().catch((error: unknown) => {
        const isAway =
          error instanceof ApiCallError ? error.status === 0 : (error as Error).name === 'TimeoutError'
        if (isAway && !signal.aborted) onTrouble({ key: 'away', text: awayText(session.api) })
      })
  }
  goOn().catch(() => {})
  return () => leave.abort()
}
