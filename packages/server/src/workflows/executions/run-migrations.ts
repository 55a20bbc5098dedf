import { sql } from 'kysely'
import type { Migration } from '../../platform/database/migrator.ts'

export const runMigrations: readonly Migration[] = [
  {
    name: '0110-workflow-runs',
    up: async (transaction) => {
      const run = (statement: string) => sql.raw(statement).execute(transaction)
      await run('create extension if not exists pg_trgm')
      // Times have whole milliseconds, which is what pages continue from; the end of an open run is infinity. `result` is `json`, which keeps what `jsonb`
      // refuses. `message`: what failed, or why it was ended. `next_run_id`: the run that goes on in this one's place.
      await run(`
        create table workflow_runs (
          workspace_id uuid not null,
          run_id uuid not null,
          execution_id text collate "C" not null,
          workflow_name text collate "C" not null,
          workflow_id uuid,
          deployment_name text collate "C",
          parent_execution_id text collate "C",
          root_execution_id text collate "C" not null,
          status text collate "C" not null,
          start_time timestamptz not null,
          end_time timestamptz not null default 'infinity',
          result json,
          message text,
          next_run_id uuid,
          user_id text collate "C",
          trace_id text collate "C",
          schedule_id text collate "C",
          retried boolean not null default false,
          primary key (workspace_id, run_id)
        )`)
      // Each of these gives its runs in the order of their start, or of their end; with the other time at hand, so that a
      // bound of it is checked in the index (run-list-store.ts). What is open ends last.
      const start = 'start_time, run_id'
      const end = 'end_time, run_id'
      const ordered = (name: string, first: string) => [
        `workflow_runs${name}_start on workflow_runs (workspace_id, ${first}${start}) include (end_time)`,
        `workflow_runs${name}_end on workflow_runs (workspace_id, ${first}${end}) include (start_time)`,
      ]
      for (const index of [
        ...ordered('', ''),
        ...ordered('_status', 'status, '),
        ...ordered('_name', 'workflow_name, status, '),
        ...ordered('_deployment', 'deployment_name, '),
        ...ordered('_user', 'user_id, '),
        `workflow_runs_root on workflow_runs (workspace_id, root_execution_id, ${start})`,
        `workflow_runs_execution on workflow_runs (workspace_id, execution_id, ${start})`,
        `workflow_runs_schedule on workflow_runs (workspace_id, schedule_id, ${start}) where schedule_id is not null`,
        // Of the ids that are made up here (64 digits) nobody looks for the middle.
        'workflow_runs_execution_text on workflow_runs using gin (execution_id gin_trgm_ops) where length(execution_id) <> 64',
      ])
        await run(`create index ${index}`)
      // What is still to be done about a run: none for one that has ended and whose events are complete. So this
      // table stays as small as the number of open runs. `ended`: only its events are to be completed.
      await run(`
        create table workflow_watches (
          workspace_id uuid not null,
          run_id uuid not null,
          execution_id text not null,
          ended boolean not null default false,
          look_at timestamptz not null,
          primary key (workspace_id, run_id)
        ) with (fillfactor = 70)`)
      await run('create index workflow_watches_due on workflow_watches (look_at)')
      // How far Temporal's lists have been read in each workspace (run-sweep.ts). Whoever reads moves `sweep_at` ahead.
      await run(`
        create table workflow_sweeps (
          workspace_id uuid primary key,
          sweep_at timestamptz not null default now(),
          near_from timestamptz not null default now(),
          far_from timestamptz not null default now(),
          farthest_from timestamptz not null default now() - interval '1 day'
        ) with (fillfactor = 50)`)
      await run(`
        create table workflow_search_keys (
          workspace_id uuid not null,
          run_id uuid not null,
          key text collate "C" not null,
          value text,
          primary key (workspace_id, run_id, key)
        )`)
      await run('create index workflow_search_keys_key on workflow_search_keys (workspace_id, key)')
      await run(
        'create index workflow_search_keys_value on workflow_search_keys using gin (value gin_trgm_ops)',
      )
    },
  },
]

/** Later steps, in the order of their numbers among those of all features. */
export const watchMigrations: readonly Migration[] = [
  {
    name: '0220-watches-of-an-execution',
    up: async (transaction) => {
      // Which runs of an execution are not told of to their ends yet, however many others are open.
      await sql`
        create index workflow_watches_execution on workflow_watches (workspace_id, execution_id collate "C")`.execute(
        transaction,
      )
    },
  },
]
