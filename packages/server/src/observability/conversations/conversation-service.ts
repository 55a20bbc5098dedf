import type { Entry } from '@tramontane/contract/conversation-entries'
import {
  type AppendBody,
  type CompletionArgs,
  type Conversation,
  type ConversationResponse,
  type FunctionTool,
  functionTool,
  type RestartBody,
  type StartBody,
} from '@tramontane/contract/conversations'
import { storableJson } from '../../platform/database/storable-json.ts'
import { ApiError } from '../../platform/http/errors.ts'
import type { EventStream } from '../../platform/http/event-stream.ts'
import { isUuid, newUuid } from '../../platform/uuid.ts'
import { checkSize, invalid, toEntries } from './conversation-entries.ts'
import { type ChatMessage, checkCalls, toMessages, withInstructions } from './conversation-messages.ts'
import type { ConversationStore, Definition, StoredConversation } from './conversation-store.ts'
import { runTurn, streamTurn, type Turn, type TurnNeeds } from './conversation-turn.ts'
import { refuseVendorParts } from './conversation-vendor.ts'

const RENEW_MS = 10_000

/** Who asks for a turn, and how the answer goes back. */
export interface TurnCaller {
  readonly workspaceId: string
  /** From the caller's header, or made for the call. */
  readonly correlationId: string
  /** Fires when the caller hangs up; the call of the model ends then. */
  readonly signal: AbortSignal
  /** Begins the answer's stream, if the caller asked for one. */
  readonly open: () => EventStream
}

/** What a turn does with its conversation: where it begins, and how its entries are kept. */
interface Plan {
  readonly conversation: Pick<StoredConversation, 'id' | 'definition' | 'metadata'>
  readonly history: readonly Entry[]
  readonly inputs: readonly Entry[]
  readonly args: CompletionArgs
  readonly keep: boolean
  commit(entries: readonly Entry[]): Promise<void>
  end(): Promise<void>
}

function toWire({ id, definition, metadata, createdAt, updatedAt }: StoredConversation): Conversation {
  return {
    object: 'conversation',
    id,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
    model: definition.model,
    instructions: definition.instructions,
    tools: [...definition.tools],
    completion_args: definition.completion_args,
    guardrails: null,
    name: definition.name,
    description: definition.description,
    metadata,
  }
}

/** Rules of conversations: what may be asked, what is kept, and that two turns never interleave. */
export class ConversationService {
  readonly #store: ConversationStore
  readonly #needs: TurnNeeds

  constructor(store: ConversationStore, needs: TurnNeeds) {
    this.#store = store
    this.#needs = needs
  }

  /**
   * Starts a conversation; it exists when its first answer is complete.
   * @returns the answer, or nothing if it was streamed
   */
  async start(caller: TurnCaller, body: StartBody): Promise<ConversationResponse | undefined> {
    refuseVendorParts(body)
    if (!body.model) throw invalid('model: name the model that shall answer.', 'model')
    const definition: Definition = {
      model: body.model,
      instructions: body.instructions ?? null,
      tools: (body.tools ?? []).map((tool): FunctionTool => functionTool.parse(tool)),
      completion_args: body.completion_args ?? {},
      name: body.name ?? null,
      description: body.description ?? null,
    }
    const plan = this.#newConversation(caller, definition, body.metadata ?? null, [], body)
    return this.#carryOut(caller, plan, body.stream === true)
  }

  /**
   * A new conversation out of another's entries up to and with one of them, which it goes on from.
   * @throws ApiError CONVERSATION_NOT_FOUND, CONVERSATION_ENTRY_NOT_FOUND
   */
  async restart(
    caller: TurnCaller,
    id: string,
    body: RestartBody,
  ): Promise<ConversationResponse | undefined> {
    refuseVendorParts(body)
    const original = await this.#find(caller.workspaceId, id)
    const entries = await this.#store.entries(caller.workspaceId, original.id)
    const at = entries.findIndex((entry) => entry.id === body.from_entry_id)
    if (at < 0)
      throw new ApiError(
        'CONVERSATION_ENTRY_NOT_FOUND',
        `The conversation ${id} has no entry with the id ${body.from_entry_id}.`,
      )
    const definition = {
      ...original.definition,
      completion_args: { ...original.definition.completion_args, ...body.completion_args },
    }
    const metadata = body.metadata === undefined ? original.metadata : body.metadata
    const plan = this.#newConversation(caller, definition, metadata, entries.slice(0, at + 1), body)
    return this.#carryOut(caller, plan, body.stream === true)
  }

  /**
   * Adds entries and the model's answer to them. A failure leaves the conversation as it was.
   * @throws ApiError CONVERSATION_NOT_FOUND, CONVERSATION_BUSY while another turn is under way
   */
  async append(caller: TurnCaller, id: string, body: AppendBody): Promise<ConversationResponse | undefined> {
    refuseVendorParts(body)
    const { workspaceId } = caller
    const inputs = toEntries(body.inputs)
    const found = await this.#find(workspaceId, id)
    const claim = await this.#claim(workspaceId, found.id)
    let plan: Plan
    try {
      plan = {
        conversation: found,
        history: await this.#store.entries(workspaceId, found.id),
        inputs,
        args: { ...found.definition.completion_args, ...body.completion_args },
        keep: body.store !== false,
        commit: (entries) => claim.append(entries),
        end: () => claim.end(),
      }
    } catch (error) {
      await claim.end()
      throw error
    }
    return this.#carryOut(caller, plan, body.stream === true)
  }

