export const WORKFLOW_TABS = ['overview', 'definition', 'registrations', 'deployments'] as const
export type WorkflowTab = (typeof WORKFLOW_TABS)[number]

export const METRIC_RANGES = ['1h', '24h', '7d', '30d', 'all'] as const
export type MetricRange = (typeof METRIC_RANGES)[number]

export interface WorkflowListSearch {
  readonly q?: string | undefined
  readonly archived?: true | undefined
  readonly active?: true | undefined
}

export interface WorkflowSearch {
  readonly tab?: WorkflowTab | undefined
  readonly range?: MetricRange | undefined
  /** Of the definition that is shown; the newest unless given. */
  readonly registration?: string | undefined
  /** Whether the form that starts an execution is open. */
  readonly start?: true | undefined
}
