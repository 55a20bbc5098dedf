import { type Kysely, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import { firstUuidAt } from '../../platform/uuid.ts'

const FIRST_YEAR = 2020
/** Where the months begin; what is older shares one partition. Microseconds since 1970. */
export const FIRST_MONTH_MICROS = BigInt(Date.UTC(FIRST_YEAR, 0)) * 1000n
/** Suffix of the partition that holds everything older than the first month. */
export const OLDEST_PARTITION = `before_${FIRST_YEAR}`

/** Any number of ours, the same in every server: whoever holds this lock changes partitions. */
const LOCK = 7_444_010

/** The tables whose rows belong to an event, each partitioned by the event's id, and so by its time. */
const TABLES = ['events', 'event_payloads'] as const

/** Suffix of the partition of an instant (microseconds since 1970): `2025_06`. */
function partitionOf(micros: bigint): string {
  if (micros < FIRST_MONTH_MICROS) return OLDEST_PARTITION
  const date = new Date(Number(micros / 1000n))
  return `${date.getUTCFullYear()}_${String(date.getUTCMonth() + 1).padStart(2, '0')}`
}

/** First and last instant (exclusive) of a partition, in microseconds; undefined for a suffix that is none of ours. */
export function partitionRange(suffix: string): { from: bigint; to: bigint } | undefined {
  if (suffix === OLDEST_PARTITION) return { from: 0n, to: FIRST_MONTH_MICROS }
  const month = /^(\d{4,5})_(\d{2})$/.exec(suffix)
  if (!month) return undefined
  const start = (offset: number) => BigInt(Date.UTC(Number(month[1]), Number(month[2]) - 1 + offset)) * 1000n
  return { from: start(0), to: start(1) }
}

/**
 * The monthly partitions of events: made when the first event of a month arrives, dropped whole when the month is
 * older than the retention.
 */
export class EventPartitions {
  readonly #database: Database
  #known = new Set<string>([OLDEST_PARTITION])

  constructor(database: Database) {
    this.#database = database
  }

  /** Makes the partitions for these instants that are missing. Safe with several servers at once. */
  async ensure(micros: Iterable<bigint>): Promise<void> {
    const missing = new Set<string>()
    for (const instant of micros) {
      const suffix = partitionOf(instant)
      if (!this.#known.has(suffix)) missing.add(suffix)
    }
    for (const suffix of missing) {
      await this.#create(suffix)
      this.#known.add(suffix)
    }
  }

  /** Forgets what it knows: another server may have dropped partitions. */
  forget(): void {
    this.#known = new Set([OLDEST_PARTITION])
  }

  /** Suffixes of the partitions that are there, newest first. */
  async list(): Promise<string[]> {
    const { rows } = await sql<{ name: string }>`
      select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'events'::regclass`.execute(this.#database)
    return rows
      .map(({ name }) => name.slice('events_'.length))
      .filter((suffix) => partitionRange(suffix) !== undefined)
      .sort((a, b) => Number(partitionRange(b)!.from - partitionRange(a)!.from))
  }

  /**
   * Drops the partition of a month with all that is in it; of the oldest partition, which stays, only what is in it.
   * @returns false if there was nothing to drop, or if searches hold the table for more than two seconds: later, then
   */
  async drop(suffix: string): Promise<boolean> {
    try {
      return await this.#locked(async (transaction) => {
        await sql`set local lock_timeout = '2s'`.execute(transaction)
        if (suffix !== OLDEST_PARTITION) {
          for (const table of TABLES)
            await sql`drop table if exists ${sql.id(`${table}_${suffix}`)}`.execute(transaction)
          return true
        }
        const { rows } = await sql`select 1 from ${sql.id(`events_${suffix}`)} limit 1`.execute(transaction)
        if (rows.length === 0) return false
        await sql`truncate ${sql.join(TABLES.map((table) => sql.id(`${table}_${suffix}`)))}`.execute(
          transaction,
        )
        return true
      })
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === '55P03') return false
      throw error
    } finally {
      if (suffix !== OLDEST_PARTITION) this.#known.delete(suffix)
    }
  }

  #create(suffix: string): Promise<void> {
    const { from, to } = partitionRange(suffix)!
    return this.#locked(async (transaction) => {
      for (const table of TABLES) {
        const name = `${table}_${suffix}`
        const { rows } = await sql`select 1 from pg_class where oid = to_regclass(${name})`.execute(
          transaction,
        )
        if (rows.length > 0) continue
        // Made apart and attached: `create table … partition of` would wait for every running search to end, and
        // hold up all others meanwhile.
        await sql`create table ${sql.id(name)} (like ${sql.id(table)} including all)`.execute(transaction)
        await sql`
          alter table ${sql.id(table)} attach partition ${sql.id(name)}
          for values from (${sql.lit(firstUuidAt(from))}) to (${sql.lit(firstUuidAt(to))})`.execute(
          transaction,
        )
      }
    })
  }

  #locked<T>(work: (transaction: Kysely<Record<never, never>>) => Promise<T>): Promise<T> {
    return this.#database.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(${LOCK})`.execute(transaction)
      return work(transaction)
    })
  }
}
