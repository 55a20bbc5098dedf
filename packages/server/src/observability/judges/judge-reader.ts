import type { Judge } from '@tramontane/contract/judges'
import type { JudgeService } from './judge-service.ts'

/** What other features may know of judges. */
export class JudgeReader {
  readonly #judges: JudgeService

  constructor(judges: JudgeService) {
    this.#judges = judges
  }

  /**
   * A judge, or one of its revisions, as it is now.
   * @throws ApiError JUDGE_NOT_FOUND
   */
  get(workspaceId: string, id: string): Promise<Judge> {
    return this.#judges.get(workspaceId, id)
  }
}
