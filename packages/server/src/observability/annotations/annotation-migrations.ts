import { sql } from 'kysely'
import type { Migration } from '../../platform/database/migrator.ts'

export const annotationMigrations: readonly Migration[] = [
  {
    name: '0011-annotations',
    up: async (transaction) => {
      const run = (statement: string) => sql.raw(statement).execute(transaction)
      await run(`
        create table campaign_results (
          workspace_id uuid not null,
          campaign_id uuid not null,
          event_id uuid not null,
          judge_id uuid not null,
          judge_revision uuid not null,
          judge_name text not null,
          output_type text not null,
          label text,
          score double precision,
          analysis text,
          prompt json,
          input_tokens integer not null,
          output_tokens integer not null,
          duration_seconds double precision not null,
          error text,
          created_at timestamptz not null,
          primary key (workspace_id, campaign_id, event_id)
        )`)
      await run('create index campaign_results_event on campaign_results (event_id)')
      // The newest answer of each judge for each event: what the field `__judge_…` reads. Derived from campaign_results,
      // in the same transaction.
      await run(`
        create table annotations (
          workspace_id uuid not null,
          judge_id uuid not null,
          event_id uuid not null,
          label text,
          score double precision,
          created_at timestamptz not null,
          primary key (workspace_id, judge_id, event_id)
        )`)
      await run('create index annotations_event on annotations (workspace_id, event_id)')
      await run(
        'create index annotations_label on annotations (workspace_id, judge_id, label, event_id) where label is not null',
      )
      await run(
        'create index annotations_score on annotations (workspace_id, judge_id, score, event_id) where score is not null',
      )
      // The judges that have annotated anything, with the name and the type of their newest answer.
      await run(`
        create table judge_fields (
          workspace_id uuid not null,
          judge_id uuid not null,
          judge_name text not null,
          output_type text not null,
          primary key (workspace_id, judge_id)
        )`)
    },
  },
]
