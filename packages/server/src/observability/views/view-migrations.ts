import { sql } from 'kysely'
import type { Migration } from '../../platform/database/migrator.ts'

export const viewMigrations: readonly Migration[] = [
  {
    name: '0160-views',
    up: async (transaction) => {
      await sql`
        create table saved_views (
          workspace_id uuid not null,
          id uuid not null,
          kind text not null,
          name text not null,
          state json not null,
          owner_id uuid not null,
          created_at timestamptz not null default clock_timestamp(),
          updated_at timestamptz not null default clock_timestamp(),
          primary key (workspace_id, id)
        )`.execute(transaction)
      await sql`create unique index saved_views_name on saved_views (workspace_id, kind, lower(name))`.execute(
        transaction,
      )
    },
  },
]
