import { createHash } from 'node:crypto'
import type { Workflow, WorkflowSummary } from '@tramontane/contract/workflows'
import type { Selectable } from 'kysely'
import type { WorkflowTable } from './registration-tables.ts'

/** What the answers about a workflow need of its row. */
export type WorkflowRow = Pick<
  Selectable<WorkflowTable>,
  | 'workspace_id'
  | 'id'
  | 'name'
  | 'display_name'
  | 'description'
  | 'is_technical'
  | 'available_in_chat_assistant'
  | 'archived'
  | 'tags'
>

/** The vendor's clients want a customer: an id made of the workspace's, always the same (RFC 9562, version 8). */
export function customerOf(workspaceId: string): string {
  const hex = createHash('sha256').update(`customer of ${workspaceId}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

export function toWorkflow(row: WorkflowRow): Workflow {
  return {
    id: row.id,
    name: row.name,
    display_name: row.display_name,
    type: 'code',
    description: row.description,
    customer_id: customerOf(row.workspace_id),
    workspace_id: row.workspace_id,
    shared_namespace: null,
    available_in_chat_assistant: row.available_in_chat_assistant,
    is_technical: row.is_technical,
    archived: row.archived,
    tags: row.tags,
  }
}

export function toSummary(row: WorkflowRow): WorkflowSummary {
  const { id, name, display_name, description, archived, tags } = row
  return { id, name, display_name, description, metadata: { shared_namespace: null }, archived, tags }
}
