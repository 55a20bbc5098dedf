import { sql } from 'kysely'
import type { Migration } from '../platform/database/migrator.ts'

export const sessionMigrations: readonly Migration[] = [
  {
    name: '0150-sessions',
    up: async (transaction) => {
      await sql`
        create table login_links (
          hash bytea primary key,
          key_id uuid not null references keys,
          expires_at timestamptz not null
        )`.execute(transaction)
      await sql`
        create table sessions (
          hash bytea primary key,
          key_id uuid not null references keys,
          expires_at timestamptz not null
        )`.execute(transaction)
    },
  },
]
