import { listJudgeRevisions, previewJudgePrompt } from '@tramontane/contract/judge-editing'
import {
  createJudge,
  deleteJudge,
  getJudge,
  judgeConversation,
  judgeEvent,
  listJudges,
  updateJudge,
} from '@tramontane/contract/judges'
import type { FastifyInstance } from 'fastify'
import { pageLinks } from '../../platform/http/links.ts'
import { route } from '../../platform/http/route.ts'
import type { JudgeService } from './judge-service.ts'
import type { Conversation } from './judged-conversation.ts'

/** @param needs.findConversation the conversation of an event; throws ApiError SEARCH_NOT_FOUND */
export function judgeRoutes(
  app: FastifyInstance,
  judges: JudgeService,
  needs: {
    publicUrl: () => string
    findConversation: (workspaceId: string, eventId: string) => Promise<Conversation>
  },
): void {
  route(app, createJudge, async ({ caller, body }) => judges.create(caller, body))

  route(app, listJudges, async ({ caller, query, request }) => {
    const filter = { q: query.q, types: query.type_filter, models: query.model_filter }
    const { judges: results, count } = await judges.list(caller.workspaceId, filter, query)
    return { judges: { results, count, ...pageLinks(needs.publicUrl(), request.url, query, count) } }
  })

  route(app, getJudge, async ({ caller, params }) => judges.get(caller.workspaceId, params.judge_id))

  route(app, updateJudge, async ({ caller, params, body }) =>
    judges.update(caller.workspaceId, params.judge_id, body),
  )

  route(app, deleteJudge, async ({ caller, params }) => judges.delete(caller.workspaceId, params.judge_id))

  route(app, judgeConversation, async ({ caller, params, body, signal }) => {
    const judge = await judges.get(caller.workspaceId, params.judge_id)
    return judges.judge(
      judge,
      { messages: body.messages, properties: body.properties ?? {}, enabledTools: [] },
      signal,
    )
  })

  route(app, judgeEvent, async ({ caller, params, body, signal }) =>
    judges.judge(
      body.judge_definition,
      await needs.findConversation(caller.workspaceId, params.event_id),
      signal,
    ),
  )

  route(app, listJudgeRevisions, async ({ caller, params, query, request }) => {
    const { judges: results, count } = await judges.revisions(caller.workspaceId, params.judge_id, query)
    return { revisions: { results, count, ...pageLinks(needs.publicUrl(), request.url, query, count) } }
  })

  route(app, previewJudgePrompt, async ({ caller, body }) => {
    const { event_id, messages = [], properties, tools } = body
    const conversation =
      event_id === undefined
        ? { messages, properties: properties ?? {}, enabledTools: tools ?? [] }
        : await needs.findConversation(caller.workspaceId, event_id)
    const prompt = await judges.prompt(body, conversation)
    return { ...prompt, estimated_tokens: Math.ceil((prompt.system.length + prompt.user.length) / 4) }
  })
}
