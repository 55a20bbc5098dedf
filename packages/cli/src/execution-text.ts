import type { PendingActivity } from '@tramontane/contract/run-history'
import type { RunDetails, Trouble } from './run-trouble.ts'
import { oneLine } from './terminal-text.ts'
import { duration } from './timeline.ts'

/** Of activities, and of children, that a run waits for. */
const MAX_SHOWN = 10

/**
 * How an execution stands, as a person reads it: times, what it waits for, and what it gave back or why it failed.
 * @param found.state null if it is not known what is pending
 */
export function executionText({ run, state }: RunDetails, trouble: Trouble | undefined): string {
  return [
    `${oneLine(run.workflow_name)}  ${run.status}  ${duration(run.total_duration_ms ?? Date.now() - Date.parse(run.start_time))}`,
    `started ${run.start_time}${run.end_time ? `, ended ${run.end_time}` : ''}`,
    ...(run.deployment_name ? [`runs in ${oneLine(run.deployment_name)}`] : []),
    ...(run.parent_execution_id ? [`child of ${oneLine(run.parent_execution_id)}`] : []),
    ...(run.end_time === null ? waitsFor(state, trouble) : endOf(run)),
  ].join('\n')
}

function endOf({ status, message, result }: RunDetails['run']): string[] {
  if (status === 'COMPLETED') return [`result ${oneLine(JSON.stringify(result ?? null))}`]
  return message === null ? [] : [`${status === 'FAILED' ? 'error' : 'reason'} ${oneLine(message)}`]
}

function waitsFor(state: RunDetails['state'], trouble: Trouble | undefined): string[] {
  if (state === null) return []
  const { pending_activities: activities, pending_children: children, pending_task: task } = state
  const lines = [
    ...(trouble ? [trouble.text] : []),
    ...shortened(activities.map(activityText), 'activities'),
    ...shortened(
      children.map(
        (child) => `waits for the child ${oneLine(child.workflow_name)}, ${oneLine(child.execution_id)}`,
      ),
      'children',
    ),
  ]
  if (lines.length > 0 || task) return lines
  return ['waits for a timer or a signal']
}

function shortened(lines: readonly string[], what: string): string[] {
  if (lines.length <= MAX_SHOWN) return [...lines]
  return [
    ...lines.slice(0, MAX_SHOWN),
    `and for ${lines.length - MAX_SHOWN} more ${what} (--json has them all)`,
  ]
}

function activityText(activity: PendingActivity): string {
  const { attempt, maximum_attempts: most, next_attempt_time: next, last_failure: failure } = activity
  const left = next === null ? 0 : Date.parse(next) - Date.now()
  const which = attempt > 1 ? `, attempt ${attempt}${most === null ? '' : ` of ${most}`}` : ''
  const when = attempt > 1 && left > 0 ? ` in ${duration(left)}` : ''
  const why = failure ? `; the one before failed: ${oneLine(failure.message)}` : ''
  return `waits for the activity ${oneLine(activity.activity_name)}${which}${when}${why}`
}
