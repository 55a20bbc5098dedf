import { z } from 'zod'
import { judge, judgeAnswerDefinition } from './judges.ts'
import { operation } from './operation.ts'
import { pageQuery, paginated } from './paging.ts'
import { id, instant, jsonObject, repeated, wellFormedText } from './scalars.ts'

// Additions of this project: what people need who write judges.

const tag = 'Judges'
const errorShape = 'observability'
const path = '/v1/observability/judges'

/** Where a judge is used. */
export const judgeUsage = z.object({
  judge_id: id,
  /** Campaigns with this judge that are not deleted, and how many of them run. */
  campaigns: z.int(),
  running: z.int(),
  /** The newest ten of them. */
  newest_campaigns: z.array(z.object({ id, name: z.string(), created_at: instant })),
  /** Events that carry an answer of this judge. */
  answers: z.int(),
})
export type JudgeUsage = z.output<typeof judgeUsage>

export const getJudgeUsage = operation({
  id: 'getJudgeUsage',
  method: 'GET',
  path: `${path}/usage`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'Which campaigns use some judges, and how many events carry their answers',
  query: z.object({ judge_id: repeated(z.uuid()) }),
  response: z.object({ judges: z.array(judgeUsage) }),
})

export const listJudgeRevisions = operation({
  id: 'listJudgeRevisions',
  method: 'GET',
  path: `${path}/{judge_id}/revisions`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'The contents that a judge has had, the newest first, from the one with this id back to the first',
  params: z.object({ judge_id: z.string() }),
  query: pageQuery,
  response: z.object({ revisions: paginated(judge) }),
  errors: ['JUDGE_NOT_FOUND'],
})

/** The messages that a judge's model is sent, and about how many tokens they are. */
export const judgePrompt = z.object({ system: z.string(), user: z.string(), estimated_tokens: z.int() })
export type JudgePrompt = z.output<typeof judgePrompt>

export const previewJudgePrompt = operation({
  id: 'previewJudgePrompt',
  method: 'POST',
  path: `${path}/prompt-preview`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary:
    "Write the prompt of a judge that need not be saved, as judging does, without asking the judge's model",
  body: z
    .object({
      instructions: wellFormedText(0, 10_000),
      output: judgeAnswerDefinition,
      /** What is judged: an event, or a conversation. */
      event_id: z.string().max(200).optional(),
      messages: z.array(jsonObject).max(10_000).optional(),
      properties: jsonObject.nullish(),
      /** The tools that the model could have called in the conversation. */
      tools: z.array(jsonObject).max(1_000).nullish(),
    })
    .refine(({ event_id, messages }) => (event_id === undefined) !== (messages === undefined), {
      error: 'give either event_id or messages',
    }),
  response: judgePrompt,
  errors: ['SEARCH_NOT_FOUND', 'TEMPLATE_SYNTAX_ERROR', 'JUDGE_CONVERSATION_FORMAT_ERROR'],
})
