import { randomUUID } from 'node:crypto'
import { CancelledFailure } from '@temporalio/common'
import { taskFunction } from './custom-task.ts'
import { currentActivityRun } from './host/activity-run.ts'

/** For files with activities: they are plain functions, and need none of this unless they want it. */
export { activityInfo, cancellationSignal, heartbeat, log, sleep } from '@temporalio/activity'
export { ApplicationFailure, type Duration } from '@temporalio/common'
export type { Task } from './custom-task.ts'

/**
 * Runs a part of an activity as a task that others can watch: its state and every change of it are on the event stream as they
 * happen, so that a text can be read while a model writes it.
 * @throws Error outside an activity
 */
export const task = taskFunction(() => {
  const run = currentActivityRun()
  if (!run)
    throw new Error(
      '`task` from @tramontane/worker/activity works in activities only. In workflow code, import it from @tramontane/worker/workflow.',
    )
  return {
    newId: randomUUID,
    isCancellation: (error) => error instanceof CancelledFailure,
    async emit(type, attributes) {
      void run.emit(type, attributes)
      await run.room()
    },
  }
})
