import { z } from 'zod'
import { eventPreview } from './events.ts'
import { filterPayload } from './filter.ts'
import { judge } from './judges.ts'
import { operation } from './operation.ts'
import { pageQuery, paginated, searchablePageQuery } from './paging.ts'
import { id, instant, wellFormedText, wholeNumber } from './scalars.ts'

const campaignStatuses = [
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'CANCELED',
  'TERMINATED',
  'CONTINUED_AS_NEW',
  'TIMED_OUT',
  'UNKNOWN',
] as const

/** A judge over a set of events. Both were fixed when the campaign was made. */
export const campaign = z.object({
  id,
  created_at: instant,
  updated_at: instant,
  deleted_at: instant.nullable(),
  name: z.string(),
  owner_id: id,
  workspace_id: id,
  description: z.string(),
  max_nb_events: z.int(),
  search_params: filterPayload,
  judge,
})
export type Campaign = z.output<typeof campaign>

/**
 * How far a campaign is. `COMPLETED`: each event was judged, or failed for a reason of its own · `FAILED`: the judge
 * itself could not work, see `reason` · `CANCELED`. The official clients read `status` alone.
 */
export const campaignProgress = z.object({
  status: z.enum(campaignStatuses),
  /** Why the campaign failed; while it runs, what keeps it from getting on, if anything does. */
  reason: z.string().nullable(),
  total: z.int(),
  judged: z.int(),
  failed: z.int(),
  pending: z.int(),
  input_tokens: z.int(),
  output_tokens: z.int(),
  /** The commonest reasons why events could not be judged, each with the ids of a few of them. */
  errors: z.array(z.object({ reason: z.string(), count: z.int(), event_ids: z.array(id) })),
  /** When a server began to work on it. */
  started_at: instant.nullable(),
  finished_at: instant.nullable(),
})
export type CampaignProgress = z.output<typeof campaignProgress>

const tag = 'Campaigns'
const errorShape = 'observability'
const path = '/v1/observability/campaigns'
const params = z.object({ campaign_id: z.string() })
const errors = ['CAMPAIGN_NOT_FOUND'] as const

export const createCampaign = operation({
  id: 'createCampaign',
  method: 'POST',
  path,
  tag,
  access: 'write',
  errorShape,
  status: 201,
  summary: 'Let a judge judge the newest events that match a filter; it starts at once',
  body: z.object({
    name: wellFormedText(5, 50),
    description: wellFormedText(0, 10_000),
    judge_id: z.string().max(200),
    search_params: filterPayload,
    max_nb_events: wholeNumber({ min: 1, max: 10_000 }),
  }),
  response: campaign,
  errors: [
    'JUDGE_NOT_FOUND',
    'CAMPAIGN_NO_MATCHING_EVENTS',
    'FIELDS_NOT_FOUND',
    'FIELDS_BAD_REQUEST',
    'SEARCH_BAD_REQUEST',
    'DATABASE_TIMEOUT',
  ],
})

export const listCampaigns = operation({
  id: 'listCampaigns',
  method: 'GET',
  path,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'List campaigns, newest first',
  query: searchablePageQuery,
  response: z.object({ campaigns: paginated(campaign) }),
})

export const getCampaign = operation({
  id: 'getCampaign',
  method: 'GET',
  path: `${path}/{campaign_id}`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'Read a campaign',
  params,
  response: campaign,
  errors,
})

export const deleteCampaign = operation({
  id: 'deleteCampaign',
  method: 'DELETE',
  path: `${path}/{campaign_id}`,
  tag,
  access: 'write',
  errorShape,
  status: 204,
  summary: 'Delete a campaign, stopping it if it runs; its annotations stay',
  params,
  errors,
})

export const getCampaignStatus = operation({
  id: 'getCampaignStatus',
  method: 'GET',
  path: `${path}/{campaign_id}/status`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'How far a campaign is, and why events could not be judged',
  params,
  response: campaignProgress,
  errors,
})

export const listSelectedEvents = operation({
  id: 'listSelectedEvents',
  method: 'GET',
  path: `${path}/{campaign_id}/selected-events`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: "A campaign's events, newest first, with their annotations",
  params,
  query: pageQuery,
  response: z.object({ completion_events: paginated(eventPreview) }),
  errors,
})

export const cancelCampaign = operation({
  id: 'cancelCampaign',
  method: 'POST',
  path: `${path}/{campaign_id}/cancel`,
  tag,
  access: 'write',
  errorShape,
  status: 200,
  summary: 'Stop a campaign; what it has judged stays. One that has ended is left as it is',
  params,
  response: campaignProgress,
  errors,
})

export const resumeCampaign = operation({
  id: 'resumeCampaign',
  method: 'POST',
  path: `${path}/{campaign_id}/resume`,
  tag,
  access: 'write',
  errorShape,
  status: 200,
  summary: 'Judge again what failed, and go on with what is left. One that runs is left as it is',
  params,
  response: campaignProgress,
  errors,
})
