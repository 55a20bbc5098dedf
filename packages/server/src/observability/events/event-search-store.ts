import type { CheckedCondition } from '@tramontane/contract/filter-check'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { type Database, withTimeLimit } from '../../platform/database/connection.ts'
import { textCondition } from './condition-sql.ts'
import type { Compiled, CompiledFilter } from './filter-compiler.ts'

type Handle = Kysely<Record<never, never>>
type Condition = RawBuilder<boolean>

/** What to select: the newest `limit` events before the event `before`, or the newest of all. */
export interface Selection {
  readonly workspaceId: string
  readonly filter: CompiledFilter
  readonly limit: number
  /** Only events older than the one with this id. */
  readonly before?: string
  /** Milliseconds after which it is given up (DATABASE_TIMEOUT). */
  readonly timeLimitMs: number
}

/**
 * Events that the first look, from the newest backwards, reads at least: some 20 ms, even for a pattern that ignores
 * case. What it does not find is so rare that gathering all of it costs no more.
 */
const FIRST_LOOK = 5_000
/** For long pages: events read for each that is wanted. */
const LOOKS_PER_EVENT = 20
/** A field with more values than this is searched as text. */
const MAX_VALUES = 200
const JIT_OFF = sql`select set_config('jit', 'off', true)`

function all(conditions: readonly Condition[]): Condition {
  return sql<boolean>`${sql.join(conditions, sql` and `)}`
}

/** The conditions that one index serves in the order of time, and those left to be looked at event by event. */
function split(parts: readonly Compiled[]): { scope: Condition[]; rest: Compiled[] } {
  const scope: Condition[] = []
  const rest: Compiled[] = []
  let hasEquality = false
  for (const part of parts) {
    if (part.ordered && !(hasEquality && part.fixes)) {
      scope.push(part.sql)
      hasEquality ||= part.fixes === true
    } else rest.push(part)
  }
  return { scope, rest }
}

/** Finds events by filters. */
export class EventSearchStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /**
   * The ids of the events that a filter selects, newest first.
   *
   * Left alone, the planner reads everything backwards for a rare value, or gathers a hundred thousand matches of a
   * common one and sorts them. So the newest events are looked at first, which finds what is common; what is left is
   * rare and gathered through the indexes, if they can.
   */
  select(selection: Selection): Promise<string[]> {
    const { workspaceId, filter, before, limit, timeLimitMs } = selection
    if (limit === 0) return Promise.resolve([])
    const { scope, rest } = split(filter.parts)
    const bounds = [sql<boolean>`e.workspace_id = ${workspaceId}`, ...scope]
    if (before !== undefined) bounds.push(sql<boolean>`e.event_id < ${before}`)
    const started = performance.now()
    return withTimeLimit(this.#database, timeLimitMs, async (database) => {
      await JIT_OFF.execute(database)
      if (rest.length === 0) return ordered(database, all(bounds), limit)
      const found = await firstLook(database, bounds, rest, limit)
      if (found.length >= limit) return found
      const remaining = Math.max(1, Math.round(timeLimitMs - (performance.now() - started)))
      await sql`select set_config('statement_timeout', ${String(remaining)}, true)`.execute(database)
      const conditions = all([...bounds, ...rest.map((part) => part.sql)])
      if (!rest.some(({ indexed }) => indexed)) return ordered(database, conditions, limit)
      return gathered(
        database,
        conditions,
        limit,
        rest.some(({ judged }) => judged),
      )
    })
  }

  /**
   * The values of an ENUM column that fit a text condition; null if the column has too many values.
   * Jumps from value to value in the column's index.
   */
  async fittingValues(
    workspaceId: string,
    condition: Pick<CheckedCondition, 'field' | 'op' | 'value'>,
  ): Promise<string[] | null> {
    const values = await this.values(workspaceId, condition.field.name, MAX_VALUES + 1)
    if (values.length > MAX_VALUES) return null
    const { rows } = await sql<{ value: string }>`
      select value from unnest(${values}::text[]) v(value) where ${textCondition(sql`value`, condition)}`.execute(
      this.#database,
    )
    return rows.map(({ value }) => value)
  }

  /** The values of an indexed text column, at most `limit`. */
  async values(workspaceId: string, column: string, limit: number): Promise<string[]> {
    const name = sql.ref(column)
    const { rows } = await sql<{ value: string }>`
      with recursive v(value) as (
        (select ${name} from events where workspace_id = ${workspaceId} order by ${name} limit 1)
        union all
        select (select ${name} from events where workspace_id = ${workspaceId} and ${name} > v.value order by ${name} limit 1)
        from v where v.value is not null
      ) select value from v where value is not null limit ${limit}`.execute(this.#database)
    return rows.map(({ value }) => value)
  }

  /**
   * What PostgreSQL has against a regular expression; undefined if it can be used. Asked beforehand, since a search
   * that meets no event would never say.
   */
  async patternProblem(pattern: string): Promise<string | undefined> {
    try {
      await withTimeLimit(this.#database, 500, (database) => sql`select '' ~ ${pattern}`.execute(database))
      return undefined
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === '2201B') return error.message
      throw error
    }
  }
}

/** Straight off an index in the order of time, stopping as soon as there are enough. */
async function ordered(database: Handle, condition: Condition, limit: number): Promise<string[]> {
  const { rows } = await sql<{ event_id: string }>`
    select e.event_id from events e where ${condition} order by e.event_id desc limit ${limit}`.execute(
    database,
  )
  return rows.map(({ event_id }) => event_id)
}

/** The matches among the newest events of the scope. */
async function firstLook(
  database: Handle,
  bounds: readonly Condition[],
  rest: readonly Compiled[],
  limit: number,
): Promise<string[]> {
  const { rows } = await sql<{ event_id: string }>`
    select e.event_id from (
      select * from events e where ${all(bounds)} order by e.event_id desc limit ${Math.max(FIRST_LOOK, limit * LOOKS_PER_EVENT)}
    ) e where ${all(rest.map((part) => part.sql))} order by e.event_id desc limit ${limit}`.execute(database)
  return rows.map(({ event_id }) => event_id)
}

/** All matches through the indexes, then the newest of them: for what is rare. */
async function gathered(
  database: Handle,
  condition: Condition,
  limit: number,
  isJudged: boolean,
): Promise<string[]> {
  // The guess of how many events hold a text is often far too high, and then every event would be read instead.
  await sql`select set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', ${isJudged ? 'on' : 'off'}, true)`.execute(
    database,
  )
  const { rows } = await sql<{ event_id: string }>`
    with matches as materialized (select e.event_id from events e where ${condition})
    select event_id from matches order by event_id desc limit ${limit}`.execute(database)
  return rows.map(({ event_id }) => event_id)
}
