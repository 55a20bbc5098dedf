import { type RawBuilder, sql } from 'kysely'
import { type Database, withTimeLimit } from '../../platform/database/connection.ts'
import { firstUuidAt, microsOf } from '../../platform/uuid.ts'
import type { CompiledFilter } from './filter-compiler.ts'

/** What was counted in one bucket. */
export interface BucketCount {
  readonly events: number
  readonly errors: number
}

interface Counting {
  readonly workspaceId: string
  readonly filter: CompiledFilter
  /** Where each bucket begins, and where the last one ends: microseconds since 1970. */
  readonly bounds: readonly bigint[]
  readonly timeLimitMs: number
}

const JIT_OFF = sql`select set_config('jit', 'off', true)`

function isTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '57014'
}

function uuids(bounds: readonly bigint[]): RawBuilder<string[]> {
  return sql<string[]>`${bounds.map(firstUuidAt)}::uuid[]`
}

function inRange({ workspaceId, filter, bounds }: Counting): RawBuilder<unknown> {
  return sql.join(
    [
      sql`e.workspace_id = ${workspaceId}`,
      sql`e.event_id >= ${firstUuidAt(bounds[0]!)} and e.event_id < ${firstUuidAt(bounds.at(-1)!)}`,
      ...filter.parts.map((part) => part.sql),
    ],
    sql` and `,
  )
}

/** Counts events over time. */
export class EventVolumeStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** When the first and the last event of a workspace happened, in microseconds since 1970; undefined: there are none. */
  async span(workspaceId: string): Promise<{ first: bigint; last: bigint } | undefined> {
    const { rows } = await sql<{ first: string | null; last: string | null }>`
      select (select event_id from events where workspace_id = ${workspaceId} order by event_id limit 1) as first,
        (select event_id from events where workspace_id = ${workspaceId} order by event_id desc limit 1) as last`.execute(
      this.#database,
    )
    const { first, last } = rows[0]!
    return first === null || last === null ? undefined : { first: microsOf(first), last: microsOf(last) }
  }

  /** How many events a filter selects in each bucket; undefined if the time did not suffice. */
  async count(counting: Counting): Promise<BucketCount[] | undefined> {
    // What one index holds in the order of time is counted within it, bucket by bucket; anything else in one pass.
    const isOrdered = counting.filter.parts.every(({ ordered }) => ordered)
    try {
      return await withTimeLimit(this.#database, counting.timeLimitMs, async (database) => {
        await JIT_OFF.execute(database)
        const { rows } = await sql<{ n: number; events: number; errors: number }>`
          ${isOrdered ? byBucket(counting) : inOnePass(counting, sql``)}`.execute(database)
        return spread(rows, counting.bounds.length - 1, 1)
      })
    } catch (error) {
      if (isTimeout(error)) return undefined
      throw error
    }
  }

  /**
   * The same, estimated from a part of the table.
   * @param share of the events that are looked at, from 0 to 1
   * @throws the database's time-out
   */
  estimate(counting: Counting, share: number): Promise<BucketCount[]> {
    const percent = Math.min(100, Math.max(0.01, share * 100))
    return withTimeLimit(this.#database, counting.timeLimitMs, async (database) => {
      await JIT_OFF.execute(database)
      // Indexes do not know which part is looked at, and PostgreSQL would rather use them.
      const { rows } = await sql<{ n: number; events: number; errors: number }>`
        ${inOnePass(counting, sql`tablesample system (${percent}::real)`)}`.execute(database)
      return spread(rows, counting.bounds.length - 1, 100 / percent)
    })
  }
}

function byBucket({ workspaceId, filter, bounds }: Counting): RawBuilder<unknown> {
  const where = sql.join(
    [
      sql`e.workspace_id = ${workspaceId} and e.event_id >= b.low and e.event_id < b.high`,
      ...filter.parts.map((part) => part.sql),
    ],
    sql` and `,
  )
  return sql`
    select (b.n - 1)::int as n, (select count(*) from events e where ${where}) as events,
      (select count(*) from events e where ${where} and e.status = 'error') as errors
    from unnest(${uuids(bounds.slice(0, -1))}, ${uuids(bounds.slice(1))}) with ordinality b(low, high, n)`
}

function inOnePass(counting: Counting, sample: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select width_bucket(e.event_id, ${uuids(counting.bounds.slice(0, -1))}) - 1 as n, count(*) as events,
      count(*) filter (where e.status = 'error') as errors
    from events e ${sample} where ${inRange(counting)} group by 1`
}

function spread(
  rows: readonly { n: number; events: number; errors: number }[],
  length: number,
  factor: number,
): BucketCount[] {
  const counts = Array.from({ length }, () => ({ events: 0, errors: 0 }))
  for (const { n, events, errors } of rows)
    if (counts[n]) counts[n] = { events: Math.round(events * factor), errors: Math.round(errors * factor) }
  return counts
}
