import { sql } from 'kysely'
import type { Migration } from '../../platform/database/migrator.ts'

export const telemetryMigrations: readonly Migration[] = [
  {
    name: '0020-telemetry',
    up: async (transaction) => {
      // Times are nanoseconds since 1970, which timestamptz would round. Nothing in the json has NUL or a lone
      // surrogate (the store replaces them): jsonb refuses both.
      await sql`
        create table spans (
          workspace_id uuid not null,
          trace_id bytea not null,
          span_id bytea not null,
          parent_span_id bytea,
          start_nanos bigint not null,
          end_nanos bigint not null,
          kind integer not null,
          status_code integer not null,
          status_message text not null,
          name text not null,
          trace_state text not null,
          attributes jsonb not null,
          events jsonb not null,
          links jsonb not null,
          resource jsonb not null,
          scope jsonb not null,
          primary key (workspace_id, trace_id, span_id)
        )`.execute(transaction)
      // Spans arrive nearly in the order of time, so block ranges find a time for almost nothing.
      await sql`create index spans_time on spans using brin (start_nanos) with (pages_per_range = 16, autosummarize = on)`.execute(
        transaction,
      )
    },
  },
]
