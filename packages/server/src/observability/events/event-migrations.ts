import { sql } from 'kysely'
import type { Migration } from '../../platform/database/migrator.ts'
import { firstUuidAt } from '../../platform/uuid.ts'
import { FIRST_MONTH_MICROS, OLDEST_PARTITION } from './event-partitions.ts'

/** Why each of them, and what was measured: docs/decisions/003-event-indexes.md. */
const INDEXES = [
  'events_model on events (workspace_id, model_name, event_id)',
  'events_status on events (workspace_id, status, event_id)',
  'events_source on events (workspace_id, source, event_id)',
  'events_agent on events (workspace_id, api_agent_id, event_id)',
  'events_correlation on events (workspace_id, correlation_id, event_id)',
  'events_response_id on events (workspace_id, response_id) where response_id is not null',
  'events_input_tokens on events (workspace_id, input_tokens, event_id)',
  'events_output_tokens on events (workspace_id, output_tokens, event_id)',
  'events_duration on events (workspace_id, total_time_elapsed, event_id)',
  'events_tool_count on events (workspace_id, (cardinality(invoked_tools)), event_id)',
  'events_tools on events using gin (invoked_tools)',
  'events_metadata on events using gin (metadata)',
  'events_metadata_text on events using gin ((metadata::text) gin_trgm_ops)',
  'events_user_text on events using gin (last_user_message_preview gin_trgm_ops)',
  'events_answer_text on events using gin (response_messages_preview gin_trgm_ops)',
  'events_system_text on events using gin (first_system_message gin_trgm_ops)',
  'events_answer_start on events (workspace_id, lower("left"(response_messages_preview, 24)) text_pattern_ops, event_id)',
  'events_user_start on events (workspace_id, lower("left"(last_user_message_preview, 24)) text_pattern_ops, event_id)',
  'events_without_user on events (workspace_id, event_id) where last_user_message_preview is null',
  'events_without_answer on events (workspace_id, event_id) where response_messages_preview is null',
  'events_without_system on events (workspace_id, event_id) where first_system_message is null',
  'events_with_system on events (workspace_id, event_id) where first_system_message is not null',
  'events_with_error on events (workspace_id, event_id) where error is not null',
  ...[1, 2, 3, 4].map(
    (band) =>
      `events_likeness_${band} on events (workspace_id, likeness_${band}, event_id) where likeness_${band} is not null`,
  ),
]

export const eventMigrations: readonly Migration[] = [
  {
    name: '0010-events',
    up: async (transaction) => {
      const run = (statement: string) => sql.raw(statement).execute(transaction)
      await run('create extension if not exists pg_trgm')
      await run(`
        create table events (
          workspace_id uuid not null,
          event_id uuid not null,
          correlation_id text not null,
          timestamp timestamptz not null,
          source text not null,
          status text not null,
          error text,
          model_name text not null,
          api_agent_id text,
          last_user_message_preview text,
          response_messages_preview text,
          first_system_message text,
          invoked_tools text[] not null,
          input_tokens integer not null,
          output_tokens integer not null,
          total_time_elapsed double precision not null,
          metadata jsonb not null,
          response_id text,
          nb_messages integer not null,
          likeness_1 integer,
          likeness_2 integer,
          likeness_3 integer,
          likeness_4 integer,
          primary key (workspace_id, event_id)
        ) partition by range (event_id)`)
      await run(`
        create table event_payloads (
          workspace_id uuid not null,
          event_id uuid not null,
          request_messages json not null,
          response_messages json not null,
          enabled_tools json not null,
          primary key (workspace_id, event_id)
        ) partition by range (event_id)`)
      for (const index of INDEXES) await run(`create index ${index}`)
      const end = firstUuidAt(FIRST_MONTH_MICROS)
      for (const table of ['events', 'event_payloads'])
        await run(
          `create table ${table}_${OLDEST_PARTITION} partition of ${table} for values from (minvalue) to ('${end}')`,
        )
      // Records that bring a key but no time: which event each became.
      await run(`
        create table event_keys (
          workspace_id uuid not null,
          key_hash bytea not null,
          event_id uuid not null,
          created_at timestamptz not null default now(),
          primary key (workspace_id, key_hash)
        )`)
      await run('create index event_keys_event on event_keys (event_id)')
      await run(
        'create table metadata_keys (workspace_id uuid not null, key text not null, primary key (workspace_id, key))',
      )
    },
  },
]

/** Later steps, in the order of their numbers among those of all features. */
export const eventTrafficMigrations: readonly Migration[] = [
  {
    name: '0210-event-traffic',
    up: async (transaction) => {
      // So that a span of time can be counted and its tokens summed within the index.
      await sql`drop index events_status`.execute(transaction)
      await sql`
        create index events_status on events (workspace_id, status, event_id)
        include (input_tokens, output_tokens)`.execute(transaction)
    },
  },
]
