import { sql } from 'kysely'
import type { Migration } from '../../platform/database/migrator.ts'

export const datasetMigrations: readonly Migration[] = [
  {
    name: '0041-datasets',
    up: async (transaction) => {
      const run = (statement: string) => sql.raw(statement).execute(transaction)
      await run(`
        create table datasets (
          workspace_id uuid not null,
          id uuid not null,
          owner_id uuid not null,
          name text not null,
          description text not null,
          record_count bigint not null default 0,
          created_at timestamptz not null default now(),
          updated_at timestamptz not null default now(),
          deleted_at timestamptz,
          primary key (workspace_id, id)
        )`)
      // payload and properties are json, not jsonb: the user's own text, numbers and order of keys included.
      await run(`
        create table dataset_records (
          workspace_id uuid not null,
          id uuid not null,
          dataset_id uuid not null,
          task_id uuid,
          payload json not null,
          properties json not null,
          payload_has_properties boolean not null,
          source text not null,
          created_at timestamptz not null default now(),
          updated_at timestamptz not null default now(),
          primary key (workspace_id, id)
        )`)
      await run(
        'create index dataset_records_listing on dataset_records (workspace_id, dataset_id, id) include (task_id)',
      )
      // The records of a task whose \`staged\` is true are not there for anyone: one update makes them all visible.
      await run(`
        create table dataset_import_tasks (
          workspace_id uuid not null,
          id uuid not null,
          dataset_id uuid not null,
          creator_id uuid not null,
          request json not null,
          status text not null,
          staged boolean not null default true,
          message text,
          progress integer not null default 0,
          steps integer not null default 0,
          records bigint not null default 0,
          position json,
          created_at timestamptz not null default now(),
          updated_at timestamptz not null default now(),
          primary key (workspace_id, id)
        )`)
      await run(
        'create index dataset_import_tasks_listing on dataset_import_tasks (workspace_id, dataset_id, id)',
      )
      await run(
        'create index dataset_import_tasks_staged on dataset_import_tasks (workspace_id, dataset_id) include (id) where staged',
      )
    },
  },
]
