import type { ExecutionStatus } from '@tramontane/contract/executions'
import type { Workflow, WorkflowSummary, WorkflowWithStatus } from '@tramontane/contract/workflows'
import { ApiError } from '../../platform/http/errors.ts'
import { decodeCursor, encodeCursor } from './list-cursor.ts'
import { unknownWorkflow } from './registration-reader.ts'
import type { WorkflowChange, WorkflowListFilter, WorkflowStore } from './workflow-store.ts'

const MAX_TAG = 100

/** The names of the workflows that have an execution which stands so. */
export type NamesWithStatus = (
  workspaceId: string,
  statuses: readonly ExecutionStatus[],
) => Promise<readonly string[]>

/** What came of a bulk change. */
export interface BulkChange {
  readonly changed: Workflow[]
  readonly errored: { workflow_id: string; workflow: null; message: string }[]
}

/** @throws ApiError VALIDATION_ERROR */
function cleanTags(tags: readonly string[]): string[] {
  const cleaned = [...new Set(tags.map((tag) => tag.trim()))]
  if (cleaned.includes('')) throw new ApiError('VALIDATION_ERROR', 'A tag must have more than blanks.')
  const long = cleaned.find((tag) => tag.length > MAX_TAG)
  if (long !== undefined)
    throw new ApiError('VALIDATION_ERROR', `A tag may have ${MAX_TAG} characters; one has ${long.length}.`)
  return cleaned
}

/** Workflows as users see them: named, tagged, archived. */
export class WorkflowService {
  readonly #store: WorkflowStore
  readonly #namesWithStatus: NamesWithStatus

  constructor(store: WorkflowStore, namesWithStatus: NamesWithStatus) {
    this.#store = store
    this.#namesWithStatus = namesWithStatus
  }

  /** @throws ApiError VALIDATION_ERROR for a cursor of another list */
  async list(
    workspaceId: string,
    filter: Omit<WorkflowListFilter, 'names'> & { statuses?: readonly ExecutionStatus[] | undefined },
    page: { byDisplayName: boolean; order: 'asc' | 'desc'; limit: number; cursor?: string | undefined },
  ): Promise<{ workflows: WorkflowSummary[]; next_cursor: string | null }> {
    const { statuses, ...rest } = filter
    const after =
      page.cursor === undefined ? undefined : decodeCursor(page.cursor, page.byDisplayName ? 2 : 1)
    const names = statuses?.length ? await this.#namesWithStatus(workspaceId, statuses) : undefined
    const { workflows, next } = await this.#store.list(workspaceId, { ...rest, names }, { ...page, after })
    return { workflows, next_cursor: next && encodeCursor(next) }
  }

  /** @throws ApiError WORKFLOW_NOT_FOUND */
  async get(workspaceId: string, identifier: string): Promise<WorkflowWithStatus> {
    const found = await this.#store.find(workspaceId, identifier)
    if (!found) throw unknownWorkflow(identifier)
    return found
  }

  /** @throws ApiError WORKFLOW_NOT_FOUND, VALIDATION_ERROR for a tag that is none */
  async change(workspaceId: string, identifier: string, change: WorkflowChange): Promise<Workflow> {
    const tags = change.tags && cleanTags(change.tags)
    const { id } = await this.get(workspaceId, identifier)
    const changed = await this.#store.change(workspaceId, id, { ...change, tags })
    if (!changed) throw unknownWorkflow(identifier)
    return changed
  }

  /** @throws ApiError WORKFLOW_NOT_FOUND */
  async setArchived(workspaceId: string, identifier: string, archived: boolean): Promise<Workflow> {
    const { id } = await this.get(workspaceId, identifier)
    const [changed] = await this.#store.setArchived(workspaceId, [id], archived)
    if (!changed) throw unknownWorkflow(identifier)
    return changed
  }

  /** Archives many, or takes them out; each in the order in which it is named, those that are unknown apart. */
  async setAllArchived(workspaceId: string, ids: readonly string[], archived: boolean): Promise<BulkChange> {
    const asked = [...new Set(ids.map((id) => id.toLowerCase()))]
    const changed = new Map<string, Workflow>()
    if (asked.length > 0)
      for (const workflow of await this.#store.setArchived(workspaceId, asked, archived))
        changed.set(workflow.id, workflow)
    return {
      changed: asked.flatMap((id) => changed.get(id) ?? []),
      errored: asked
        .filter((id) => !changed.has(id))
        .map((id) => ({ workflow_id: id, workflow: null, message: unknownWorkflow(id).message })),
    }
  }
}
