import { isDeepStrictEqual } from 'node:util'
import type { Judge, JudgeDefinition, JudgeOutput } from '@tramontane/contract/judges'
import { violates } from '../../platform/database/database-error.ts'
import type { Caller } from '../../platform/http/auth.ts'
import { ApiError } from '../../platform/http/errors.ts'
import { isUuid } from '../../platform/uuid.ts'
import { checkInstructions, type JudgePrompt, writePrompts } from './judge-prompt.ts'
import { type JudgeFilter, type JudgeStore, UNIQUE_NAME } from './judge-store.ts'
import type { Conversation } from './judged-conversation.ts'
import { type Judging, toApiError } from './judging.ts'
import type { TemplateRenderer } from './template-renderer.ts'

function notFound(id: string): ApiError {
  return new ApiError('JUDGE_NOT_FOUND', `No judge has the id ${JSON.stringify(id)}.`)
}

function nameTaken(error: unknown, name: string): unknown {
  if (!violates(error, UNIQUE_NAME)) return error
  return new ApiError(
    'JUDGE_NAME_ALREADY_EXISTS',
    `There is a judge named ${JSON.stringify(name)} already: choose another name, or update that judge.`,
  )
}

function contentOf({ name, description, model_name, output, instructions, tools }: JudgeDefinition) {
  return { name, description, model_name, output, instructions, tools }
}

/** @throws ApiError if `current` is an old revision */
function checkNewest(current: Judge): void {
  if (current.up_revision !== null)
    throw new ApiError(
      'JUDGE_ALREADY_HAS_NEW_VERSION',
      `${current.id} is an old revision, which cannot be changed or deleted: name the judge itself, whose id its newest version keeps.`,
    )
}

/** @throws ApiError if `current` may not be replaced by `next` */
function checkReplaceable(current: Judge, next: JudgeDefinition): void {
  checkNewest(current)
  if (isDeepStrictEqual(contentOf(current), contentOf(next)))
    throw new ApiError('JUDGE_DID_NOT_CHANGE', 'The update would change nothing.')
}

/** Judges: their rules, their versions, and judging one conversation at once. */
export class JudgeService {
  readonly #store: JudgeStore
  readonly #renderer: TemplateRenderer
  readonly #judging: Judging

  constructor(store: JudgeStore, renderer: TemplateRenderer, judging: Judging) {
    this.#store = store
    this.#renderer = renderer
    this.#judging = judging
  }

  /** @throws ApiError TEMPLATE_SYNTAX_ERROR, JUDGE_NAME_ALREADY_EXISTS */
  async create(caller: Caller, definition: JudgeDefinition): Promise<Judge> {
    await checkInstructions(this.#renderer, definition.instructions)
    try {
      return await this.#store.add(caller.workspaceId, caller.keyId, definition)
    } catch (error) {
      throw nameTaken(error, definition.name)
    }
  }

  /** @throws ApiError JUDGE_NOT_FOUND */
  async get(workspaceId: string, id: string): Promise<Judge> {
    const judge = isUuid(id) ? await this.#store.find(workspaceId, id) : undefined
    if (!judge) throw notFound(id)
    return judge
  }

  async list(
    workspaceId: string,
    filter: JudgeFilter,
    page: { page: number; page_size: number },
  ): Promise<{ judges: Judge[]; count: number }> {
    const range = { limit: page.page_size, offset: (page.page - 1) * page.page_size }
    const [count, judges] = await Promise.all([
      this.#store.count(workspaceId, filter),
      range.limit === 0 ? [] : this.#store.list(workspaceId, filter, range),
    ])
    return { judges, count }
  }

  /** What a judge has been, newest first. @throws ApiError JUDGE_NOT_FOUND */
  async revisions(
    workspaceId: string,
    id: string,
    { page, page_size }: { page: number; page_size: number },
  ): Promise<{ judges: Judge[]; count: number }> {
    const range = { limit: page_size, offset: (page - 1) * page_size }
    const revisions = isUuid(id) ? await this.#store.revisions(workspaceId, id, range) : undefined
    if (!revisions || revisions.count === 0) throw notFound(id)
    return revisions
  }

  /**
   * Writes the prompt that judging would send, and sends it to nobody.
   * @throws ApiError TEMPLATE_SYNTAX_ERROR, JUDGE_CONVERSATION_FORMAT_ERROR
   */
  async prompt(
    definition: Pick<JudgeDefinition, 'instructions' | 'output'>,
    conversation: Conversation,
  ): Promise<JudgePrompt> {
    const [prompt] = await writePrompts(this.#renderer, definition, [conversation])
    if (prompt instanceof ApiError) throw prompt
    return prompt!
  }

  /**
   * Gives a judge new content. The content it had becomes a revision with an id of its own.
   * @throws ApiError TEMPLATE_SYNTAX_ERROR, JUDGE_NOT_FOUND, JUDGE_ALREADY_HAS_NEW_VERSION, JUDGE_DID_NOT_CHANGE,
   *   JUDGE_NAME_ALREADY_EXISTS
   */
  async update(workspaceId: string, id: string, definition: JudgeDefinition): Promise<void> {
    if (!isUuid(id)) throw notFound(id)
    await checkInstructions(this.#renderer, definition.instructions)
    try {
      const check = (current: Judge) => checkReplaceable(current, definition)
      if (!(await this.#store.replace(workspaceId, id, definition, check))) throw notFound(id)
    } catch (error) {
      throw nameTaken(error, definition.name)
    }
  }

  /** Deletes a judge with its revisions. @throws ApiError JUDGE_NOT_FOUND, JUDGE_ALREADY_HAS_NEW_VERSION */
  async delete(workspaceId: string, id: string): Promise<void> {
    const judge = isUuid(id) ? await this.#store.find(workspaceId, id) : undefined
    // A judge never becomes a revision: what is one now was one before.
    if (judge) checkNewest(judge)
    if (!judge || !(await this.#store.delete(workspaceId, id))) throw notFound(id)
  }

  /**
   * Judges one conversation, now. Nothing is kept, and the call of the model is not recorded as an event.
   * @throws ApiError with a code of `judgingErrors`
   */
  async judge(
    definition: JudgeDefinition,
    conversation: Conversation,
    signal?: AbortSignal,
  ): Promise<JudgeOutput> {
    const prompt = await this.prompt(definition, conversation)
    const verdict = await this.#judging.ask(definition, prompt, signal).catch((error: unknown) => {
      throw toApiError(error)
    })
    if (verdict.output === null) throw new ApiError('JUDGE_MISTRAL_API_ERROR', verdict.problem)
    return verdict.output
  }
}
