import type { Work } from '../jobs/page-job.ts'
import type { BulkFailure } from './bulk-end.ts'

/** How executions are to end. */
export type Ending = 'cancel' | 'terminate'

/** What is to be ended, before it is agreed to. */
export interface BulkPlan {
  readonly ending: Ending
  /** Null: it cannot be told. */
  readonly total: number | null
  readonly what: string
  work(): Work<BulkFailure>
}
