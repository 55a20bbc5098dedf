import { sql } from 'kysely'
import type { Migration } from '../../platform/database/migrator.ts'

export const scheduleMigrations: readonly Migration[] = [
  {
    name: '0130-schedules',
    up: async (transaction) => {
      // An index of what is in Temporal, which has the schedules themselves: to list them in order, by workflow and by
      // user, at once. `declared_in`: the deployment whose code declares it.
      await sql`
        create table workflow_schedules (
          workspace_id uuid not null,
          id text collate "C" not null,
          workflow_name text not null,
          user_id text,
          declared_in text,
          created_at timestamptz not null,
          primary key (workspace_id, id)
        )`.execute(transaction)
      await sql`create index workflow_schedules_newest on workflow_schedules (workspace_id, created_at, id)`.execute(
        transaction,
      )
    },
  },
]
