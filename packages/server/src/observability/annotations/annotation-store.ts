import { storableText } from '@tramontane/contract/filter-check'
import { sql, type Transaction } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import type { CampaignResult } from './annotation-reader.ts'

const COLUMNS = `workspace_id uuid, campaign_id uuid, event_id uuid, judge_id uuid, judge_revision uuid, judge_name text,
  output_type text, label text, score double precision, analysis text, prompt text, input_tokens integer,
  output_tokens integer, duration_seconds double precision, error text, created_at timestamptz`
const columns = sql.raw(COLUMNS)

function orNull(text: string | null): string | null {
  return text === null ? null : storableText(text)
}

function toRow(result: CampaignResult) {
  const { answer } = result
  return {
    workspace_id: result.workspaceId,
    campaign_id: result.campaignId,
    event_id: result.eventId,
    judge_id: result.judgeId,
    judge_revision: result.judgeRevision,
    judge_name: storableText(result.judgeName),
    output_type: result.outputType,
    label: typeof answer === 'string' ? storableText(answer) : null,
    score: typeof answer === 'number' ? answer : null,
    analysis: orNull(result.analysis),
    // As text within the JSON: unpacked, `json` would refuse an escaped NUL.
    prompt: result.prompt === null ? null : JSON.stringify(result.prompt),
    input_tokens: result.inputTokens,
    output_tokens: result.outputTokens,
    duration_seconds: result.durationSeconds,
    error: orNull(result.error),
    created_at: result.createdAt,
  }
}

/**
 * Stores results in the caller's transaction, and makes each answer the annotation of its event if none newer is
 * there. A result that is there already is left as it is, and its annotation too.
 */
export async function recordResults<DB>(
  transaction: Transaction<DB>,
  results: readonly CampaignResult[],
): Promise<void> {
  if (results.length === 0) return
  await sql`
    with stored as (
      insert into campaign_results
      select workspace_id, campaign_id, event_id, judge_id, judge_revision, judge_name, output_type, label, score,
        analysis, prompt::json, input_tokens, output_tokens, duration_seconds, error, created_at
      from json_to_recordset(${JSON.stringify(results.map(toRow))}::json) as r(${columns})
      on conflict do nothing
      returning workspace_id, event_id, judge_id, judge_name, output_type, label, score, created_at
    ), answered as (
      select * from stored where label is not null or score is not null
    ), annotated as (
      insert into annotations (workspace_id, judge_id, event_id, label, score, created_at)
      select distinct on (workspace_id, judge_id, event_id) workspace_id, judge_id, event_id, label, score, created_at
      from answered order by workspace_id, judge_id, event_id, created_at desc
      on conflict (workspace_id, judge_id, event_id) do update
      set label = excluded.label, score = excluded.score, created_at = excluded.created_at
      where annotations.created_at <= excluded.created_at
    )
    insert into judge_fields as f (workspace_id, judge_id, judge_name, output_type)
    select distinct on (workspace_id, judge_id) workspace_id, judge_id, judge_name, output_type
    from answered order by workspace_id, judge_id, created_at desc
    on conflict (workspace_id, judge_id) do update
    set judge_name = excluded.judge_name, output_type = excluded.output_type
    where (f.judge_name, f.output_type) is distinct from (excluded.judge_name, excluded.output_type)`.execute(
    transaction,
  )
}

/**
 * Deletes what was said of events older than the one with this id, at most `limit` results.
 * @returns how many results were deleted
 */
export async function deleteResultsBefore(
  database: Database,
  eventId: string,
  limit: number,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with old as (
      select ctid from campaign_results where event_id < ${eventId} limit ${limit}
    ), gone as (
      delete from campaign_results where ctid = any(array(select ctid from old)) returning workspace_id, judge_id, event_id
    ), annotations_gone as (
      delete from annotations a using gone
      where a.workspace_id = gone.workspace_id and a.judge_id = gone.judge_id and a.event_id = gone.event_id
    ) select count(*) from gone`.execute(database)
  return rows[0]!.count
}
