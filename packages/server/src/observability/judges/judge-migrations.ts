import { sql } from 'kysely'
import type { Migration } from '../../platform/database/migrator.ts'

export const judgeMigrations: readonly Migration[] = [
  {
    name: '0030-judges',
    up: async (transaction) => {
      // The row with a judge's id always has its newest content; each earlier content is a row of its own, with
      // `up_revision` set. `json` keeps numbers and the order of keys as they were written.
      await sql`
        create table judges (
          workspace_id uuid not null,
          id uuid not null,
          name text not null,
          description text not null,
          model_name text not null,
          output json not null,
          output_type text not null,
          instructions text not null,
          tools json not null,
          owner_id uuid not null,
          created_at timestamptz not null default clock_timestamp(),
          updated_at timestamptz not null default clock_timestamp(),
          deleted_at timestamptz,
          up_revision uuid,
          down_revision uuid,
          base_revision uuid,
          primary key (workspace_id, id)
        )`.execute(transaction)
      await sql`create unique index judges_name on judges (workspace_id, name) where up_revision is null and deleted_at is null`.execute(
        transaction,
      )
      await sql`create index judges_newest on judges (workspace_id, created_at, id) where up_revision is null and deleted_at is null`.execute(
        transaction,
      )
    },
  },
]
