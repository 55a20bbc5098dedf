import type { ConversationSource } from '@tramontane/contract/datasets'
import { type RawBuilder, sql } from 'kysely'

// Aliases, not interfaces: `withTables` wants types that fit an index signature.
export type DatasetTables = {
  datasets: {
    workspace_id: string
    id: string
    owner_id: string
    name: string
    description: string
    record_count: number
    created_at: Date
    updated_at: Date
    deleted_at: Date | null
  }
  dataset_records: {
    workspace_id: string
    id: string
    dataset_id: string
    task_id: string | null
    payload: string
    properties: string
    payload_has_properties: boolean
    source: ConversationSource
    created_at: Date
    updated_at: Date
  }
  dataset_import_tasks: {
    workspace_id: string
    id: string
    dataset_id: string
    creator_id: string
    /** JSON; read and written as text. */
    request: string
    status: 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELED'
    /** Whether the task's records are hidden. */
    staged: boolean
    message: string | null
    progress: number
    /** Batches that were committed: who writes the next one must know the number. */
    steps: number
    records: number
    position: string | null
    created_at: Date
    updated_at: Date
  }
}

/** True for records (table or alias `r`) of a dataset that belong to no import that is still at work or has failed. */
export function isVisibleIn(workspaceId: string, datasetId: string): RawBuilder<boolean> {
  return sql<boolean>`(r.task_id is null or not r.task_id = any(array(
    select id from dataset_import_tasks where workspace_id = ${workspaceId} and dataset_id = ${datasetId} and staged)))`
}
