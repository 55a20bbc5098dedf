import { sql } from 'kysely'
import type { Migration } from '../../platform/database/migrator.ts'

export const workflowEventMigrations: readonly Migration[] = [
  {
    name: '0120-workflow-events',
    up: async (transaction) => {
      const run = (statement: string) => sql.raw(statement).execute(transaction)
      // One row a workspace, locked by whoever stores events until the commit: so sequences become visible in order.
      await run(`
        create table workflow_event_counters (
          workspace_id uuid primary key,
          sequence bigint not null
        ) with (fillfactor = 50)`)
      // `json`, not `jsonb`, which refuses NUL and halves of surrogate pairs and would spell numbers anew.
      await run(`
        create table workflow_events (
          workspace_id uuid not null,
          sequence bigint not null,
          event_id text not null,
          identity uuid,
          recorded_at timestamptz not null default clock_timestamp(),
          event_type text not null,
          event_timestamp bigint not null,
          workflow_name text not null,
          workflow_exec_id text not null,
          workflow_run_id text not null,
          root_workflow_exec_id text not null,
          parent_workflow_exec_id text,
          continued_run_id text,
          first_execution_run_id text,
          schedule_id text,
          task_id text not null,
          activity_name text,
          stream text not null,
          attributes json not null,
          further json,
          bytes integer not null,
          primary key (workspace_id, sequence)
        )`)
      for (const index of [
        'unique index workflow_events_id on workflow_events (workspace_id, event_id)',
        'unique index workflow_events_identity on workflow_events (workspace_id, identity) where identity is not null',
        'index workflow_events_execution on workflow_events (workspace_id, workflow_exec_id, sequence)',
        'index workflow_events_root on workflow_events (workspace_id, root_workflow_exec_id, sequence)',
        'index workflow_events_run on workflow_events (workspace_id, workflow_run_id, sequence)',
      ])
        await run(`create ${index}`)
    },
  },
]
