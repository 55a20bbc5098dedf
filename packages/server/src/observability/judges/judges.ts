import type { JudgeDefinition, JudgeOutput } from '@tramontane/contract/judges'
import type { FastifyInstance } from 'fastify'
import { ApiError } from '../../platform/http/errors.ts'
import type { Platform } from '../../platform/platform.ts'
import type { EventReader } from '../events/event-reader.ts'
import { type JudgePrompt, writePrompts } from './judge-prompt.ts'
import { JudgeReader } from './judge-reader.ts'
import { judgeRoutes } from './judge-routes.ts'
import { JudgeService } from './judge-service.ts'
import { JudgeStore } from './judge-store.ts'
import type { Conversation } from './judged-conversation.ts'
import { Judging, type Verdict } from './judging.ts'
import { TemplateRenderer } from './template-renderer.ts'

/** Judges: saved and versioned, and judging itself, for live calls and for campaigns. */
export interface Judges {
  readonly reader: JudgeReader
  routes(app: FastifyInstance): void
  /**
   * Judges one conversation, now, with a judge that need not be saved.
   * @throws ApiError with a code of the contract's `judgingErrors`
   */
  judgeConversation(
    workspaceId: string,
    definition: JudgeDefinition,
    conversation: Conversation,
    signal?: AbortSignal,
  ): Promise<JudgeOutput>
  /** Writes the prompts of many conversations at once; see `judge-prompt.ts`. */
  writePrompts(
    definition: JudgeDefinition,
    conversations: readonly Conversation[],
  ): Promise<(JudgePrompt | ApiError)[]>
  /** Asks the judge's model; see `judging.ts` for what it throws. */
  ask(definition: JudgeDefinition, prompt: JudgePrompt, signal?: AbortSignal): Promise<Verdict>
  stop(): Promise<void>
}

/** @param needs.events where the conversation of an event is read */
export function createJudges(
  platform: Pick<Platform, 'connection' | 'models' | 'publicUrl'>,
  needs: { events: Pick<EventReader, 'get'> },
): Judges {
  const renderer = new TemplateRenderer()
  const judging = new Judging(platform.models)
  const service = new JudgeService(new JudgeStore(platform.connection.database), renderer, judging)
  const findConversation = async (workspaceId: string, eventId: string): Promise<Conversation> => {
    const event = await needs.events.get(workspaceId, eventId)
    if (!event) throw new ApiError('SEARCH_NOT_FOUND', `No event has the id ${JSON.stringify(eventId)}.`)
    return {
      messages: [...event.requestMessages, ...event.responseMessages],
      properties: event.metadata,
      enabledTools: event.enabledTools,
    }
  }
  return {
    reader: new JudgeReader(service),
    routes: (app) => judgeRoutes(app, service, { publicUrl: platform.publicUrl, findConversation }),
    judgeConversation: (_workspaceId, definition, conversation, signal) =>
      service.judge(definition, conversation, signal),
    writePrompts: (definition, conversations) => writePrompts(renderer, definition, conversations),
    ask: (definition, prompt, signal) => judging.ask(definition, prompt, signal),
    stop: async () => renderer.stop(),
  }
}
