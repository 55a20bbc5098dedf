import type { WorkflowRegistration, WorkflowRegistrationWithStatus } from '@tramontane/contract/workflows'
import { isUuid } from '../../platform/uuid.ts'
import { decodeCursor, encodeCursor } from './list-cursor.ts'
import type { RegistrationFilter, RegistrationListStore } from './registration-list-store.ts'
import { unknownRegistration } from './registration-reader.ts'

/** Registrations as users see them. */
export class RegistrationListService {
  readonly #store: RegistrationListStore

  constructor(store: RegistrationListStore) {
    this.#store = store
  }

  /** Newest first. @throws ApiError VALIDATION_ERROR for a cursor of another list */
  async list(
    workspaceId: string,
    filter: RegistrationFilter,
    page: { limit: number; cursor?: string | undefined; withWorkflow: boolean },
  ): Promise<{ registrations: WorkflowRegistration[]; nextCursor: string | null }> {
    const before = page.cursor === undefined ? undefined : decodeCursor(page.cursor, 1)[0]
    const { registrations, hasMore } = await this.#store.list(workspaceId, filter, { ...page, before })
    return { registrations, nextCursor: hasMore ? encodeCursor([registrations.at(-1)!.id]) : null }
  }

  /** @throws ApiError WORKFLOW_REGISTRATION_NOT_FOUND */
  async get(workspaceId: string, id: string, withWorkflow: boolean): Promise<WorkflowRegistrationWithStatus> {
    const found = isUuid(id) ? await this.#store.find(workspaceId, id, withWorkflow) : undefined
    if (!found) throw unknownRegistration(id)
    return found
  }
}
