import { type Kysely, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import { addWork } from '../../platform/tasks/work-queue.ts'
import { newUuid } from '../../platform/uuid.ts'
import { CAMPAIGN_WORK, runningAs } from './campaign-store.ts'
import type { CampaignTables } from './campaign-table.ts'

/** Which events of a campaign a list shows. */
export interface OutcomeFilter {
  readonly state: OutcomeRow['state'] | undefined
  readonly reason: string | undefined
  /** Only these; all if undefined. */
  readonly eventIds: readonly string[] | undefined
}

export interface OutcomeRow {
  readonly position: number
  readonly event_id: string
  readonly state: 'pending' | 'judged' | 'failed'
  readonly error: string | null
  readonly input_tokens: number
  readonly output_tokens: number
}

export interface FailureGroup {
  readonly reason: string
  readonly count: number
  /** A few of them, the newest first. */
  readonly event_ids: string[]
}

/** The campaigns of a judge, counted. */
export interface CampaignsOfJudge {
  readonly judge_id: string
  readonly campaigns: number
  readonly running: number
  /** The newest ones. */
  readonly newest: { id: string; name: string; created_at: Date }[]
}

/** What trying again came to. */
export type Retried = 'started' | 'running' | 'nothing' | 'unknown'

const SAMPLES = 5
const NEWEST = 10

/** What became of the events of campaigns, in SQL. */
export class CampaignOutcomeStore {
  readonly #database: Kysely<CampaignTables>

  constructor(database: Database) {
    this.#database = database.withTables<CampaignTables>()
  }

  /** The events behind a position, in their order. */
  outcomes(
    workspaceId: string,
    id: string,
    { state, reason, eventIds }: OutcomeFilter,
    { after, limit }: { after: number; limit: number },
  ): Promise<OutcomeRow[]> {
    let query = this.#events(workspaceId, id)
      .select(['position', 'event_id', 'state', 'error', 'input_tokens', 'output_tokens'])
      .where('position', '>', after)
      .orderBy('position')
      .limit(limit)
    if (state !== undefined) query = query.where('state', '=', state)
    if (reason !== undefined) query = query.where('error', '=', reason).where('state', '=', 'failed')
    if (eventIds !== undefined) query = query.where('event_id', '=', sql<string>`any(${eventIds}::uuid[])`)
    return query.execute()
  }

  /** The reasons why events failed, the commonest first, and how many reasons there are. */
  async failures(
    workspaceId: string,
    id: string,
    { limit, offset }: { limit: number; offset: number },
  ): Promise<{ groups: FailureGroup[]; count: number }> {
    const failed = this.#events(workspaceId, id).where('state', '=', 'failed')
    const [groups, counted] = await Promise.all([
      failed
        .select([
          sql<string>`error`.as('reason'),
          (select) => select.fn.countAll<number>().as('count'),
          sql<string[]>`(array_agg(event_id::text order by position))[1:${sql.lit(SAMPLES)}]`.as('event_ids'),
        ])
        .groupBy('error')
        .orderBy('count', 'desc')
        .orderBy('error')
        .limit(limit)
        .offset(offset)
        .execute(),
      failed.select(sql<number>`count(distinct error)`.as('count')).executeTakeFirstOrThrow(),
    ])
    return { groups, count: counted.count }
  }

  /**
   * Starts a campaign that has ended once more, for what failed (for this reason, if one is given) and what waits. The
   * campaign's row is locked meanwhile, so that of several who try at once one starts a run.
   */
  retry(workspaceId: string, id: string, reason: string | undefined): Promise<Retried> {
    return this.#database.transaction().execute(async (transaction) => {
      const campaign = await transaction
        .selectFrom('campaigns')
        .select('status')
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .forUpdate()
        .executeTakeFirst()
      if (!campaign) return 'unknown'
      if (campaign.status === 'RUNNING') return 'running'
      let failed = transaction
        .updateTable('campaign_events')
        .set({ state: 'pending', error: null })
        .where('workspace_id', '=', workspaceId)
        .where('campaign_id', '=', id)
        .where('state', '=', 'failed')
      if (reason !== undefined) failed = failed.where('error', '=', reason)
      const reset = await failed.executeTakeFirst()
      if (reset.numUpdatedRows === 0n) return 'nothing'
      const run_id = newUuid()
      await transaction
        .updateTable('campaigns')
        .set(runningAs(run_id))
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', id)
        .execute()
      await addWork(transaction, { workspaceId, kind: CAMPAIGN_WORK, id: run_id })
      return 'started'
    })
  }

  /** The campaigns of these judges; a judge without any has no row. */
  async ofJudges(workspaceId: string, judgeIds: readonly string[]): Promise<CampaignsOfJudge[]> {
    const { rows } = await sql<
      Omit<CampaignsOfJudge, 'newest'> & { ids: string[]; names: string[]; times: Date[] }
    >`
      select judge ->> 'id' as judge_id, count(*) as campaigns, count(*) filter (where status = 'RUNNING') as running,
        (array_agg(id::text order by created_at desc, id desc))[1:${sql.lit(NEWEST)}] as ids,
        (array_agg(name order by created_at desc, id desc))[1:${sql.lit(NEWEST)}] as names,
        (array_agg(created_at order by created_at desc, id desc))[1:${sql.lit(NEWEST)}] as times
      from campaigns
      where workspace_id = ${workspaceId} and judge ->> 'id' = any(${judgeIds}::text[]) and deleted_at is null
      group by judge ->> 'id'`.execute(this.#database)
    return rows.map(({ ids, names, times, ...row }) => ({
      ...row,
      newest: ids.map((id, index) => ({ id, name: names[index]!, created_at: times[index]! })),
    }))
  }

  /** The judge's newest campaign that has judged something. */
  async newestJudgedOf(workspaceId: string, judgeId: string): Promise<string | undefined> {
    const { rows } = await sql<{ id: string }>`
      select id from campaigns
      where workspace_id = ${workspaceId} and judge ->> 'id' = ${judgeId} and deleted_at is null
        and exists (select 1 from campaign_events event where event.workspace_id = campaigns.workspace_id
          and event.campaign_id = campaigns.id and event.state = 'judged')
      order by created_at desc limit 1`.execute(this.#database)
    return rows[0]?.id
  }

  #events(workspaceId: string, id: string) {
    return this.#database
      .selectFrom('campaign_events')
      .where('workspace_id', '=', workspaceId)
      .where('campaign_id', '=', id)
  }
}
