import type { Campaign } from '@tramontane/contract/campaigns'
import type { CampaignService } from './campaign-service.ts'

/** What other features may know of campaigns. */
export class CampaignReader {
  readonly #campaigns: CampaignService

  constructor(campaigns: CampaignService) {
    this.#campaigns = campaigns
  }

  /** @throws ApiError CAMPAIGN_NOT_FOUND */
  get(workspaceId: string, id: string): Promise<Campaign> {
    return this.#campaigns.get(workspaceId, id)
  }

  /**
   * The ids of the events that a campaign selected, newest first.
   * @throws ApiError CAMPAIGN_NOT_FOUND
   */
  async eventIds(workspaceId: string, id: string): Promise<string[]> {
    await this.#campaigns.get(workspaceId, id)
    return this.#campaigns.eventIds(workspaceId, id)
  }

  /** How many campaigns run, and the newest of them. */
  running(workspaceId: string): Promise<{ count: number; newest: { id: string; name: string }[] }> {
    return this.#campaigns.running(workspaceId)
  }
}
