/**
 * For the file with workflows: all that workflow code may use. It runs in a sandbox without Node, the network and files; what
 * needs those belongs in activities.
 */
export { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, type Duration } from '@temporalio/common'
export {
  CancellationScope,
  condition,
  deprecatePatch,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  patched,
  sleep,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow'
export type { Task } from './custom-task.ts'
export { DefinitionError } from './definition/definition-names.ts'
export type { RateLimit } from './definition/rate-limit.ts'
export type { Schedule } from './definition/schedule.ts'
export {
  type Handler,
  type RunContext,
  remoteWorkflow,
  type Workflow,
  type WorkflowOptions,
  workflow,
} from './definition/workflow-definition.ts'
export { activities, type CallOptions } from './sandbox/activity-calls.ts'
export { type Child, type ChildOptions, executeChild, startChild } from './sandbox/child-workflow.ts'
export { waitForInput } from './sandbox/wait-for-input.ts'
export { task } from './sandbox/workflow-task.ts'
