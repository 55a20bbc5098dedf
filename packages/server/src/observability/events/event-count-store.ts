import { type RawBuilder, sql } from 'kysely'
import { type Database, withTimeLimit } from '../../platform/database/connection.ts'
import { annotationsOf, type JudgeField } from '../annotations/annotation-reader.ts'
import type { CompiledFilter } from './filter-compiler.ts'
import { sketch } from './likeness.ts'

/** Where values are counted. */
export type CountSource =
  | { readonly kind: 'column'; readonly column: string }
  | { readonly kind: 'list'; readonly column: string }
  | { readonly kind: 'metadata'; readonly key: string }
  | { readonly kind: 'judge'; readonly judge: JudgeField }

export interface ValueCount {
  readonly value: string
  readonly count: number
}

interface CountOptions {
  readonly limit: number
  readonly timeLimitMs: number
}

/** Events that suggestions are drawn from. */
const RECENT = 20_000
/** Candidates of each band of a sketch: the newest ones, so that a message sent a million times costs no more. */
const CANDIDATES_PER_BAND = 250

/** The values of a source and the tables to join for them, on `events e`. */
function valuesOf(
  workspaceId: string,
  source: CountSource,
): { value: RawBuilder<string>; join: RawBuilder<unknown> } {
  switch (source.kind) {
    case 'column':
      return { value: sql<string>`${sql.ref(`e.${source.column}`)}::text`, join: sql`` }
    case 'list':
      return {
        value: sql<string>`tool`,
        join: sql`cross join lateral unnest(${sql.ref(`e.${source.column}`)}) tool`,
      }
    case 'metadata':
      return { value: sql<string>`e.metadata ->> ${source.key}`, join: sql`` }
    case 'judge':
      return {
        value: sql<string>`a.answer`,
        join: sql`join ${annotationsOf(workspaceId, source.judge)} a on a.event_id = e.event_id`,
      }
  }
}

/** Counts events by value, and finds those alike. */
export class EventCountStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** How many events that pass the filter have each value, the most frequent first. */
  count(
    workspaceId: string,
    source: CountSource,
    filter: CompiledFilter | null,
    options: CountOptions,
  ): Promise<ValueCount[]> {
    const parts = filter?.parts ?? []
    const { value, join } = valuesOf(workspaceId, source)
    const conditions = [sql`e.workspace_id = ${workspaceId}`, ...parts.map((part) => part.sql)]
    const where = sql.join(conditions, sql` and `)
    return this.#top(sql`select ${value} as value from events e ${join} where ${where}`, options)
  }

  /** The same among the newest events only. */
  countRecent(workspaceId: string, source: CountSource, options: CountOptions): Promise<ValueCount[]> {
    const { value, join } = valuesOf(workspaceId, source)
    return this.#top(
      sql`select ${value} as value from (
        select * from events where workspace_id = ${workspaceId} order by event_id desc limit ${RECENT}
      ) e ${join}`,
      options,
    )
  }

  /** Other events whose user's text shares a part of its sketch, with that text. */
  async similarTexts(
    workspaceId: string,
    eventId: string,
    text: string,
  ): Promise<{ event_id: string; text: string }[]> {
    const bands = sketch(text)
    if (!bands) return []
    const candidates = bands.map((value, band) => {
      const column = sql.ref(`likeness_${band + 1}`)
      return sql`(select event_id from events where workspace_id = ${workspaceId} and ${column} = ${value}
        and event_id <> ${eventId} order by event_id desc limit ${CANDIDATES_PER_BAND})`
    })
    return withTimeLimit(this.#database, 950, async (database) => {
      const { rows } = await sql<{ event_id: string; text: string }>`
        select event_id, last_user_message_preview as text from events where workspace_id = ${workspaceId}
        and event_id = any(array(${sql.join(candidates, sql` union `)}))`.execute(database)
      return rows
    })
  }

  #top(values: RawBuilder<unknown>, { limit, timeLimitMs }: CountOptions): Promise<ValueCount[]> {
    return withTimeLimit(this.#database, timeLimitMs, async (database) => {
      await sql`select set_config('jit', 'off', true)`.execute(database)
      const { rows } = await sql<ValueCount>`
        select value, count(*) as count from (${values}) v where value is not null
        group by value order by count desc, value limit ${limit}`.execute(database)
      return rows
    })
  }
}
