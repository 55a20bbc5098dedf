import type { ExecutionStatus } from '@tramontane/contract/executions'

/** The statuses that runs have, in the order in which they are shown. */
export const RUN_STATUSES = [
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'TIMED_OUT',
  'TERMINATED',
  'CANCELED',
  'CONTINUED_AS_NEW',
] as const satisfies readonly ExecutionStatus[]
