import { isCancellation } from '@temporalio/workflow'
import { taskFunction } from '../custom-task.ts'
import { eventOfRun, report } from './run-report.ts'
import { ownId } from './run-state.ts'
import { traceTask } from './run-trace.ts'

const lifecycles: Record<string, string> = {
  CUSTOM_TASK_STARTED: 'started',
  CUSTOM_TASK_IN_PROGRESS: 'state_updated',
  CUSTOM_TASK_COMPLETED: 'completed',
  CUSTOM_TASK_FAILED: 'failed',
  CUSTOM_TASK_CANCELED: 'canceled',
}

/**
 * A task of workflow code. Each of its events is an entry of the run's history; a task that changes often belongs in an activity,
 * where it costs nothing.
 */
export const task = taskFunction(() => ({
  newId: ownId,
  isCancellation,
  async emit(type, attributes) {
    const error = 'failure' in attributes ? attributes.failure.message : undefined
    traceTask(attributes.custom_task_type, attributes.custom_task_id, lifecycles[type]!, error)
    await report([eventOfRun(type, attributes)])
  },
}))
