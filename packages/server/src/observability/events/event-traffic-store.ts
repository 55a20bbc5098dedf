import { type RawBuilder, sql } from 'kysely'
import { type Database, withTimeLimit } from '../../platform/database/connection.ts'
import { firstUuidAt } from '../../platform/uuid.ts'

/** What came through in one span of time. */
export interface Traffic {
  readonly from: Date
  readonly events: number
  readonly errors: number
  readonly cancelled: number
  readonly inputTokens: number
  readonly outputTokens: number
}

const STATUSES = ['ok', 'error', 'cancelled'] as const

function idAt(date: Date): RawBuilder<string> {
  return sql<string>`${firstUuidAt(BigInt(date.getTime()) * 1000n)}::uuid`
}

/** Counts what came through, without reading an event. */
export class EventTrafficStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /**
   * Counts each span between two neighbours of `bounds`, which ascend. Each span and status is a range of the index
   * `events_status`, which has all that is summed.
   * @throws SQLSTATE 57014 after `timeLimitMs`
   */
  async between(workspaceId: string, bounds: readonly Date[], timeLimitMs: number): Promise<Traffic[]> {
    const spans = bounds.slice(1).map((to, index) => {
      return sql`(${index}::integer, ${idAt(bounds[index]!)}, ${idAt(to)})`
    })
    return withTimeLimit(this.#database, timeLimitMs, async (database) => {
      await sql`select set_config('jit', 'off', true)`.execute(database)
      const { rows } = await sql<{
        span: number
        status: (typeof STATUSES)[number]
        events: number
        input: number
        output: number
      }>`
        select span, statuses.status, events::float8, input::float8, output::float8
        from (values ${sql.join(spans)}) spans (span, low, high)
        cross join unnest(array[${sql.join(STATUSES)}]) statuses (status)
        cross join lateral (
          select count(*) as events, coalesce(sum(input_tokens), 0) as input, coalesce(sum(output_tokens), 0) as output
          from events where workspace_id = ${workspaceId} and events.status = statuses.status
            and event_id >= low and event_id < high
        ) counted`.execute(database)
      return bounds.slice(0, -1).map((from, index) => {
        const here = rows.filter(({ span }) => span === index)
        const sum = (value: (row: (typeof rows)[number]) => number) =>
          here.reduce((total, row) => total + value(row), 0)
        const of = (status: string) => here.find((row) => row.status === status)?.events ?? 0
        return {
          from,
          events: sum(({ events }) => events),
          errors: of('error'),
          cancelled: of('cancelled'),
          inputTokens: sum(({ input }) => input),
          outputTokens: sum(({ output }) => output),
        }
      })
    })
  }

  /** When the newest event happened; undefined if there is none. */
  async newest(workspaceId: string): Promise<Date | undefined> {
    const { rows } = await sql<{ timestamp: Date }>`
      select timestamp from events where workspace_id = ${workspaceId} order by event_id desc limit 1`.execute(
      this.#database,
    )
    return rows[0]?.timestamp
  }
}
