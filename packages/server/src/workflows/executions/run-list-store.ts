import type { ExecutionStatus } from '@tramontane/contract/executions'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { type Database, withTimeLimit } from '../../platform/database/connection.ts'
import type { Run } from './run.ts'
import { type RunTable, toRun } from './run-store.ts'

type Condition = RawBuilder<boolean>
type Handle = Kysely<Record<never, never>>
type Row = Omit<RunTable, 'result'>

/** Which runs a list shows; what is undefined shows all. */
export interface RunSelection {
  readonly workspaceId: string
  /** Of workflows with one of these names. */
  readonly names: readonly string[] | undefined
  /** The names of workflows that belong to the SDK, if those are left out; so are those whose names begin with `__`. */
  readonly withoutNames: readonly string[] | undefined
  readonly rootExecutionId: string | undefined
  /** Runs of `names`, with `text` in the id of their execution, or with this id. */
  readonly search:
    | { readonly names: readonly string[]; readonly text: string; readonly runId: string | undefined }
    | undefined
  readonly statuses: readonly ExecutionStatus[] | undefined
  readonly deploymentName: string | undefined
  readonly userId: string | undefined
  readonly startAfter: Date | undefined
  readonly startBefore: Date | undefined
  readonly endAfter: Date | undefined
  readonly endBefore: Date | undefined
  /** Pairs of a key and a part of its value. */
  readonly searchKeys: readonly { readonly key: string; readonly value: string }[]
  readonly sortBy: 'start_time' | 'end_time'
  readonly order: 'asc' | 'desc'
  /** Only runs after this place in the order. */
  readonly after: { readonly time: Date | 'infinity'; readonly runId: string } | undefined
  readonly limit: number
}

/** A run in a list. */
export type ListedRun = Omit<Run, 'result'>

const COLUMNS = sql.raw(
  `run_id, execution_id, workflow_name, workflow_id, deployment_name, parent_execution_id, root_execution_id, status,
   start_time, end_time, message, next_run_id, user_id, trace_id, schedule_id, retried`,
)
/** The statuses that runs have. */
export const STATUSES: readonly ExecutionStatus[] = [
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'CANCELED',
  'TERMINATED',
  'CONTINUED_AS_NEW',
  'TIMED_OUT',
]
/** Runs that the first look reads at least; what it does not find among them is rare, and gathered. */
const FIRST_LOOK = 5_000
/** The same where runs come from several places in an index, from each. */
const FIRST_LOOK_EACH = 1_500
const LOOKS_PER_RUN = 20
/** Places in an index that are read side by side, at most: for a page, and for a first look. */
const MAX_PLACES = 300
const MAX_LOOK_PLACES = 8
/** So many runs are gathered sooner than read in order past all the others; and of those with a search key, so many. */
const FEW = 20_000
const FEW_WITH_KEY = 5_000
/** A shorter text has no trigrams. */
const MIN_TEXT = 3
const JIT_OFF = sql`select set_config('jit', 'off', true)`

/** A way into the runs that gives them in order: an index, by what it begins with. */
interface Way {
  /** One condition for each place in the index where runs are to be read. */
  readonly places: readonly Condition[]
  /** What is still to be looked at run by run. */
  readonly rest: readonly Condition[]
}

/** How runs are sorted, and from where on they are wanted. */
interface Order {
  readonly by: RawBuilder<unknown>
  readonly clause: RawBuilder<unknown>
  readonly bounds: readonly Condition[]
}

function all(conditions: readonly Condition[]): Condition {
  return conditions.length === 0 ? sql<boolean>`true` : sql<boolean>`${sql.join(conditions, sql` and `)}`
}

function likeText(text: string): string {
  return text.replaceAll(/[\\%_]/g, (character) => `\\${character}`)
}

/** Lists runs, by any filter, in the order of their start or of their end. */
export class RunListStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /**
   * At most `limit` runs, in order. Left alone, the planner reads everything in order for what is rare, or gathers and
   * sorts a hundred thousand of what is common. So runs are read in order out of the index that fits best; if something
   * is left to be looked at in them, only for a while, and what is not found by then is rare enough to be gathered.
   * @throws SQLSTATE 57014 after `timeLimitMs`
   */
  list(selection: RunSelection, timeLimitMs: number): Promise<ListedRun[]> {
    return withTimeLimit(this.#database, timeLimitMs, async (database) => {
      await JIT_OFF.execute(database)
      const { search, limit } = selection
      if (!search) return toRuns(await listed(database, selection, []))
      // Each kind of match has an index of its own: they are listed one by one, and put together.
      const found = new Map<string, Row>()
      const parts: Promise<Row[]>[] = []
      if (search.names.length > 0) {
        const names = selection.names
          ? search.names.filter((name) => selection.names!.includes(name))
          : search.names
        if (names.length > 0) parts.push(listed(database, { ...selection, names }, []))
      }
      const pattern = `${likeText(search.text)}%`
      const text =
        search.text.length < MIN_TEXT
          ? sql<boolean>`execution_id like ${pattern}`
          : sql<boolean>`(execution_id like ${pattern} or length(execution_id) <> 64 and execution_id ilike ${`%${pattern}`})`
      parts.push(listed(database, selection, [text]))
      if (search.runId) parts.push(listed(database, selection, [sql<boolean>`run_id = ${search.runId}`]))
      for (const part of parts) for (const row of await part) found.set(row.run_id, row)
      return toRuns([...found.values()].sort(comparer(selection)).slice(0, limit))
    })
  }
}

