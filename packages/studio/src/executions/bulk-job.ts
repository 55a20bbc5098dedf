import type { BulkEnd } from './bulk-end.ts'

/** How executions are to end. */
export type Ending = 'cancel' | 'terminate'

/** What is to be ended: so many, in batches. */
export interface BulkJob {
  readonly ending: Ending
  /** Null: it cannot be told. */
  readonly total: number | null
  readonly what: string
  make(): BulkEnd
}
