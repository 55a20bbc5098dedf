import { sql } from 'kysely'
import type { Migration } from '../platform/database/migrator.ts'

export const identityMigrations: readonly Migration[] = [
  {
    name: '0002-identity',
    up: async (transaction) => {
      await sql`create table workspaces (id uuid primary key, name text not null constraint workspaces_name unique, created_at timestamptz not null default now())`.execute(
        transaction,
      )
      await sql`
        create table keys (
          id uuid primary key,
          workspace_id uuid not null references workspaces,
          name text not null,
          role text not null,
          prefix text not null,
          hash bytea not null constraint keys_hash unique,
          created_at timestamptz not null default now(),
          revoked_at timestamptz
        )`.execute(transaction)
      await sql`create index keys_workspace on keys (workspace_id, created_at)`.execute(transaction)
    },
  },
]
