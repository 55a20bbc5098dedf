import { z } from 'zod'
import { operation } from './operation.ts'
import { paginated, searchablePageQuery } from './paging.ts'
import { id, instant, jsonObject, repeated, wellFormedText } from './scalars.ts'

/** A number that may come as a string (`"0.5"`). */
const number = (schema: z.ZodNumber) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^-?\d{1,15}(\.\d{1,15})?$/.test(value) ? Number(value) : value),
    schema,
  )

export const judgeOutputType = z.enum(['REGRESSION', 'CLASSIFICATION'])

const classification = z.object({
  type: z.literal('CLASSIFICATION').default('CLASSIFICATION'),
  options: z
    .array(z.object({ value: wellFormedText(1, 500), description: wellFormedText(0, 5_000) }))
    .min(1)
    .max(200)
    .refine((options) => new Set(options.map(({ value }) => value)).size === options.length, {
      error: 'each option must have a value of its own',
    }),
})

const regression = z
  .object({
    type: z.literal('REGRESSION').default('REGRESSION'),
    min: number(z.number().min(0)).default(0),
    min_description: wellFormedText(0, 5_000),
    max: number(z.number().lt(1e9)).default(1),
    max_description: wellFormedText(0, 5_000),
  })
  .refine(({ min, max }) => min < max, { error: 'min must be smaller than max', path: ['min'] })

/** What a judge answers with: one of `options`, or a number from `min` to `max`. Without a `type` the fields tell which. */
export const judgeAnswerDefinition = z.preprocess(
  (output) => {
    if (output === null || typeof output !== 'object' || Array.isArray(output) || 'type' in output)
      return output
    return { ...output, type: 'options' in output ? 'CLASSIFICATION' : 'REGRESSION' }
  },
  z.discriminatedUnion('type', [classification, regression]),
)
export type JudgeAnswerDefinition = z.output<typeof judgeAnswerDefinition>

/** A judge as a user writes it. */
export const judgeDefinition = z.object({
  name: wellFormedText(5, 50),
  description: wellFormedText(0, 500),
  model_name: wellFormedText(1, 500),
  output: judgeAnswerDefinition,
  /** A Jinja template, or plain text. */
  instructions: wellFormedText(0, 10_000),
  /** Names of the vendor's tools; kept and answered, but not executed here. */
  tools: z.array(wellFormedText(0, 500)).max(200),
})
export type JudgeDefinition = z.output<typeof judgeDefinition>

/**
 * A saved judge. The id that a user holds always names the newest content; `down_revision` leads to the content
 * before it, `up_revision` back, `base_revision` to the first. All three are null while there is one version only.
 */
export const judge = judgeDefinition.extend({
  id,
  created_at: instant,
  updated_at: instant,
  deleted_at: instant.nullable(),
  owner_id: id,
  workspace_id: id,
  up_revision: id.nullable(),
  down_revision: id.nullable(),
  base_revision: id.nullable(),
})
export type Judge = z.output<typeof judge>

/** A judge's word on one conversation: a label or a number, and why. */
export const judgeOutput = z.object({ analysis: z.string(), answer: z.union([z.string(), z.number()]) })
export type JudgeOutput = z.output<typeof judgeOutput>

const tag = 'Judges'
const errorShape = 'observability'
const params = z.object({ judge_id: z.string() })
/** What judging can answer beside the errors of looking up what is judged. */
export const judgingErrors = [
  'TEMPLATE_SYNTAX_ERROR',
  'JUDGE_CONVERSATION_FORMAT_ERROR',
  'JUDGE_MISTRAL_API_ERROR',
  'JUDGE_MISTRAL_API_TIMEOUT',
  'PROVIDER_NOT_CONFIGURED',
] as const

export const listJudges = operation({
  id: 'listJudges',
  method: 'GET',
  path: '/v1/observability/judges',
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'List judges, newest first, each in its newest version',
  query: searchablePageQuery.extend({
    type_filter: repeated(judgeOutputType),
    model_filter: repeated(z.string().max(500)),
  }),
  response: z.object({ judges: paginated(judge) }),
})

export const createJudge = operation({
  id: 'createJudge',
  method: 'POST',
  path: '/v1/observability/judges',
  tag,
  access: 'write',
  errorShape,
  status: 201,
  summary: 'Save a judge',
  body: judgeDefinition,
  response: judge,
  errors: ['JUDGE_NAME_ALREADY_EXISTS', 'TEMPLATE_SYNTAX_ERROR'],
})

export const getJudge = operation({
  id: 'getJudge',
  method: 'GET',
  path: '/v1/observability/judges/{judge_id}',
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'Read a judge, or one of its earlier revisions',
  params,
  response: judge,
  errors: ['JUDGE_NOT_FOUND'],
})

export const updateJudge = operation({
  id: 'updateJudge',
  method: 'PUT',
  path: '/v1/observability/judges/{judge_id}',
  tag,
  access: 'write',
  errorShape,
  status: 204,
  summary: "Replace a judge's content; the earlier content becomes a revision of its own",
  params,
  body: judgeDefinition,
  errors: [
    'JUDGE_NOT_FOUND',
    'JUDGE_NAME_ALREADY_EXISTS',
    'JUDGE_ALREADY_HAS_NEW_VERSION',
    'JUDGE_DID_NOT_CHANGE',
    'TEMPLATE_SYNTAX_ERROR',
  ],
})

export const deleteJudge = operation({
  id: 'deleteJudge',
  method: 'DELETE',
  path: '/v1/observability/judges/{judge_id}',
  tag,
  access: 'write',
  errorShape,
  status: 204,
  summary: 'Delete a judge; what it judged, and campaigns that use it, stay',
  params,
  errors: ['JUDGE_NOT_FOUND', 'JUDGE_ALREADY_HAS_NEW_VERSION'],
})

export const judgeConversation = operation({
  id: 'judgeConversation',
  method: 'POST',
  path: '/v1/observability/judges/{judge_id}/live-judging',
  tag,
  access: 'write',
  errorShape,
  status: 200,
  summary: 'Let a saved judge judge a conversation, now',
  params,
  body: z.object({ messages: z.array(jsonObject).max(10_000), properties: jsonObject.nullish() }),
  response: judgeOutput,
  errors: ['JUDGE_NOT_FOUND', ...judgingErrors],
})

export const judgeEvent = operation({
  id: 'judgeEvent',
  method: 'POST',
  path: '/v1/observability/chat-completion-events/{event_id}/live-judging',
  tag,
  access: 'write',
  errorShape,
  status: 200,
  summary: 'Let a judge that need not be saved judge an event, now',
  params: z.object({ event_id: z.string() }),
  body: z.object({ judge_definition: judgeDefinition }),
  response: judgeOutput,
  errors: ['SEARCH_NOT_FOUND', ...judgingErrors],
})
