import pg from 'pg'

/** An event as the database has it. */
export interface StoredEvent {
  readonly event_id: string
  readonly correlation_id: string
  readonly status: string
  readonly error: string | null
  readonly model_name: string
  readonly api_agent_id: string | null
  readonly invoked_tools: string[]
  readonly input_tokens: number
  readonly output_tokens: number
  readonly total_time_elapsed: number
  readonly metadata: Record<string, string>
  readonly response_id: string | null
  // biome-ignore lint/suspicious/noExplicitAny: tests look into messages freely
  readonly request_messages: any[]
  // biome-ignore lint/suspicious/noExplicitAny: tests look into messages freely
  readonly response_messages: any[]
  readonly enabled_tools: unknown[]
}

/** Every event of a database, oldest first: also of one whose server has stopped or cannot reach it. */
export async function storedEvents(databaseUrl: string): Promise<StoredEvent[]> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const { rows } = await client.query<StoredEvent>(
      'select * from events join event_payloads using (workspace_id, event_id) order by event_id',
    )
    return rows
  } finally {
    await client.end()
  }
}
