import { MAX_VIEWS, type SavedView, type ViewKind } from '@tramontane/contract/views'
import { violates } from '../../platform/database/database-error.ts'
import type { Caller } from '../../platform/http/auth.ts'
import { ApiError } from '../../platform/http/errors.ts'
import { isUuid } from '../../platform/uuid.ts'
import { UNIQUE_NAME, type ViewStore } from './view-store.ts'

function notFound(id: string): ApiError {
  return new ApiError('VIEW_NOT_FOUND', `No saved view has the id ${JSON.stringify(id)}.`)
}

function nameTaken(error: unknown, name: string | undefined): unknown {
  if (!violates(error, UNIQUE_NAME)) return error
  return new ApiError(
    'VIEW_ALREADY_EXISTS',
    `There is a saved view named ${JSON.stringify(name)} already: choose another name, or update that view.`,
  )
}

/** Saved views: everyone in the workspace sees them, and whoever may write changes them. */
export class ViewService {
  readonly #store: ViewStore

  constructor(store: ViewStore) {
    this.#store = store
  }

  list(workspaceId: string, kind: ViewKind): Promise<SavedView[]> {
    return this.#store.list(workspaceId, kind)
  }

  /** @throws ApiError VIEW_ALREADY_EXISTS, TOO_MANY_VIEWS */
  async create(caller: Caller, view: Pick<SavedView, 'kind' | 'name' | 'state'>): Promise<SavedView> {
    if ((await this.#store.count(caller.workspaceId, view.kind)) >= MAX_VIEWS)
      throw new ApiError(
        'TOO_MANY_VIEWS',
        `The workspace has ${MAX_VIEWS} saved views of this kind: delete some before you save another.`,
      )
    try {
      return await this.#store.add(caller.workspaceId, caller.keyId, view)
    } catch (error) {
      throw nameTaken(error, view.name)
    }
  }

  /** @throws ApiError VIEW_NOT_FOUND, VIEW_ALREADY_EXISTS */
  async update(
    workspaceId: string,
    id: string,
    change: { name?: string | undefined; state?: Record<string, unknown> | undefined },
  ): Promise<SavedView> {
    if (!isUuid(id)) throw notFound(id)
    try {
      const view = await this.#store.update(workspaceId, id, change)
      if (!view) throw notFound(id)
      return view
    } catch (error) {
      throw nameTaken(error, change.name)
    }
  }

  /** @throws ApiError VIEW_NOT_FOUND */
  async delete(workspaceId: string, id: string): Promise<void> {
    if (!isUuid(id) || !(await this.#store.delete(workspaceId, id))) throw notFound(id)
  }
}
