import { sql } from 'kysely'
import type { Migration } from '../../platform/database/migrator.ts'

export const logMigrations: readonly Migration[] = [
  {
    name: '0140-logs',
    up: async (transaction) => {
      const run = (statement: string) => sql.raw(statement).execute(transaction)
      // One row a workspace, locked by whoever stores records until the commit: so sequences become visible in order.
      await run(`
        create table log_counters (
          workspace_id uuid primary key,
          sequence bigint not null
        ) with (fillfactor = 50)`)
      // The bodies of exports that are stored: records have no id to be known by when an exporter sends them again.
      await run(`
        create table log_exports (
          workspace_id uuid not null,
          hash bytea not null,
          received_at timestamptz not null default clock_timestamp(),
          primary key (workspace_id, hash)
        )`)
      await run('create index log_exports_time on log_exports (received_at)')
      // Times are nanoseconds since 1970, which timestamptz would round.
      await run(`
        create table log_records (
          workspace_id uuid not null,
          sequence bigint not null,
          time_nanos bigint not null,
          trace_id bytea,
          span_id bytea,
          severity_text text not null,
          body text not null,
          attributes jsonb not null,
          execution_id text,
          run_id text,
          activity_id text,
          workflow_name text,
          deployment_name text,
          worker_name text,
          primary key (workspace_id, sequence)
        )`)
      // Pages go by time, streams by sequence.
      for (const owner of ['execution_id', 'deployment_name']) {
        await run(
          `create index log_records_${owner}_time on log_records (workspace_id, ${owner}, time_nanos, sequence) where ${owner} is not null`,
        )
        await run(
          `create index log_records_${owner}_sequence on log_records (workspace_id, ${owner}, sequence) where ${owner} is not null`,
        )
      }
      // Records arrive nearly in the order of time, so block ranges find a time for almost nothing.
      await run(
        'create index log_records_time on log_records using brin (time_nanos) with (pages_per_range = 16, autosummarize = on)',
      )
    },
  },
]
