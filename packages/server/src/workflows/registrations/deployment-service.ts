import type { Deployment, DeploymentWorker } from '@tramontane/contract/deployments'
import { ApiError } from '../../platform/http/errors.ts'
import type { DeploymentListFilter, DeploymentPage, DeploymentStore } from './deployment-store.ts'
import { badCursor, decodeCursor, encodeCursor } from './list-cursor.ts'
import { unknownDeployment } from './registration-reader.ts'

const LIST_LIMIT = 1000
const DETAIL_WORKERS = 1000

/** Deployments as users see them. */
export class DeploymentService {
  readonly #store: DeploymentStore

  constructor(store: DeploymentStore) {
    this.#store = store
  }

  /**
   * @param filter.workspaceId the workspace that the caller means
   * @throws ApiError WORKSPACE_NOT_FOUND if that is another than the caller's, VALIDATION_ERROR for a cursor of another list
   */
  async list(
    workspaceId: string,
    filter: DeploymentListFilter & { isHardened?: boolean | undefined; workspaceId?: string | undefined },
    page: Pick<DeploymentPage, 'orderBy' | 'order'> & {
      limit?: number | undefined
      cursor?: string | undefined
    },
  ): Promise<{ deployments: Deployment[]; next_cursor: string | null; workspace_id: string }> {
    const { isHardened, workspaceId: meant = workspaceId, ...rest } = filter
    if (meant.toLowerCase() !== workspaceId)
      throw new ApiError(
        'WORKSPACE_NOT_FOUND',
        'Deployments are listed of the workspace that the key belongs to.',
      )
    const after = page.cursor === undefined ? undefined : decodeCursor(page.cursor, 2)
    if (after && !/^[01] \d{1,17}$/.test(after[0]!)) throw badCursor()
    // Keys belong to workspaces: no deployment has keys of its own.
    if (isHardened) return { deployments: [], next_cursor: null, workspace_id: workspaceId }
    const { limit = LIST_LIMIT, orderBy, order } = page
    const { deployments, next } = await this.#store.list(workspaceId, rest, { limit, orderBy, order, after })
    return { deployments, next_cursor: next && encodeCursor(next), workspace_id: workspaceId }
  }

  /**
   * A deployment, with those of its workers that were there last.
   * @param workflowName whether it is active is then asked of this workflow alone
   * @throws ApiError DEPLOYMENT_NOT_FOUND
   */
  async get(
    workspaceId: string,
    name: string,
    workflowName?: string,
  ): Promise<Deployment & { workers: DeploymentWorker[] }> {
    const found = await this.#find(workspaceId, name, workflowName)
    return { ...found, workers: await this.#store.newestWorkers(workspaceId, found.id, DETAIL_WORKERS) }
  }

  /** @throws ApiError DEPLOYMENT_NOT_FOUND, VALIDATION_ERROR for a cursor of another list */
  async workers(
    workspaceId: string,
    name: string,
    page: { status?: 'active' | 'inactive' | undefined; limit: number; cursor?: string | undefined },
  ): Promise<{ workers: DeploymentWorker[]; next_cursor: string | null }> {
    const { id } = await this.#find(workspaceId, name)
    const after = page.cursor === undefined ? undefined : decodeCursor(page.cursor, 2)
    if (after && after[1] !== id) throw badCursor()
    const { workers, hasMore } = await this.#store.workers(workspaceId, id, { ...page, after: after?.[0] })
    return { workers, next_cursor: hasMore ? encodeCursor([workers.at(-1)!.name, id]) : null }
  }

  async #find(workspaceId: string, name: string, workflowName?: string): Promise<Deployment> {
    const found = await this.#store.find(workspaceId, name, workflowName)
    if (!found) throw unknownDeployment(name)
    return found
  }
}
