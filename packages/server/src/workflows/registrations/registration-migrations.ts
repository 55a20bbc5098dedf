import { sql } from 'kysely'
import type { Migration } from '../../platform/database/migrator.ts'

export const registrationMigrations: readonly Migration[] = [
  {
    name: '0100-workflow-registrations',
    up: async (transaction) => {
      // `display_name` and `description` are what is shown: what the code says, until a user has said something else.
      await sql`
        create table workflows (
          workspace_id uuid not null,
          id uuid not null,
          name text not null,
          display_name text not null,
          description text,
          display_name_edited boolean not null default false,
          description_edited boolean not null default false,
          is_technical boolean not null,
          available_in_chat_assistant boolean not null default false,
          archived boolean not null default false,
          tags text[] not null default '{}',
          created_at timestamptz not null default clock_timestamp(),
          updated_at timestamptz not null default clock_timestamp(),
          primary key (workspace_id, id)
        )`.execute(transaction)
      await sql`create unique index workflows_name on workflows (workspace_id, name)`.execute(transaction)
      await sql`create index workflows_display_name on workflows (workspace_id, lower(display_name) collate "C", id)`.execute(
        transaction,
      )
      await sql`
        create table workflow_deployments (
          workspace_id uuid not null,
          id uuid not null,
          name text not null,
          location json,
          created_at timestamptz not null default clock_timestamp(),
          updated_at timestamptz not null default clock_timestamp(),
          primary key (workspace_id, id)
        )`.execute(transaction)
      await sql`create unique index workflow_deployments_name on workflow_deployments (workspace_id, name)`.execute(
        transaction,
      )
      // A row never changes what it defines: other content is another row. `registered_at` says when a worker last
      // started with it, so that going back to earlier code makes the earlier row the newest again. `json` keeps the
      // order of a schema's properties. `schedules_applied` is the hash of the schedules that were made of this row.
      await sql`
        create table workflow_registrations (
          workspace_id uuid not null,
          id uuid not null,
          workflow_id uuid not null,
          deployment_id uuid not null,
          definition json not null,
          definition_hash text not null,
          definition_bytes integer not null,
          display_name text,
          description text,
          is_technical boolean not null,
          schedules_applied text,
          created_at timestamptz not null default clock_timestamp(),
          registered_at timestamptz not null default clock_timestamp(),
          primary key (workspace_id, id)
        )`.execute(transaction)
      await sql`
        create unique index workflow_registrations_definition
        on workflow_registrations (workspace_id, workflow_id, deployment_id, definition_hash)`.execute(
        transaction,
      )
      await sql`
        create index workflow_registrations_deployment
        on workflow_registrations (workspace_id, deployment_id, workflow_id)`.execute(transaction)
      // Processes of one machine share a name: what they run tells them apart. One row is one beat of the heart,
      // however many workflows the worker runs.
      await sql`
        create table deployment_workers (
          workspace_id uuid not null,
          deployment_id uuid not null,
          name text not null,
          runs_hash text not null,
          registration_ids uuid[] not null,
          location json,
          created_at timestamptz not null default clock_timestamp(),
          registered_at timestamptz not null default clock_timestamp(),
          last_seen_at timestamptz not null default clock_timestamp(),
          primary key (workspace_id, deployment_id, name, runs_hash)
        )`.execute(transaction)
      await sql`create index deployment_workers_seen on deployment_workers (workspace_id, last_seen_at)`.execute(
        transaction,
      )
    },
  },
]
