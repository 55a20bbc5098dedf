import type { Entry } from '@tramontane/contract/conversation-entries'
import type { CompletionArgs, FunctionTool } from '@tramontane/contract/conversations'
import { type JSONColumnType, type Kysely, type Selectable, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import { bytesOf } from './conversation-entries.ts'

/** What a conversation is answered with, beside its entries. */
export interface Definition {
  readonly model: string
  readonly instructions: string | null
  readonly tools: readonly FunctionTool[]
  readonly completion_args: CompletionArgs
  readonly name: string | null
  readonly description: string | null
}

export interface StoredConversation {
  readonly id: string
  readonly definition: Definition
  readonly metadata: Record<string, unknown> | null
  /** How many entries it has, and how many bytes they take as JSON. */
  readonly entryCount: number
  readonly byteCount: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

type Tables = {
  conversations: {
    workspace_id: string
    id: string
    definition: JSONColumnType<Definition>
    metadata: JSONColumnType<Record<string, unknown>> | null
    entry_count: number
    byte_count: number
    created_at: Date
    updated_at: Date
    turn: string | null
    turn_expires_at: Date | null
  }
  conversation_entries: {
    workspace_id: string
    conversation_id: string
    position: number
    id: string
    entry: JSONColumnType<Entry>
  }
}

/** A claim holds this long without being renewed, so a killed server blocks a conversation no longer. */
const CLAIM_SECONDS = 30
/** Rows of one INSERT: PostgreSQL takes 65,535 parameters. */
const INSERT_ROWS = 1_000

const columns = [
  'id',
  'definition',
  'metadata',
  'entry_count',
  'byte_count',
  'created_at',
  'updated_at',
] as const

function toConversation(
  row: Pick<Selectable<Tables['conversations']>, (typeof columns)[number]>,
): StoredConversation {
  return {
    id: row.id,
    definition: row.definition,
    metadata: row.metadata,
    entryCount: row.entry_count,
    byteCount: row.byte_count,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

/** Conversations and their entries in SQL. */
export class ConversationStore {
  readonly #database: Kysely<Tables>

  constructor(database: Database) {
    this.#database = database.withTables<Tables>()
  }

  async find(workspaceId: string, id: string): Promise<StoredConversation | undefined> {
    const row = await this.#database
      .selectFrom('conversations')
      .select(columns)
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .executeTakeFirst()
    return row && toConversation(row)
  }

  /**
   * A page of conversations, the newest first.
   * @param page.metadata only those whose metadata contains this
   */
  async list(
    workspaceId: string,
    page: { offset: number; limit: number; metadata: Record<string, unknown> | null },
  ): Promise<StoredConversation[]> {
    let query = this.#database
      .selectFrom('conversations')
      .select(columns)
      .where('workspace_id', '=', workspaceId)
    if (page.metadata) {
      query = query.where(sql<boolean>`metadata @> ${JSON.stringify(page.metadata)}::jsonb`)
    }
    const rows = await query
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(page.limit)
      .offset(page.offset)
      .execute()
    return rows.map(toConversation)
  }

  /** All entries, in order. */
  async entries(workspaceId: string, conversationId: string): Promise<Entry[]> {
    const rows = await this.#database
      .selectFrom('conversation_entries')
      .select('entry')
      .where('workspace_id', '=', workspaceId)
      .where('conversation_id', '=', conversationId)
      .orderBy('position')
      .execute()
    return rows.map((row) => row.entry)
  }

  /** Adds a conversation with its entries. */
  async create(
    workspaceId: string,
    conversation: Omit<StoredConversation, 'entryCount' | 'byteCount'>,
    entries: readonly Entry[],
  ): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('conversations')
        .values({
          workspace_id: workspaceId,
          id: conversation.id,
          definition: JSON.stringify(conversation.definition),
          metadata: conversation.metadata && JSON.stringify(conversation.metadata),
          entry_count: entries.length,
          byte_count: bytesOf(entries),
          created_at: conversation.createdAt,
          updated_at: conversation.updatedAt,
        })
        .execute()
      await insertEntries(transaction, workspaceId, conversation.id, 0, entries)
    })
  }

  /**
   * Claims a conversation for one turn, so that two turns never interleave.
   * @returns false if another turn has it, or if it does not exist
   */
  async claim(workspaceId: string, id: string, turn: string): Promise<boolean> {
    const done = await this.#database
      .updateTable('conversations')
      .set({ turn, turn_expires_at: sql<Date>`now() + ${CLAIM_SECONDS} * interval '1 second'` })
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .where((where) =>
        where.or([where('turn', 'is', null), where('turn_expires_at', '<', sql<Date>`now()`)]),
      )
      .executeTakeFirst()
    return done.numUpdatedRows > 0n
  }

  /** Makes a claim hold from now on again. */
  async renew(workspaceId: string, id: string, turn: string): Promise<void> {
    await this.#database
      .updateTable('conversations')
      .set({ turn_expires_at: sql<Date>`now() + ${CLAIM_SECONDS} * interval '1 second'` })
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .where('turn', '=', turn)
      .execute()
  }

  /** Gives a claim back. */
  async release(workspaceId: string, id: string, turn: string): Promise<void> {
    await this.#database
      .updateTable('conversations')
      .set({ turn: null, turn_expires_at: null })
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .where('turn', '=', turn)
      .execute()
  }

  /**
   * Adds entries at the end and gives the claim back.
   * @returns false, with nothing added, if the claim was lost or the conversation deleted
   */
  append(workspaceId: string, id: string, turn: string, entries: readonly Entry[]): Promise<boolean> {
    return this.#database.transaction().execute(async (transaction) => {
      const row = await transaction
        .updateTable('conversations')
        .set((set) => ({
          entry_count: set('entry_count', '+', entries.length),
          byte_count: set('byte_count', '+', bytesOf(entries)),
          updated_at: new Date(),
          turn: null,
          turn_expires_at: null,
        }))
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', id)
        .where('turn', '=', turn)
        .returning('entry_count')
        .executeTakeFirst()
      if (!row) return false
      await insertEntries(transaction, workspaceId, id, row.entry_count - entries.length, entries)
      return true
    })
  }

  /** @returns whether there was such a conversation */
  async remove(workspaceId: string, id: string): Promise<boolean> {
    const done = await this.#database
      .deleteFrom('conversations')
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .executeTakeFirst()
    return done.numDeletedRows > 0n
  }
}

async function insertEntries(
  transaction: Kysely<Tables>,
  workspaceId: string,
  conversationId: string,
  first: number,
  entries: readonly Entry[],
): Promise<void> {
  const rows = entries.map((entry, index) => ({
    workspace_id: workspaceId,
    conversation_id: conversationId,
    position: first + index,
    id: entry.id,
    entry: JSON.stringify(entry),
  }))
  for (let start = 0; start < rows.length; start += INSERT_ROWS) {
    await transaction
      .insertInto('conversation_entries')
      .values(rows.slice(start, start + INSERT_ROWS))
      .execute()
  }
}
