import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { activityInfo, log } from '@temporalio/activity'
import { REPORT_ACTIVITY, type RunReport } from '../sandbox/run-report.ts'
import { currentActivityRun } from './activity-run.ts'
import { type ControlPlane, ServerError } from './control-plane.ts'
import type { EventPublisher } from './event-publisher.ts'

/**
 * The system's own activity, through which workflow code tells the server what it does. It never fails: what cannot be told
 * is said in the log, and the server finds out from Temporal.
 */
export function reportActivity(server: ControlPlane, publisher: EventPublisher) {
  return {
    async [REPORT_ACTIVITY]({ registration, events, setKeys, deleteKeys }: RunReport): Promise<void> {
      const { workflowExecution, workflowType, taskQueue } = activityInfo()
      const { workflowId, runId } = workflowExecution ?? { workflowId: '', runId: '' }
      if (registration) {
        const token = currentActivityRun()?.owner?.executionToken ?? ''
        await attempt('The run could not be registered', () =>
          server.registerRun({
            ...registration,
            temporal_workflow_id: workflowId,
            temporal_run_id: runId,
            workflow_name: workflowType ?? '',
            task_queue: taskQueue,
            execution_token_hash: createHash('sha256').update(token).digest('hex'),
          }),
        )
      }
      if (setKeys)
        await attempt('Search keys were not set', () => server.setSearchKeys(workflowId, runId, setKeys))
      if (deleteKeys)
        await attempt('Search keys were not deleted', () =>
          server.deleteSearchKeys(workflowId, runId, deleteKeys),
        )
      await publisher.publish(events)
    },
  }
}

const ATTEMPTS = 3

/** Calls a few times, and says in the log what did not succeed; the run goes on all the same. */
async function attempt(failure: string, call: () => Promise<void>): Promise<void> {
  for (let count = 1; ; count++) {
    try {
      return await call()
    } catch (error) {
      if (count < ATTEMPTS && error instanceof ServerError && error.isPassing) await delay(200 * count)
      else return log.warn(`${failure}; the run goes on without`, { error: String(error) })
    }
  }
}
