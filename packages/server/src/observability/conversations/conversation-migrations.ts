import { sql } from 'kysely'
import type { Migration } from '../../platform/database/migrator.ts'

export const conversationMigrations: readonly Migration[] = [
  {
    name: '0050-conversations',
    up: async (transaction) => {
      // `json`, not `jsonb`, for what users wrote: it takes escaped NUL and lone surrogates. `metadata` is searched.
      await sql`
        create table conversations (
          workspace_id uuid not null,
          id uuid not null,
          definition json not null,
          metadata jsonb,
          entry_count integer not null,
          byte_count bigint not null,
          created_at timestamptz not null,
          updated_at timestamptz not null,
          turn uuid,
          turn_expires_at timestamptz,
          primary key (workspace_id, id)
        )`.execute(transaction)
      await sql`create index conversations_newest on conversations (workspace_id, created_at desc, id desc)`.execute(
        transaction,
      )
      await sql`create index conversations_metadata on conversations using gin (metadata jsonb_path_ops)`.execute(
        transaction,
      )
      await sql`
        create table conversation_entries (
          workspace_id uuid not null,
          conversation_id uuid not null,
          position integer not null,
          id uuid not null,
          entry json not null,
          primary key (workspace_id, conversation_id, position),
          unique (workspace_id, conversation_id, id),
          foreign key (workspace_id, conversation_id) references conversations on delete cascade
        )`.execute(transaction)
    },
  },
]
