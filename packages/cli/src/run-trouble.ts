import { getDeployment } from '@tramontane/contract/deployments'
import { getRunDetails } from '@tramontane/contract/run-history'
import { type Answer, ApiCallError, type ApiClient } from './api-client.ts'
import type { Session } from './session.ts'
import { oneLine } from './terminal-text.ts'
import { duration } from './timeline.ts'

/** A run with what is pending in it. */
export type RunDetails = Answer<typeof getRunDetails>

/** What keeps a run from getting on, and the way out. */
export interface Trouble {
  /** The same as long as it is the same trouble, whatever the text says of how long it has lasted. */
  readonly key: string
  readonly text: string
}

/** Longer than this nothing waits for a worker that is there. */
const NO_WORKER_MS = 5_000

/**
 * Asks for a run with what is pending in it.
 * @returns undefined while the workflow engine, which knows it, is away
 */
export async function runDetails(
  api: ApiClient,
  runId: string,
  signal?: AbortSignal,
): Promise<RunDetails | undefined> {
  try {
    return await api.call(getRunDetails, { params: { run_id: runId } }, signal)
  } catch (error) {
    if (error instanceof ApiCallError && error.status === 503) return undefined
    throw error
  }
}

/** Why an open run gets nowhere: its code fails, or no worker takes up what is to be done. */
export async function troubleOf(
  { api, hint }: Session,
  { run, state }: RunDetails,
  signal?: AbortSignal,
): Promise<Trouble | undefined> {
  if (run.end_time !== null || state === null) return undefined
  const { pending_task: task, pending_activities: activities } = state
  if (task && task.last_failure !== null)
    return {
      key: `fails ${task.last_failure}`,
      text: `Its code fails (attempt ${task.attempt} to carry it on): ${oneLine(task.last_failure)}. A worker with mended code carries it on by itself.`,
    }
  const waiting = activities.find(
    ({ state, attempt, scheduled_time }) =>
      state === 'SCHEDULED' && attempt === 1 && sinceMs(scheduled_time) > NO_WORKER_MS,
  )
  const isTaskWaiting = task && !task.is_started && sinceMs(task.scheduled_time) > NO_WORKER_MS
  const since = (isTaskWaiting ? task : waiting)?.scheduled_time
  if (!since) return undefined
  const what = isTaskWaiting ? 'it' : `its activity ${oneLine(waiting!.activity_name)}`
  const { isActive, text } = await whyNoWorker(api, run.deployment_name, signal)
  return {
    key: `waits since ${since}, ${isActive}`,
    text: `No worker has taken ${what} up for ${duration(sinceMs(since))}: ${text} To end it: ${hint(`executions terminate ${run.execution_id}`)}`,
  }
}

function sinceMs(time: string | null): number {
  return time === null ? 0 : Date.now() - Date.parse(time)
}

async function whyNoWorker(api: ApiClient, deployment: string | null, signal?: AbortSignal) {
  if (deployment === null) return { isActive: false, text: 'it goes on when one runs on its task queue.' }
  const name = oneLine(deployment)
  const known = await api
    .call(getDeployment, { params: { name: deployment }, query: {} }, signal)
    .catch((error: unknown) => {
      if (signal?.aborted) throw error
      return undefined
    })
  const seen = known?.workers.map(({ last_seen_at }) => last_seen_at).toSorted()
  // One that has ended is taken for alive for half a minute.
  if (known?.is_active && seen?.length)
    return {
      isActive: true,
      text: `one of the deployment ${name} was last heard of ${duration(sinceMs(seen.at(-1)!))} ago. It is busy, hangs, or has ended; its log says more.`,
    }
  return {
    isActive: false,
    text: `none runs for the deployment ${name}. It goes on when one does, started with DEPLOYMENT_NAME=${name}.`,
  }
}
