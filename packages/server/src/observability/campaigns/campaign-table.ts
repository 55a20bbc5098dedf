import type { Campaign, CampaignProgress } from '@tramontane/contract/campaigns'
import type { FilterPayload } from '@tramontane/contract/filter'
import type { Judge } from '@tramontane/contract/judges'
import type { Generated } from 'kysely'

export type CampaignTable = {
  workspace_id: string
  id: string
  run_id: string
  name: string
  description: string
  owner_id: string
  search_params: FilterPayload
  max_nb_events: number
  judge: Judge
  nb_events: number
  status: Generated<CampaignProgress['status']>
  reason: Generated<string | null>
  created_at: Generated<Date>
  updated_at: Generated<Date>
  started_at: Generated<Date | null>
  finished_at: Generated<Date | null>
  deleted_at: Generated<Date | null>
}

export type CampaignEventTable = {
  workspace_id: string
  campaign_id: string
  /** 0 is the newest event. */
  position: number
  event_id: string
  state: Generated<'pending' | 'judged' | 'failed'>
  /** Why it failed. */
  error: Generated<string | null>
  input_tokens: Generated<number>
  output_tokens: Generated<number>
}

export type CampaignTables = { campaigns: CampaignTable; campaign_events: CampaignEventTable }

/** The columns of the contract's `Campaign`. */
export const campaignColumns = [
  'workspace_id',
  'id',
  'name',
  'description',
  'owner_id',
  'search_params',
  'max_nb_events',
  'judge',
  'created_at',
  'updated_at',
  'deleted_at',
] as const

/** A row of these columns as the contract has it. */
export function toCampaign<R extends Record<'created_at' | 'updated_at', Date> & { deleted_at: Date | null }>(
  row: R & Omit<Campaign, 'created_at' | 'updated_at' | 'deleted_at'>,
): Campaign {
  return {
    ...row,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    deleted_at: row.deleted_at?.toISOString() ?? null,
  }
}
