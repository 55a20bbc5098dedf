import type { Judge } from '@tramontane/contract/judges'
import { type Kysely, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import type { CampaignResult, RecordResults } from '../annotations/annotation-reader.ts'
import type { CampaignTables } from './campaign-table.ts'

/** One run of a campaign: what a server needs to know to work on it. */
export interface Run {
  readonly workspaceId: string
  readonly runId: string
  readonly campaignId: string
  readonly judge: Judge
}

/** An event that waits to be judged. */
export interface PendingEvent {
  readonly position: number
  readonly eventId: string
}

/** What became of an event: a result, or the reason why there is none. */
export interface Outcome extends PendingEvent {
  readonly result: CampaignResult | null
  readonly error: string | null
  readonly inputTokens: number
  readonly outputTokens: number
}

/** The campaign was cancelled, deleted or started anew: this run has nothing to do any more. */
export class RunIsOverError extends Error {
  override readonly name = 'RunIsOverError'
}

/** What running a campaign reads and writes. Every write holds only while the run is the campaign's current one. */
export class CampaignRunStore {
  readonly #database: Kysely<CampaignTables>
  readonly #recordResults: RecordResults

  constructor(database: Database, recordResults: RecordResults) {
    this.#database = database.withTables<CampaignTables>()
    this.#recordResults = recordResults
  }

  /** Begins a run, or goes on with it; undefined if it is over. */
  async start(workspaceId: string, runId: string): Promise<Run | undefined> {
    const row = await this.#database
      .updateTable('campaigns')
      .set({ started_at: sql<Date>`coalesce(started_at, clock_timestamp())` })
      .where('workspace_id', '=', workspaceId)
      .where('run_id', '=', runId)
      .where('status', '=', 'RUNNING')
      .returning(['id', 'judge'])
      .executeTakeFirst()
    return row && { workspaceId, runId, campaignId: row.id, judge: row.judge }
  }

  async isCurrent({ workspaceId, runId }: Run): Promise<boolean> {
    const row = await this.#database
      .selectFrom('campaigns')
      .select('run_id')
      .where('workspace_id', '=', workspaceId)
      .where('run_id', '=', runId)
      .where('status', '=', 'RUNNING')
      .executeTakeFirst()
    return row !== undefined
  }

  /**
   * Says why a run does not get on at the moment; null: it does.
   * @returns whether the run is the campaign's current one
   */
  async waitsFor(run: Run, reason: string | null): Promise<boolean> {
    const { workspaceId, runId } = run
    const told = await this.#database
      .updateTable('campaigns')
      .set({ reason })
      .where('workspace_id', '=', workspaceId)
      .where('run_id', '=', runId)
      .where('status', '=', 'RUNNING')
      .where('reason', 'is distinct from', reason)
      .executeTakeFirst()
    return told.numUpdatedRows > 0n || (await this.isCurrent(run))
  }

  /** The next events to be judged, behind a position. */
  async pending(run: Run, after: number, limit: number): Promise<PendingEvent[]> {
    const rows = await this.#database
      .selectFrom('campaign_events')
      .select(['position', 'event_id'])
      .where('workspace_id', '=', run.workspaceId)
      .where('campaign_id', '=', run.campaignId)
      .where('position', '>', after)
      .where('state', '=', 'pending')
      .orderBy('position')
      .limit(limit)
      .execute()
    return rows.map((row) => ({ position: row.position, eventId: row.event_id }))
  }

  /**
   * Commits what became of some events, each together with its result. An event that was settled already, by a server
   * that was thought dead, keeps what it has.
   * @throws RunIsOverError
   */
  settle(run: Run, outcomes: readonly Outcome[]): Promise<void> {
    return this.#database.transaction().execute(async (transaction) => {
      // Locked against the cancelling that could happen meanwhile, and not against other commits of the run.
      const current = await sql`
        select 1 from campaigns where workspace_id = ${run.workspaceId} and run_id = ${run.runId} and status = 'RUNNING'
        for share`.execute(transaction)
      if (current.rows.length === 0) throw new RunIsOverError()
      const rows = outcomes.map(({ position, error, inputTokens, outputTokens }) => ({
        position,
        state: error === null ? 'judged' : 'failed',
        error,
        input_tokens: inputTokens,
        output_tokens: outputTokens,
      }))
      const settled = await sql<{ position: number }>`
        update campaign_events as event
        set state = outcome.state, error = outcome.error, input_tokens = event.input_tokens + outcome.input_tokens,
          output_tokens = event.output_tokens + outcome.output_tokens
        from json_to_recordset(${JSON.stringify(rows)}::json)
          as outcome (position integer, state text, error text, input_tokens integer, output_tokens integer)
        where event.workspace_id = ${run.workspaceId} and event.campaign_id = ${run.campaignId}
          and event.position = outcome.position and event.state = 'pending'
        returning event.position`.execute(transaction)
      const won = new Set(settled.rows.map(({ position }) => position))
      const results = outcomes.flatMap(({ position, result }) =>
        result && won.has(position) ? [result] : [],
      )
      if (results.length > 0) await this.#recordResults(transaction, results)
    })
  }

  /**
   * Ends a run none of whose events waits any more: COMPLETED, or FAILED if not one event could be judged.
   * @returns false if events still wait
   */
  async finish(run: Run): Promise<boolean> {
    const done = await sql`
      update campaigns as campaign
      set finished_at = clock_timestamp(), updated_at = clock_timestamp(),
        status = case when summary.judged > 0 then 'COMPLETED' else 'FAILED' end,
        reason = case when summary.judged > 0 then null else 'Every event failed, most often because: ' || summary.reason end
      from (
        select count(*) filter (where state = 'judged') as judged, count(*) filter (where state = 'pending') as pending,
          mode() within group (order by error) as reason
        from campaign_events where workspace_id = ${run.workspaceId} and campaign_id = ${run.campaignId}
      ) as summary
      where campaign.workspace_id = ${run.workspaceId} and campaign.run_id = ${run.runId} and campaign.status = 'RUNNING'
        and summary.pending = 0`.execute(this.#database)
    return (done.numAffectedRows ?? 0n) > 0n
  }

  /** Ends a run whose judge cannot work. The events that wait keep waiting, for the campaign to be resumed. */
  async fail(run: Run, reason: string): Promise<void> {
    await this.#database
      .updateTable('campaigns')
      .set({
        status: 'FAILED',
        reason,
        finished_at: sql<Date>`clock_timestamp()`,
        updated_at: sql<Date>`clock_timestamp()`,
      })
      .where('workspace_id', '=', run.workspaceId)
      .where('run_id', '=', run.runId)
      .where('status', '=', 'RUNNING')
      .execute()
  }
}
