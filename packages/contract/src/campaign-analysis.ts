import { z } from 'zod'
import { campaignProgress } from './campaigns.ts'
import { eventPreview } from './events.ts'
import { filterPayload } from './filter.ts'
import { operation } from './operation.ts'
import { pageQuery, paginated } from './paging.ts'
import { id, wellFormedText, wholeNumber } from './scalars.ts'

// Additions of this project: what a campaign will cost, what came out of it, and how two of them differ.

const tag = 'Campaigns'
const errorShape = 'observability'
const path = '/v1/observability/campaigns'
const params = z.object({ campaign_id: z.string() })
const errors = ['CAMPAIGN_NOT_FOUND'] as const
const answer = z.union([z.string(), z.number()])

/** A number of a query string. */
const queryNumber = z.preprocess(
  (value) => (typeof value === 'string' && /^-?\d{1,15}(\.\d{1,15})?$/.test(value) ? Number(value) : value),
  z.number(),
)

const limit = wholeNumber({ min: 1, max: 100 }).default(50)

export const estimateCampaign = operation({
  id: 'estimateCampaign',
  method: 'POST',
  path: `${path}/estimate`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'What a campaign would judge and about how many tokens that takes, without starting one',
  body: z.object({
    judge_id: z.string().max(200),
    search_params: filterPayload,
    max_nb_events: wholeNumber({ min: 1, max: 10_000 }),
  }),
  response: z.object({
    /** Events that match now; counted up to 10,000, and `matching_more` says whether there are more. */
    matching: z.int(),
    matching_more: z.boolean(),
    /** Exactly as many would be judged now. */
    selected: z.int(),
    input_tokens: z.int(),
    output_tokens: z.int(),
    /** Answers of this judge whose tokens are known and taken as a measure; 0: four characters are taken for a token. */
    measured_answers: z.int(),
    /** Events from all over the selection, for which the prompts were written. */
    sample: z.array(
      z.object({
        event: eventPreview,
        input_tokens: z.int(),
        /** Why this event could not be judged; null: it could. */
        problem: z.string().nullable(),
      }),
    ),
  }),
  errors: [
    'JUDGE_NOT_FOUND',
    'FIELDS_NOT_FOUND',
    'FIELDS_BAD_REQUEST',
    'SEARCH_BAD_REQUEST',
    'DATABASE_TIMEOUT',
  ],
})

/** How often each answer was given: `answer` is a class, or the lower end of one of 20 equal parts of the range. */
const answerCount = z.object({ answer, count: z.int() })
export type AnswerCount = z.output<typeof answerCount>

export const getCampaignDistribution = operation({
  id: 'getCampaignDistribution',
  method: 'GET',
  path: `${path}/{campaign_id}/distribution`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'How often each answer was given, also by the value of a field of the events',
  params,
  query: z.object({
    /** `model_name`, `api_agent_id`, `source`, `status`, or `metadata.<key>`. */
    group_by: z.string().min(1).max(300).optional(),
  }),
  response: z.object({
    answered: z.int(),
    counts: z.array(answerCount),
    /** Of scores; null for classes and while there is no answer. */
    scores: z.object({ min: z.number(), max: z.number(), mean: z.number(), median: z.number() }).nullable(),
    /** The 30 commonest values of the field; `value` is null for events that have none. */
    groups: z.array(
      z.object({
        value: z.string().nullable(),
        answered: z.int(),
        mean: z.number().nullable(),
        counts: z.array(answerCount),
      }),
    ),
    /** Values that are not among them, and how many answers those have. */
    other_groups: z.int(),
    other_answered: z.int(),
    /** Keys of metadata that the judged events have, by which they can be grouped. */
    metadata_keys: z.array(z.string()),
  }),
  errors: ['CAMPAIGN_NOT_FOUND', 'FIELDS_BAD_REQUEST'],
})

/** What became of one event of a campaign. */
export const campaignOutcome = z.object({
  /** Its place in the campaign: 0 is the newest event. */
  position: z.int(),
  event_id: id,
  state: z.enum(['pending', 'judged', 'failed']),
  answer: answer.nullable(),
  analysis: z.string().nullable(),
  /** Why it could not be judged. */
  reason: z.string().nullable(),
  input_tokens: z.int(),
  output_tokens: z.int(),
  /** Null if the event is not stored any more. */
  event: eventPreview.nullable(),
})
export type CampaignOutcome = z.output<typeof campaignOutcome>

