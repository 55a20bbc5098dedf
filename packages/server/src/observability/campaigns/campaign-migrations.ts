import { sql } from 'kysely'
import type { Migration } from '../../platform/database/migrator.ts'

export const campaignMigrations: readonly Migration[] = [
  {
    name: '0031-campaigns',
    up: async (transaction) => {
      // `judge` is the judge's content as it was when the campaign was made. `run_id` names the work: a new one for
      // each time that the campaign is started or resumed, so that a run that is over cannot touch the next.
      await sql`
        create table campaigns (
          workspace_id uuid not null,
          id uuid not null,
          run_id uuid not null,
          name text not null,
          description text not null,
          owner_id uuid not null,
          search_params json not null,
          max_nb_events integer not null,
          judge json not null,
          nb_events integer not null,
          status text not null default 'RUNNING',
          reason text,
          created_at timestamptz not null default clock_timestamp(),
          updated_at timestamptz not null default clock_timestamp(),
          started_at timestamptz,
          finished_at timestamptz,
          deleted_at timestamptz,
          primary key (workspace_id, id)
        )`.execute(transaction)
      await sql`create unique index campaigns_run on campaigns (workspace_id, run_id)`.execute(transaction)
      await sql`create index campaigns_newest on campaigns (workspace_id, created_at, id) where deleted_at is null`.execute(
        transaction,
      )
      // What is judged, and the only truth about progress. The room left on each page takes the updates of `state`.
      await sql`
        create table campaign_events (
          workspace_id uuid not null,
          campaign_id uuid not null,
          position integer not null,
          event_id uuid not null,
          state text not null default 'pending',
          error text,
          input_tokens integer not null default 0,
          output_tokens integer not null default 0,
          primary key (workspace_id, campaign_id, position)
        ) with (fillfactor = 60)`.execute(transaction)
    },
  },
]

/** Later steps, which come behind those of the other features. */
export const campaignJudgeMigrations: readonly Migration[] = [
  {
    name: '0170-campaigns-of-a-judge',
    up: async (transaction) => {
      await sql`create index campaigns_judge on campaigns (workspace_id, (judge ->> 'id'), created_at) where deleted_at is null`.execute(
        transaction,
      )
    },
  },
]
