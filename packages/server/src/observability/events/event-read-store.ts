import { type Kysely, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'

/** The columns of `events` as they are read; a row with its payload is `EventWithPayload`. */
export type EventTable = {
  workspace_id: string
  event_id: string
  correlation_id: string
  timestamp: Date
  source: string
  status: string
  error: string | null
  model_name: string
  api_agent_id: string | null
  last_user_message_preview: string | null
  response_messages_preview: string | null
  first_system_message: string | null
  invoked_tools: string[]
  input_tokens: number
  output_tokens: number
  total_time_elapsed: number
  metadata: Record<string, string>
  response_id: string | null
  nb_messages: number
}

/** Columns by which events can be grouped. */
export const groupColumns = ['model_name', 'api_agent_id', 'source', 'status'] as const
export type GroupColumn = (typeof groupColumns)[number]

type Message = Record<string, unknown>

export type PayloadTable = {
  workspace_id: string
  event_id: string
  request_messages: Message[]
  response_messages: Message[]
  enabled_tools: Message[]
}

export type EventTables = { events: EventTable; event_payloads: PayloadTable }

/** An event with its conversation. */
export type EventWithPayload = EventTable & Omit<PayloadTable, 'workspace_id' | 'event_id'>

const previewColumns = [
  'workspace_id',
  'event_id',
  'correlation_id',
  'timestamp',
  'source',
  'status',
  'error',
  'model_name',
  'api_agent_id',
  'last_user_message_preview',
  'response_messages_preview',
  'first_system_message',
  'invoked_tools',
  'input_tokens',
  'output_tokens',
  'total_time_elapsed',
  'metadata',
  'response_id',
  'nb_messages',
] as const

/** Reads events by id. */
export class EventReadStore {
  readonly #database: Kysely<EventTables>

  constructor(database: Database) {
    this.#database = database.withTables<EventTables>()
  }

  /** The events with these ids that are in the workspace, newest first. */
  full(workspaceId: string, ids: readonly string[]): Promise<EventWithPayload[]> {
    return this.#database
      .selectFrom('events')
      .innerJoin('event_payloads', (join) =>
        join
          .onRef('event_payloads.workspace_id', '=', 'events.workspace_id')
          .onRef('event_payloads.event_id', '=', 'events.event_id'),
      )
      .select(previewColumns.map((name) => `events.${name}` as const))
      .select([
        'event_payloads.request_messages',
        'event_payloads.response_messages',
        'event_payloads.enabled_tools',
      ])
      .where('events.workspace_id', '=', workspaceId)
      .where('events.event_id', '=', sql<string>`any(${ids}::uuid[])`)
      .orderBy('events.event_id', 'desc')
      .execute()
  }

  /** What these events have in a field: event id → value, null where there is none. */
  async values(
    workspaceId: string,
    ids: readonly string[],
    field: { column: GroupColumn } | { metadataKey: string },
  ): Promise<Map<string, string | null>> {
    const value =
      'column' in field
        ? sql<string | null>`${sql.ref(field.column)}`
        : sql<string | null>`metadata ->> ${field.metadataKey}`
    const rows = await this.#database
      .selectFrom('events')
      .select(['event_id', value.as('value')])
      .where('workspace_id', '=', workspaceId)
      .where('event_id', '=', sql<string>`any(${ids}::uuid[])`)
      .execute()
    return new Map(rows.map((row) => [row.event_id, row.value]))
  }

  /** The keys of metadata that these events have, the commonest first. */
  async metadataKeys(workspaceId: string, ids: readonly string[], limit: number): Promise<string[]> {
    const { rows } = await sql<{ key: string }>`
      select key from events, jsonb_object_keys(metadata) as key
      where workspace_id = ${workspaceId} and event_id = any(${ids}::uuid[])
      group by key order by count(*) desc, key limit ${limit}`.execute(this.#database)
    return rows.map(({ key }) => key)
  }

  /** The same without their conversations. */
  rows(workspaceId: string, ids: readonly string[]): Promise<EventTable[]> {
    return this.#database
      .selectFrom('events')
      .select(previewColumns)
      .where('workspace_id', '=', workspaceId)
      .where('event_id', '=', sql<string>`any(${ids}::uuid[])`)
      .orderBy('event_id', 'desc')
      .execute()
  }
}