export const listCampaignOutcomes = operation({
  id: 'listCampaignOutcomes',
  method: 'GET',
  path: `${path}/{campaign_id}/outcomes`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: "What became of each of a campaign's events, newest first",
  params,
  query: z.object({
    state: z.enum(['pending', 'judged', 'failed']).optional(),
    /** Only those with this class. */
    label: z.string().max(500).optional(),
    /** Only those with a score from here on … */
    min_score: queryNumber.optional(),
    /** … and below this, or, at the upper end of the judge's range, up to it. */
    max_score: queryNumber.optional(),
    /** Only those that failed for this reason. */
    reason: z.string().max(1_000).optional(),
    /** Only those behind this position: the last one of the page before. */
    after: wholeNumber({ min: -1, max: 10_000 }).default(-1),
    limit,
  }),
  response: z.object({ outcomes: z.array(campaignOutcome), next: z.int().nullable() }),
  errors,
})

export const listCampaignFailures = operation({
  id: 'listCampaignFailures',
  method: 'GET',
  path: `${path}/{campaign_id}/failures`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'Why events could not be judged: each reason with how many there are, the commonest first',
  params,
  query: pageQuery,
  response: z.object({
    failures: paginated(z.object({ reason: z.string(), count: z.int(), event_ids: z.array(id) })),
  }),
  errors,
})

export const retryCampaignFailures = operation({
  id: 'retryCampaignFailures',
  method: 'POST',
  path: `${path}/{campaign_id}/retry`,
  tag,
  access: 'write',
  errorShape,
  status: 200,
  summary:
    'Judge again what failed, for one reason or for any; what was judged stays, and what waits goes on',
  params,
  body: z.object({
    /** Only those that failed for exactly this reason; all that failed if absent. */
    reason: wellFormedText(0, 1_000).nullish(),
  }),
  response: campaignProgress,
  errors: ['CAMPAIGN_NOT_FOUND', 'CAMPAIGN_RUNNING', 'CAMPAIGN_NOTHING_TO_RETRY'],
})

const twoCampaigns = params.extend({ other_campaign_id: z.string() })

export const compareCampaigns = operation({
  id: 'compareCampaigns',
  method: 'GET',
  path: `${path}/{campaign_id}/comparison/{other_campaign_id}`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'How the answers of two campaigns agree on the events that both have judged',
  params: twoCampaigns,
  response: z.object({
    /** Events judged by both, and those that only one of them has judged. */
    both: z.int(),
    only_this: z.int(),
    only_other: z.int(),
    /** Events with the same answer in both. */
    agreeing: z.int(),
    /** Agreement beyond chance, of two campaigns with classes: Cohen's kappa. */
    kappa: z.number().nullable(),
    /** Of two campaigns with scores: Pearson's correlation, and the mean distance. */
    correlation: z.number().nullable(),
    mean_difference: z.number().nullable(),
    /** How often each pair of answers occurs; scores as in the distribution. */
    cells: z.array(z.object({ this: answer, other: answer, count: z.int() })),
  }),
  errors,
})

const judgement = z.object({ answer, analysis: z.string().nullable() })

export const listCampaignDifferences = operation({
  id: 'listCampaignDifferences',
  method: 'GET',
  path: `${path}/{campaign_id}/differences/{other_campaign_id}`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'The events on which two campaigns differ, newest first',
  params: twoCampaigns,
  query: z.object({
    /** Only pairs with these classes, or with scores in these parts of the range; then equal answers are shown as well. */
    this_answer: z.string().max(500).optional(),
    other_answer: z.string().max(500).optional(),
    /** Scores that are no further apart count as equal. */
    tolerance: queryNumber.default(0),
    /** Only events older than this one: the last one of the page before. */
    after: z.uuid().optional(),
    limit,
  }),
  response: z.object({
    differences: z.array(
      z.object({ event_id: id, this: judgement, other: judgement, event: eventPreview.nullable() }),
    ),
    next: id.nullable(),
  }),
  errors,
})
