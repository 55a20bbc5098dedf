import type { Campaign, CampaignProgress } from '@tramontane/contract/campaigns'
import type { FilterPayload } from '@tramontane/contract/filter'
import type { Judge } from '@tramontane/contract/judges'
import { type Kysely, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import { addWork } from '../../platform/tasks/work-queue.ts'
import { newUuid } from '../../platform/uuid.ts'
import { type CampaignTables, campaignColumns, toCampaign } from './campaign-table.ts'

/** The kind of work that runs a campaign; its id is the campaign's `run_id`. */
export const CAMPAIGN_WORK = 'campaign'

/** What a campaign that has ended is set to when it goes on, in a run of its own. */
export function runningAs(run_id: string) {
  return {
    status: 'RUNNING' as const,
    run_id,
    reason: null,
    finished_at: null,
    updated_at: sql<Date>`clock_timestamp()`,
  }
}

const ERROR_GROUPS = 10
const ERROR_SAMPLES = 5
const RUNNING_SHOWN = 5

/** A campaign that is to be made: what its maker asked for, and what was found for it. */
export interface NewCampaign {
  readonly workspaceId: string
  readonly ownerId: string
  readonly name: string
  readonly description: string
  readonly searchParams: FilterPayload
  readonly maxNbEvents: number
  readonly judge: Judge
  /** Newest first. */
  readonly eventIds: readonly string[]
}

/** Campaigns in SQL, as their users see them; `campaign-run-store.ts` has what running them needs. */
export class CampaignStore {
  readonly #database: Kysely<CampaignTables>

  constructor(database: Database) {
    this.#database = database.withTables<CampaignTables>()
  }

  /** Makes the campaign, its set of events, and the work of judging them: all or nothing. */
  add(campaign: NewCampaign): Promise<Campaign> {
    return this.#database.transaction().execute(async (transaction) => {
      const [id, run_id] = [newUuid(), newUuid()]
      const row = await transaction
        .insertInto('campaigns')
        .values({
          workspace_id: campaign.workspaceId,
          id,
          run_id,
          name: campaign.name,
          description: campaign.description,
          owner_id: campaign.ownerId,
          search_params: sql<FilterPayload>`${JSON.stringify(campaign.searchParams)}::json`,
          max_nb_events: campaign.maxNbEvents,
          judge: sql<Judge>`${JSON.stringify(campaign.judge)}::json`,
          nb_events: campaign.eventIds.length,
        })
        .returning(campaignColumns)
        .executeTakeFirstOrThrow()
      await sql`
        insert into campaign_events (workspace_id, campaign_id, position, event_id)
        select ${campaign.workspaceId}, ${id}, selected.position - 1, selected.event_id
        from unnest(${campaign.eventIds}::uuid[]) with ordinality as selected (event_id, position)`.execute(
        transaction,
      )
      await addWork(transaction, { workspaceId: campaign.workspaceId, kind: CAMPAIGN_WORK, id: run_id })
      return toCampaign(row)
    })
  }

  async find(workspaceId: string, id: string): Promise<Campaign | undefined> {
    const row = await this.#living(workspaceId)
      .select(campaignColumns)
      .where('id', '=', id)
      .executeTakeFirst()
    return row && toCampaign(row)
  }

  async count(workspaceId: string, q: string | undefined): Promise<number> {
    const row = await this.#named(workspaceId, q)
      .select((select) => select.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    return row.count
  }

  /** Newest first. */
  async list(
    workspaceId: string,
    q: string | undefined,
    { limit, offset }: { limit: number; offset: number },
  ): Promise<Campaign[]> {
    const rows = await this.#named(workspaceId, q)
      .select(campaignColumns)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit)
      .offset(offset)
      .execute()
    return rows.map(toCampaign)
  }

  /** How many run, and the newest of them. */
  async running(workspaceId: string): Promise<{ count: number; newest: { id: string; name: string }[] }> {
    const running = this.#living(workspaceId).where('status', '=', 'RUNNING')
    const [{ count }, newest] = await Promise.all([
      running.select((select) => select.fn.countAll<number>().as('count')).executeTakeFirstOrThrow(),
      running
        .select(['id', 'name'])
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .limit(RUNNING_SHOWN)
        .execute(),
    ])
    return { count, newest }
  }

  /** Ids of selected events in their order; a part of them if a range is given. */
  async eventIds(
    workspaceId: string,
    id: string,
    range?: { limit: number; offset: number },
  ): Promise<string[]> {
    let query = this.#events(workspaceId, id).select('event_id').orderBy('position')
    if (range)
      query = query.where('position', '>=', range.offset).where('position', '<', range.offset + range.limit)
    return (await query.execute()).map((row) => row.event_id)
  }

  /** How many events were selected; undefined if there is no such campaign. */
  async countEvents(workspaceId: string, id: string): Promise<number | undefined> {
    const row = await this.#living(workspaceId).select('nb_events').where('id', '=', id).executeTakeFirst()
    return row?.nb_events
  }

  /** Counted from the rows of the events, so that it is true at every moment; undefined if there is no such campaign. */
  async progress(workspaceId: string, id: string): Promise<CampaignProgress | undefined> {
    const row = await this.#living(workspaceId)
      .select(['status', 'reason', 'nb_events', 'started_at', 'finished_at'])
      .where('id', '=', id)
      .executeTakeFirst()
    if (!row) return undefined
    const [counts, errors] = await Promise.all([this.#counts(workspaceId, id), this.#errors(workspaceId, id)])
    return {
      status: row.status,
      reason: row.reason,
      total: row.nb_events,
      ...counts,
      errors,
      started_at: row.started_at?.toISOString() ?? null,
      finished_at: row.finished_at?.toISOString() ?? null,
    }
  }

  /**
   * Ends a campaign that runs.
   * @returns the run that has to leave off; undefined if none does
   */
  async cancel(workspaceId: string, id: string): Promise<string | undefined> {
    const row = await this.#database
      .updateTable('campaigns')
      .set({
        status: 'CANCELED',
        reason: null,
        finished_at: sql<Date>`clock_timestamp()`,
        updated_at: sql<Date>`clock_timestamp()`,
      })
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .where('status', '=', 'RUNNING')
      .where('deleted_at', 'is', null)
      .returning('run_id')
      .executeTakeFirst()
    return row?.run_id
  }

  /** Starts a campaign that has ended once more, for the events that failed or were not judged; if there are any. */
  resume(workspaceId: string, id: string): Promise<void> {
    return this.#database.transaction().execute(async (transaction) => {
      const run_id = newUuid()
      const started = await transaction
        .updateTable('campaigns')
        .set(runningAs(run_id))
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', id)
        .where('status', '!=', 'RUNNING')
        .where('deleted_at', 'is', null)
        .where(
          sql<boolean>`exists (select 1 from campaign_events
            where workspace_id = ${workspaceId} and campaign_id = ${id} and state <> 'judged')`,
        )
        .executeTakeFirst()
      if (started.numUpdatedRows === 0n) return
      await transaction
        .updateTable('campaign_events')
        .set({ state: 'pending', error: null })
        .where('workspace_id', '=', workspaceId)
        .where('campaign_id', '=', id)
        .where('state', '=', 'failed')
        .execute()
      await addWork(transaction, { workspaceId, kind: CAMPAIGN_WORK, id: run_id })
    })
  }

  /** @returns the run that has to leave off if it is under way; undefined if there is no such campaign */
  delete(workspaceId: string, id: string): Promise<string | undefined> {
    return this.#database.transaction().execute(async (transaction) => {
      const row = await transaction
        .updateTable('campaigns')
        .set({
          deleted_at: sql<Date>`clock_timestamp()`,
          status: sql<CampaignProgress['status']>`case status when 'RUNNING' then 'CANCELED' else status end`,
        })
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .returning('run_id')
        .executeTakeFirst()
      if (!row) return undefined
      await transaction
        .deleteFrom('campaign_events')
        .where('workspace_id', '=', workspaceId)
        .where('campaign_id', '=', id)
        .execute()
      return row.run_id
    })
  }

  async #counts(workspaceId: string, id: string) {
    return this.#events(workspaceId, id)
      .select([
        sql<number>`count(*) filter (where state = 'judged')`.as('judged'),
        sql<number>`count(*) filter (where state = 'failed')`.as('failed'),
        sql<number>`count(*) filter (where state = 'pending')`.as('pending'),
        sql<number>`coalesce(sum(input_tokens), 0)`.as('input_tokens'),
        sql<number>`coalesce(sum(output_tokens), 0)`.as('output_tokens'),
      ])
      .executeTakeFirstOrThrow()
  }

  async #errors(workspaceId: string, id: string): Promise<CampaignProgress['errors']> {
    return this.#events(workspaceId, id)
      .select([
        sql<string>`error`.as('reason'),
        (select) => select.fn.countAll<number>().as('count'),
        sql<string[]>`(array_agg(event_id::text order by position))[1:${sql.lit(ERROR_SAMPLES)}]`.as(
          'event_ids',
        ),
      ])
      .where('state', '=', 'failed')
      .groupBy('error')
      .orderBy('count', 'desc')
      .orderBy('error')
      .limit(ERROR_GROUPS)
      .execute()
  }

  #events(workspaceId: string, id: string) {
    return this.#database
      .selectFrom('campaign_events')
      .where('workspace_id', '=', workspaceId)
      .where('campaign_id', '=', id)
  }

  #living(workspaceId: string) {
    return this.#database
      .selectFrom('campaigns')
      .where('workspace_id', '=', workspaceId)
      .where('deleted_at', 'is', null)
  }

  #named(workspaceId: string, q: string | undefined) {
    const query = this.#living(workspaceId)
    return q ? query.where(sql<boolean>`position(lower(${q}) in lower(name)) > 0`) : query
  }
}