function toRuns(rows: readonly Row[]): ListedRun[] {
  return rows.map((row) => toRun({ ...row, result: null }))
}

function comparer({ sortBy, order }: RunSelection): (a: Row, b: Row) => number {
  const sign = order === 'asc' ? 1 : -1
  return (a, b) => {
    const [left, right] = [Number(a[sortBy]), Number(b[sortBy])]
    if (left !== right) return left < right ? -sign : sign
    return a.run_id < b.run_id ? -sign : sign
  }
}

/** Conditions on the time that is sorted by, and on the other one. */
function timeConditions(selection: RunSelection): { ordered: Condition[]; other: Condition[] } {
  const { startAfter, startBefore, endAfter, endBefore, sortBy } = selection
  const start: Condition[] = []
  const end: Condition[] = []
  if (startAfter) start.push(sql<boolean>`start_time >= ${startAfter}`)
  if (startBefore) start.push(sql<boolean>`start_time <= ${startBefore}`)
  if (endAfter) end.push(sql<boolean>`end_time >= ${endAfter}`)
  if (endBefore) end.push(sql<boolean>`end_time <= ${endBefore}`)
  else if (endAfter) end.push(sql<boolean>`end_time < 'infinity'`)
  const other = sortBy === 'start_time' ? [...end] : [...start]
  // No run ends before it starts, so that a bound of the one is also one of the other.
  if (endBefore) start.push(sql<boolean>`start_time <= ${endBefore}`)
  if (startAfter) end.push(sql<boolean>`end_time >= ${startAfter}`)
  return { ordered: sortBy === 'start_time' ? start : end, other }
}

function orderOf(selection: RunSelection, ordered: readonly Condition[]): Order {
  const { workspaceId, withoutNames, order, after, sortBy } = selection
  const by = sql.raw(sortBy)
  const bounds = [sql<boolean>`workspace_id = ${workspaceId}`, ...ordered]
  if (after)
    bounds.push(
      sql<boolean>`(${by}, run_id) ${sql.raw(order === 'asc' ? '>' : '<')} (${after.time}::timestamptz, ${after.runId}::uuid)`,
    )
  // Of what is internal there may be much or little: it is left out on the way.
  if (withoutNames)
    bounds.push(
      sql<boolean>`not starts_with(workflow_name, '__')`,
      sql<boolean>`not workflow_name = any(${[...withoutNames]})`,
    )
  return { by, clause: sql`${by} ${sql.raw(order)}, run_id ${sql.raw(order)}`, bounds }
}

/**
 * The index that gives the fewest runs in order, as far as one can know.
 * @param hasMore something is to be looked at in the runs besides
 */
function wayInto(selection: RunSelection, hasMore: boolean): Way {
  const { names, rootExecutionId, deploymentName, userId, statuses } = selection
  const root =
    rootExecutionId === undefined ? undefined : sql<boolean>`root_execution_id = ${rootExecutionId}`
  const deployment =
    deploymentName === undefined ? undefined : sql<boolean>`deployment_name = ${deploymentName}`
  const user = userId === undefined ? undefined : sql<boolean>`user_id = ${userId}`
  const name = names && sql<boolean>`workflow_name = any(${[...names]})`
  const status = statuses && sql<boolean>`status = any(${[...statuses]})`
  const given = [root, name, deployment, user, status].filter((one) => one !== undefined)
  const without = (...served: (Condition | undefined)[]) => given.filter((one) => !served.includes(one))
  if (statuses?.length === 0 || names?.length === 0) return { places: [sql<boolean>`false`], rest: [] }
  if (root) return { places: [root], rest: without(root) }
  if (names) {
    const places = names.flatMap((one) =>
      (statuses ?? STATUSES).map((each) => sql<boolean>`workflow_name = ${one} and status = ${each}`),
    )
    const rest = without(name, status)
    if (places.length <= (rest.length > 0 || hasMore ? MAX_LOOK_PLACES : MAX_PLACES)) return { places, rest }
  }
  if (user) return { places: [user], rest: without(user) }
  if (deployment) return { places: [deployment], rest: without(deployment) }
  if (statuses)
    return { places: statuses.map((each) => sql<boolean>`status = ${each}`), rest: without(status) }
  return { places: [sql<boolean>`true`], rest: given }
}

