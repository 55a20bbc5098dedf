import { type MessageShape, requestShape, serviceMethods } from './message-shapes.ts'

/** A method that workers may call. */
export interface Method {
  readonly name: string
  readonly path: string
  readonly shape: MessageShape
  /** Temporal keeps such a call for a minute while there is nothing to do. */
  readonly isPoll: boolean
  /** The call is about a namespace: its message names one. */
  readonly hasNamespace: boolean
  /** The message carries the token of a task, which names a namespace too. */
  readonly hasTaskToken: boolean
}

const WORKFLOW_SERVICE = 'temporal.api.workflowservice.v1.WorkflowService'
const HEALTH_SERVICE = 'grpc.health.v1.Health'

/**
 * What workers need, and what the official SDKs' clients call from activities. Everything else is refused: what is about
 * the cluster or about namespaces themselves, batches and rules, and what no SDK calls. Calls of standalone activities and
 * of Nexus operations are not taken, because their tokens and endpoints reach beyond the namespace.
 */
const WORKFLOW_METHODS = [
  // Tasks of workers.
  'PollWorkflowTaskQueue',
  'RespondWorkflowTaskCompleted',
  'RespondWorkflowTaskFailed',
  'RespondQueryTaskCompleted',
  'ResetStickyTaskQueue',
  'PollActivityTaskQueue',
  'RecordActivityTaskHeartbeat',
  'RecordActivityTaskHeartbeatById',
  'RespondActivityTaskCompleted',
  'RespondActivityTaskCompletedById',
  'RespondActivityTaskFailed',
  'RespondActivityTaskFailedById',
  'RespondActivityTaskCanceled',
  'RespondActivityTaskCanceledById',
  'PollNexusTaskQueue',
  'RespondNexusTaskCompleted',
  'RespondNexusTaskFailed',
  'ShutdownWorker',
  'RecordWorkerHeartbeat',
  'GetWorkflowExecutionHistory',
  'GetWorkflowExecutionHistoryReverse',
  'DescribeNamespace',
  'DescribeTaskQueue',
  'GetSystemInfo',
  // Versions of workers.
  'SetWorkerDeploymentCurrentVersion',
  'SetWorkerDeploymentRampingVersion',
  'DescribeWorkerDeployment',
  'DescribeWorkerDeploymentVersion',
  'ListWorkerDeployments',
  'UpdateWorkerBuildIdCompatibility',
  'GetWorkerBuildIdCompatibility',
  'GetWorkerTaskReachability',
  'UpdateWorkflowExecutionOptions',
  // Calls of clients.
  'StartWorkflowExecution',
  'SignalWorkflowExecution',
  'SignalWithStartWorkflowExecution',
  'ExecuteMultiOperation',
  'RequestCancelWorkflowExecution',
  'TerminateWorkflowExecution',
  'ResetWorkflowExecution',
  'DescribeWorkflowExecution',
  'QueryWorkflow',
  'UpdateWorkflowExecution',
  'PollWorkflowExecutionUpdate',
  'ListWorkflowExecutions',
  'CountWorkflowExecutions',
  'CreateSchedule',
  'DescribeSchedule',
  'UpdateSchedule',
  'PatchSchedule',
  'DeleteSchedule',
  'ListSchedules',
  'CountSchedules',
  'ListScheduleMatchingTimes',
] as const

/** Methods whose messages name no namespace, because the answer depends on none. */
const WITHOUT_NAMESPACE: ReadonlySet<string> = new Set(['GetSystemInfo', 'Check'])

/** The methods that are let through, by their path. */
export const allowedMethods: ReadonlyMap<string, Method> = new Map(
  [
    ...WORKFLOW_METHODS.map((name) => [WORKFLOW_SERVICE, name] as const),
    [HEALTH_SERVICE, 'Check'] as const,
  ].map(([service, name]) => {
    const shape = requestShape(service, name)
    const path = `/${service}/${name}`
    const kinds = new Set([...shape.fields.values()].map(({ kind }) => kind))
    const hasNamespace = kinds.has('requiredNamespace')
    if (hasNamespace === WITHOUT_NAMESPACE.has(name))
      throw new Error(`the message of ${name} ${hasNamespace ? 'has a namespace' : 'has no namespace'}`)
    const method: Method = {
      name,
      path,
      shape,
      isPoll: name.startsWith('Poll'),
      hasNamespace,
      hasTaskToken: kinds.has('taskToken'),
    }
    return [path, method]
  }),
)

/** Whether there is such a method, so far as this version knows; those that are not allowed are refused, others unknown. */
export function isKnownMethod(path: string): boolean {
  const [, service, name] = /^\/([\w.]+)\/(\w+)$/.exec(path) ?? []
  return service !== undefined && name !== undefined && serviceMethods(service).has(name)
}
