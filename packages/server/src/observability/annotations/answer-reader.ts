import { type Kysely, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import type { AnnotationTables } from './annotation-tables.ts'

/** What a campaign's judge answered about one event. */
export interface CampaignAnswer {
  readonly eventId: string
  readonly answer: string | number
}

/** What judging took, all together; `promptCharacters` are those of the messages as JSON. */
export interface AnswerCost {
  readonly answers: number
  readonly promptCharacters: number
  readonly inputTokens: number
  readonly outputTokens: number
}

/** The answers of whole campaigns, for those who count them. */
export class AnswerReader {
  readonly #database: Kysely<AnnotationTables>

  constructor(database: Database) {
    this.#database = database.withTables<AnnotationTables>()
  }

  /** All answers of a campaign, the newest event first; at most as many as a campaign has events. */
  async ofCampaign(workspaceId: string, campaignId: string): Promise<CampaignAnswer[]> {
    const rows = await this.#database
      .selectFrom('campaign_results')
      .select(['event_id', 'label', 'score'])
      .where('workspace_id', '=', workspaceId)
      .where('campaign_id', '=', campaignId)
      .orderBy('event_id', 'desc')
      .execute()
    return rows.flatMap(({ event_id, label, score }) => {
      const answer = label ?? score
      return answer === null ? [] : [{ eventId: event_id, answer }]
    })
  }

  /** How many events carry an answer of each of these judges. */
  async countsOf(workspaceId: string, judgeIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.#database
      .selectFrom('annotations')
      .select(['judge_id', (select) => select.fn.countAll<number>().as('count')])
      .where('workspace_id', '=', workspaceId)
      .where('judge_id', '=', sql<string>`any(${judgeIds}::uuid[])`)
      .groupBy('judge_id')
      .execute()
    return new Map(rows.map((row) => [row.judge_id, row.count]))
  }

  /** What some answers of a campaign took, at most `limit` of them. */
  async costOf(workspaceId: string, campaignId: string, limit: number): Promise<AnswerCost> {
    const { rows } = await sql<AnswerCost>`
      select count(*) as answers, coalesce(sum(characters), 0) as "promptCharacters",
        coalesce(sum(input_tokens), 0) as "inputTokens", coalesce(sum(output_tokens), 0) as "outputTokens"
      from (
        select input_tokens, output_tokens,
          length(prompt::text) as characters
        from campaign_results
        where workspace_id = ${workspaceId} and campaign_id = ${campaignId} and prompt is not null and input_tokens > 0
        limit ${limit}
      ) as measured`.execute(this.#database)
    return rows[0]!
  }
}