/** Runs with all of the search keys: to be looked for run by run, and through the keys' own indexes. */
function keyConditions({ workspaceId, searchKeys }: RunSelection): {
  look: Condition[]
  gather: Condition[]
} {
  const matching = ({ key, value }: RunSelection['searchKeys'][number]) =>
    sql`from workflow_search_keys k where k.workspace_id = ${workspaceId} and k.key = ${key}
      and k.value ilike ${`%${likeText(value)}%`}`
  return {
    look: searchKeys.map(
      (pair) => sql<boolean>`(select true ${matching(pair)} and k.run_id = r.run_id limit 1)`,
    ),
    gather: searchKeys.map((pair) => sql<boolean>`run_id in (select run_id ${matching(pair)})`),
  }
}

/** @param further conditions that no index serves in order */
async function listed(
  database: Handle,
  selection: RunSelection,
  further: readonly Condition[],
): Promise<Row[]> {
  const { limit } = selection
  const times = timeConditions(selection)
  const order = orderOf(selection, times.ordered)
  const keys = keyConditions(selection)
  const way = wayInto(selection, further.length + keys.look.length + times.other.length > 0)
  const rest = [...way.rest, ...further, ...keys.gather]
  if (rest.length === 0 && times.other.length === 0) return read(database, order, way, { each: limit, limit })
  if (rest.length === 0) {
    // Both times are in the index, where reading past many runs costs little.
    if (!(await areFew(database, selection, times.other)))
      return read(database, order, way, { each: limit, limit, inIndex: times.other })
  } else if (!(await haveFewKeys(database, selection))) {
    const each = way.places.length === 1 ? FIRST_LOOK : FIRST_LOOK_EACH
    const conditions = [...way.rest, ...further, ...keys.look, ...times.other]
    const look = { each: Math.max(each, limit * LOOKS_PER_RUN), limit, conditions }
    const found = await read(database, order, way, look)
    if (found.length >= limit) return found
  }
  const { rows } = await sql<Row>`
    with matches as materialized (
      select ${COLUMNS} from workflow_runs
      where ${all([...order.bounds, ...rest, ...times.other])} and (${sql.join(way.places, sql` or `)})
    )
    select * from matches order by ${order.clause} limit ${limit}`.execute(database)
  return rows
}

/**
 * Reads runs in order, from all places of a way at once.
 * @param look.each how many are read from each place; `conditions` chooses among these
 * @param look.inIndex what is checked before that, in the index
 */
async function read(
  database: Handle,
  order: Order,
  way: Way,
  look: { each: number; limit: number; inIndex?: readonly Condition[]; conditions?: readonly Condition[] },
): Promise<Row[]> {
  const { each, limit, inIndex = [], conditions = [] } = look
  // The ids alone are read out of the index, and the rows of those that are wanted then.
  const places = way.places.map((place) => {
    const within = all([...order.bounds, place, ...inIndex])
    return inIndex.length === 0
      ? sql`(select ${COLUMNS} from workflow_runs where ${within} order by ${order.clause} limit ${each})`
      : sql`(select r.* from (
          select run_id as id from workflow_runs where ${within} order by ${order.clause} limit ${each}
        ) found, lateral (
          select ${COLUMNS} from workflow_runs where ${order.bounds[0]!} and run_id = found.id
        ) r)`
  })
  const { rows } = await sql<Row>`
    select * from (
      select * from (${sql.join(places, sql` union all `)}) r order by ${order.clause} limit ${each}
    ) r where ${all(conditions)} order by ${order.clause} limit ${limit}`.execute(database)
  return rows
}

/** Whether only few runs have their other time within its bounds. */
async function areFew(
  database: Handle,
  { workspaceId }: RunSelection,
  other: readonly Condition[],
): Promise<boolean> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from (
      select 1 from workflow_runs where workspace_id = ${workspaceId} and ${all(other)} limit ${FEW + 1}
    ) within`.execute(database)
  return rows[0]!.count <= FEW
}

/** Whether only few runs have one of the search keys. */
async function haveFewKeys(database: Handle, { workspaceId, searchKeys }: RunSelection): Promise<boolean> {
  for (const { key, value } of searchKeys) {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from (
        select 1 from workflow_search_keys where workspace_id = ${workspaceId} and key = ${key}
          and value ilike ${`%${likeText(value)}%`} limit ${FEW_WITH_KEY + 1}
      ) within`.execute(database)
    if (rows[0]!.count <= FEW_WITH_KEY) return true
  }
  return false
}
