import { defineSearchAttributeKey, type SearchAttributeType } from '@temporalio/common'
import { getRandomStream, workflowInfo } from '@temporalio/workflow'
import type { PayloadContext } from '@tramontane/contract/workflow-payload'
import type { EventSource } from '../run-events.ts'

/**
 * What is known of the run whose code this is. The state of this file is that of one run: Temporal loads the workflow's code
 * anew for each.
 */

const SCHEDULED_BY = defineSearchAttributeKey(
  'TemporalScheduledById',
  'KEYWORD' satisfies SearchAttributeType,
)

let given: PayloadContext | undefined
let token: string | undefined

/**
 * A random id of the system's own, the same when the code runs again. Drawn apart from what user code draws, so that a newer
 * version of this package changes nothing of what a workflow sees.
 */
export function ownId(): string {
  return getRandomStream('tramontane').uuid4()
}

/** Takes over what came with the start: extensions, the token, for whom the execution runs. */
export function takeStartContext(context: PayloadContext | undefined): void {
  given = context
}

/**
 * Decides on the run's token, once: the one that came with the start of a first run, else one of its own. A run that was reset sees the start
 * of the run before it, whose token is not its own.
 */
export function decideToken(): string {
  const info = workflowInfo()
  token ??= given?.executionToken && info.runId === info.firstExecutionRunId ? given.executionToken : ownId()
  return token
}

/** Whose data this run's are; `withToken` for what stays with the run's own activities. */
export function runOwner({ withToken = false } = {}): PayloadContext {
  const info = workflowInfo()
  return {
    namespace: info.namespace,
    executionId: info.workflowId,
    rootExecutionId: info.root?.workflowId,
    parentExecutionId: info.parent?.workflowId,
    executionToken: withToken ? token : undefined,
    extensions: given?.extensions,
    onBehalfOf: given?.onBehalfOf ?? false,
    continuedRunId: info.continuedFromExecutionRunId,
    firstExecutionRunId: info.firstExecutionRunId,
    scheduleId: scheduleId(),
  }
}

/** Whose events this run's are. */
export function runEventSource(): EventSource {
  const info = workflowInfo()
  return {
    workflow_name: info.workflowType,
    workflow_exec_id: info.workflowId,
    workflow_run_id: info.runId,
    root_workflow_exec_id: info.root?.workflowId ?? info.workflowId,
    parent_workflow_exec_id: info.parent?.workflowId ?? null,
    continued_run_id: info.continuedFromExecutionRunId ?? null,
    first_execution_run_id: info.firstExecutionRunId,
    schedule_id: scheduleId() ?? null,
  }
}

function scheduleId(): string | undefined {
  return workflowInfo().typedSearchAttributes.get(SCHEDULED_BY) ?? undefined
}