  /** @throws ApiError CONVERSATION_NOT_FOUND */
  async get(workspaceId: string, id: string): Promise<Conversation> {
    return toWire(await this.#find(workspaceId, id))
  }

  async list(
    workspaceId: string,
    query: { page: number; page_size: number; metadata?: Record<string, unknown> | null | undefined },
  ): Promise<Conversation[]> {
    const found = await this.#store.list(workspaceId, {
      offset: query.page * query.page_size,
      limit: query.page_size,
      metadata: query.metadata ? storableJson(query.metadata) : null,
    })
    return found.map(toWire)
  }

  /**
   * All entries, in order.
   * @throws ApiError CONVERSATION_NOT_FOUND
   */
  async history(workspaceId: string, id: string): Promise<Entry[]> {
    const found = await this.#find(workspaceId, id)
    return this.#store.entries(workspaceId, found.id)
  }

  /** @throws ApiError CONVERSATION_NOT_FOUND */
  async remove(workspaceId: string, id: string): Promise<void> {
    const found = await this.#find(workspaceId, id)
    if (!(await this.#store.remove(workspaceId, found.id))) throw notFound(id)
  }

  async #find(workspaceId: string, id: string): Promise<StoredConversation> {
    const found = isUuid(id) ? await this.#store.find(workspaceId, id) : undefined
    if (!found) throw notFound(id)
    return found
  }

  #newConversation(
    caller: TurnCaller,
    definition: Definition,
    metadata: Record<string, unknown> | null,
    history: readonly Entry[],
    body: Pick<StartBody | RestartBody, 'inputs' | 'store'>,
  ): Plan {
    const createdAt = new Date()
    const conversation = { id: newUuid(), definition, metadata: metadata && storableJson(metadata) }
    const inputs = toEntries(body.inputs)
    return {
      conversation,
      history,
      inputs,
      args: definition.completion_args,
      keep: body.store !== false,
      commit: (entries) =>
        this.#store.create(caller.workspaceId, { ...conversation, createdAt, updatedAt: new Date() }, [
          ...history,
          ...entries,
        ]),
      end: async () => {},
    }
  }

  /** Claims a conversation for a turn, and keeps the claim until it is ended. */
  async #claim(workspaceId: string, id: string) {
    const turn = newUuid()
    if (!(await this.#store.claim(workspaceId, id, turn))) throw busy(id)
    const { logger } = this.#needs
    const renewal = setInterval(() => {
      this.#store
        .renew(workspaceId, id, turn)
        .catch((error: unknown) => logger.warn({ err: error }, 'the claim of a conversation was not renewed'))
    }, RENEW_MS)
    return {
      append: async (entries: readonly Entry[]) => {
        if (await this.#store.append(workspaceId, id, turn, entries)) return
        throw (await this.#store.find(workspaceId, id)) ? busy(id) : notFound(id)
      },
      end: async () => {
        clearInterval(renewal)
        await this.#store
          .release(workspaceId, id, turn)
          .catch((error: unknown) =>
            logger.warn({ err: error }, 'the claim of a conversation runs out by itself'),
          )
      },
    }
  }

  async #carryOut(
    caller: TurnCaller,
    plan: Plan,
    stream: boolean,
  ): Promise<ConversationResponse | undefined> {
    let turn: Turn
    try {
      turn = this.#turn(caller, plan)
    } catch (error) {
      await plan.end()
      throw error
    }
    if (!stream) return runTurn(this.#needs, turn, caller.signal)
    await streamTurn(this.#needs, turn, caller.signal, caller.open)
    return undefined
  }

  #turn(caller: TurnCaller, plan: Plan): Turn {
    const entries = [...plan.history, ...plan.inputs]
    checkSize(entries)
    const messages: ChatMessage[] = toMessages(entries)
    checkCalls(messages)
    const { id, definition, metadata } = plan.conversation
    return {
      workspaceId: caller.workspaceId,
      conversationId: id,
      correlationId: caller.correlationId,
      model: definition.model,
      messages: withInstructions(definition.instructions, messages),
      tools: definition.tools,
      args: plan.args,
      metadata,
      keep: plan.keep,
      commit: (outputs) => plan.commit([...plan.inputs, ...outputs]),
      end: () => plan.end(),
    }
  }
}

function notFound(id: string): ApiError {
  return new ApiError('CONVERSATION_NOT_FOUND', `No conversation has the id ${id}.`)
}

function busy(id: string): ApiError {
  return new ApiError(
    'CONVERSATION_BUSY',
    `Another call is adding to the conversation ${id}; make this one again when it has been answered.`,
    { retryAfter: 1 },
  )
}
