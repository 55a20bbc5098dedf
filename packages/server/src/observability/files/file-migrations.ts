import { sql } from 'kysely'
import type { Migration } from '../../platform/database/migrator.ts'

export const fileMigrations: readonly Migration[] = [
  {
    name: '0040-files',
    up: async (transaction) => {
      const run = (statement: string) => sql.raw(statement).execute(transaction)
      await run(`
        create table files (
          workspace_id uuid not null,
          id uuid not null,
          owner_id uuid not null,
          filename text not null,
          bytes bigint not null,
          purpose text not null,
          sample_type text not null,
          source text not null,
          mimetype text,
          num_lines bigint,
          visibility text not null,
          created_at timestamptz not null default now(),
          expires_at timestamptz,
          primary key (workspace_id, id)
        )`)
      await run('create index files_expiry on files (expires_at) where expires_at is not null')
      // Bytes that nobody needs from remove_at on. Written before the first byte of an upload, and taken back in the
      // transaction that adds the file: so bytes without a file are always found, without listing the storage.
      await run(`
        create table file_leftovers (
          workspace_id uuid not null,
          id uuid not null,
          remove_at timestamptz not null,
          primary key (workspace_id, id)
        )`)
      await run('create index file_leftovers_due on file_leftovers (remove_at)')
      // One row: what links are signed with, the same in every server on this database.
      await run(
        'create table file_signing_secret (only_one boolean primary key default true check (only_one), secret bytea not null)',
      )
    },
  },
]
