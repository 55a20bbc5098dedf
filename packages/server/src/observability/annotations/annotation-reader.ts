import { type FieldDefinition, judgeField } from '@tramontane/contract/fields'
import type { Kysely, RawBuilder, Transaction } from 'kysely'
import { sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import type { AnnotationTables } from './annotation-tables.ts'

/** What a judge made of one event in one campaign; written once, never changed. */
export interface CampaignResult {
  readonly workspaceId: string
  readonly campaignId: string
  readonly eventId: string
  /** The id that the judge's user holds, whatever its content was then: names the field `__judge_…`. */
  readonly judgeId: string
  /** The revision whose content judged. */
  readonly judgeRevision: string
  readonly judgeName: string
  readonly outputType: 'CLASSIFICATION' | 'REGRESSION'
  /** A classification's label, or a regression's number; null if the event could not be judged, see `error`. */
  readonly answer: string | number | null
  readonly analysis: string | null
  /** The messages that were sent to the model; null if it did not come to that. */
  readonly prompt: readonly unknown[] | null
  readonly inputTokens: number
  readonly outputTokens: number
  readonly durationSeconds: number
  /** Why the event could not be judged; null if it was. */
  readonly error: string | null
  readonly createdAt: Date
}

/**
 * Stores results in the caller's transaction, together with what the caller knows of its progress. A result that is
 * there already is left as it is.
 */
export type RecordResults = <DB>(
  transaction: Transaction<DB>,
  results: readonly CampaignResult[],
) => Promise<void>

/** A judge that has annotated events, and the field that carries its newest answers. */
export interface JudgeField {
  readonly judgeId: string
  readonly definition: FieldDefinition
  /** Column of `annotations` that holds the answers of the field's type. */
  readonly column: 'label' | 'score'
}

/** What judges have said of events. */
export class AnnotationReader {
  readonly #database: Kysely<AnnotationTables>

  constructor(database: Database) {
    this.#database = database.withTables<AnnotationTables>()
  }

  /** The fields of the judges that have annotated anything in the workspace, by name. */
  async judgeFields(workspaceId: string): Promise<JudgeField[]> {
    const rows = await this.#database
      .selectFrom('judge_fields')
      .select(['judge_id', 'judge_name', 'output_type'])
      .where('workspace_id', '=', workspaceId)
      .orderBy('judge_name')
      .orderBy('judge_id')
      .execute()
    return rows.map(({ judge_id, judge_name, output_type }) => {
      const isLabel = output_type === 'CLASSIFICATION'
      return {
        judgeId: judge_id,
        definition: judgeField(judge_id, judge_name, isLabel ? 'ENUM' : 'FLOAT'),
        column: isLabel ? 'label' : 'score',
      }
    })
  }

  /** The newest answers about these events: event id → field name → answer. Events without any are not in the map. */
  async valuesOf(
    workspaceId: string,
    eventIds: readonly string[],
    fields: readonly JudgeField[],
  ): Promise<Map<string, Map<string, string | number>>> {
    const values = new Map<string, Map<string, string | number>>()
    if (fields.length === 0 || eventIds.length === 0) return values
    const byJudge = new Map(fields.map((field) => [field.judgeId, field]))
    const rows = await this.#database
      .selectFrom('annotations')
      .select(['event_id', 'judge_id', 'label', 'score'])
      .where('workspace_id', '=', workspaceId)
      .where('event_id', '=', sql<string>`any(${eventIds}::uuid[])`)
      .execute()
    for (const row of rows) {
      const field = byJudge.get(row.judge_id)
      const value = field && row[field.column]
      if (!field || value === null || value === undefined) continue
      const ofEvent = values.get(row.event_id) ?? new Map<string, string | number>()
      values.set(row.event_id, ofEvent.set(field.definition.name, value))
    }
    return values
  }

  /**
   * What a campaign made of these events: event id → result, failures included.
   * @param eventIds at most some thousands
   */
  async resultsOf(
    workspaceId: string,
    campaignId: string,
    eventIds: readonly string[],
  ): Promise<Map<string, CampaignResult>> {
    const rows = await this.#database
      .selectFrom('campaign_results')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('campaign_id', '=', campaignId)
      .where('event_id', '=', sql<string>`any(${eventIds}::uuid[])`)
      .execute()
    return new Map(rows.map((row) => [row.event_id, toResult(row)]))
  }

  /** What campaigns made of one event, newest first, failures included. */
  async resultsAbout(workspaceId: string, eventId: string, limit: number): Promise<CampaignResult[]> {
    const rows = await this.#database
      .selectFrom('campaign_results')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('event_id', '=', eventId)
      .orderBy('created_at', 'desc')
      .limit(limit)
      .execute()
    return rows.map(toResult)
  }
}

function toResult(row: AnnotationTables['campaign_results']): CampaignResult {
  return {
    workspaceId: row.workspace_id,
    campaignId: row.campaign_id,
    eventId: row.event_id,
    judgeId: row.judge_id,
    judgeRevision: row.judge_revision,
    judgeName: row.judge_name,
    outputType: row.output_type,
    answer: row.label ?? row.score,
    analysis: row.analysis,
    prompt: row.prompt,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    durationSeconds: row.duration_seconds,
    error: row.error,
    createdAt: row.created_at,
  }
}

/**
 * The ids of the workspace's events that a judge has answered about and whose newest answer fits, as a subquery.
 * @param fits what the answer must be, given the column it stands in
 */
export function annotatedEvents(
  workspaceId: string,
  { judgeId, column }: JudgeField,
  fits: (answer: RawBuilder<unknown>) => RawBuilder<boolean>,
): RawBuilder<string> {
  const answer = sql.ref(`a.${column}`)
  return sql<string>`(select a.event_id from annotations a where a.workspace_id = ${workspaceId}
    and a.judge_id = ${judgeId} and ${answer} is not null and ${fits(answer)})`
}

/** A judge's newest answers about the workspace's events, as a subquery with the columns `event_id` and `answer`. */
export function annotationsOf(workspaceId: string, { judgeId, column }: JudgeField): RawBuilder<unknown> {
  const answer = sql.ref(`a.${column}`)
  return sql`(select a.event_id, ${answer} as answer from annotations a where a.workspace_id = ${workspaceId}
    and a.judge_id = ${judgeId} and ${answer} is not null)`
}
