import { loadEvents } from './explorer/load-events.ts'
import { everyQuery, type Query } from './explorer/queries.ts'
import { DAYS, variedEvents } from './explorer/varied-events.ts'
import { type Installation, install } from './installation.ts'
import { atMost, percentile, type Row, shown } from './row.ts'

const SIZES = [100_000, 1_000_000]
const REPEATS = 5
const EVENTS = '/v1/observability/chat-completion-events'
const FIELDS = '/v1/observability/chat-completion-fields'

/** What was seen of one query: its times, and whether it was given up (408) in any of them. */
interface Seen {
  readonly query: Query
  readonly times: readonly number[]
  readonly isGivenUp: boolean
}

async function searchAll(installation: Installation, queries: readonly Query[]): Promise<Seen[]> {
  const seen: Seen[] = []
  for (const query of queries) {
    const times: number[] = []
    let isGivenUp = false
    for (let round = 0; round <= REPEATS; round++) {
      const answer = await installation.call('POST', `${EVENTS}/search?page_size=50`, {
        search_params: { filters: query.condition },
      })
      if (answer.status === 408) isGivenUp = true
      else if (answer.status !== 200)
        throw new Error(
          `${JSON.stringify(query.condition)} answered ${answer.status}: ${JSON.stringify(answer.body)}`,
        )
      // The first answer warms up and is not counted, unless it was given up.
      if (round > 0) times.push(answer.milliseconds)
      if (isGivenUp) break
    }
    seen.push({ query, times, isGivenUp })
  }
  return seen
}

async function sampleOf(
  installation: Installation,
  count: number,
): Promise<{ first: string; middle: string; id: string }> {
  const { body } = await installation.call('POST', `${EVENTS}/search?page_size=1`, {
    search_params: { filters: null },
  })
  const newest = (body as { completion_events: { results: { event_id: string; created_at: string }[] } })
    .completion_events.results[0]!
  const end = Date.parse(newest.created_at)
  const day = 86_400_000
  return {
    id: newest.event_id,
    middle: new Date(end - 37 * day).toISOString(),
    first: new Date(end - DAYS * day + (DAYS * day * 10) / count).toISOString(),
  }
}

/** One row of searches of one kind: p95 where an index serves them, the slowest where none does. */
function kindRow(kind: string, label: string, group: readonly Seen[]): Row {
  const answered = group.filter(({ isGivenUp }) => !isGivenUp)
  const times = answered.flatMap(({ times }) => times)
  const slowest = answered.toSorted((a, b) => percentile(b.times, 0.5) - percentile(a.times, 0.5))[0]
  const late = group
    .filter(({ isGivenUp }) => isGivenUp)
    .map(({ query }) => `${query.field.name} (${query.rarity})`)
  const note = [
    slowest && `slowest: ${slowest.query.field.name} (${slowest.query.rarity})`,
    late.length > 0 && `408 with advice: ${late.join(', ')}`,
  ]
    .filter(Boolean)
    .join('; ')
  if (times.length === 0) return shown(`${kind}, ${label}`, 'ms', 0, note)
  return group[0]!.query.isServed
    ? atMost(`${kind}, ${label}`, 'ms p95', percentile(times, 0.95), 100, note)
    : atMost(`${kind}, no index, ${label}`, 'ms at most', Math.max(...times), 1_000, note)
}

function searchRows(size: number, seen: readonly Seen[]): Row[] {
  const label = `${size.toLocaleString('en')} events`
  const served = seen.filter(({ query }) => query.isServed)
  const others = seen.filter(({ query }) => !query.isServed)
  const timesOf = (some: readonly Seen[]) =>
    some.filter(({ isGivenUp }) => !isGivenUp).flatMap(({ times }) => times)
  const givenUp = (some: readonly Seen[]) => some.filter(({ isGivenUp }) => isGivenUp).length
  const kinds = Map.groupBy(
    seen,
    ({ query }) => `first page, ${query.field.type} ${query.condition.op}${query.isServed ? '' : ' '}`,
  )
  return [
    atMost(
      `first page, all ${served.length} searches that an index serves, ${label}`,
      'ms p95',
      percentile(timesOf(served), 0.95),
      100,
      `p50 ${percentile(timesOf(served), 0.5).toFixed(1)} ms; ${givenUp(served)} given up`,
    ),
    atMost(
      `first page, all ${others.length} searches that no index serves, ${label}`,
      'ms at most',
      Math.max(...timesOf(others)),
      1_000,
      `p50 ${percentile(timesOf(others), 0.5).toFixed(1)} ms; ${givenUp(others)} given up with 408 and advice`,
    ),
    ...[...kinds].sort().map(([kind, group]) => kindRow(kind.trimEnd(), label, group)),
  ]
}

async function otherRows(installation: Installation, size: number, id: string): Promise<Row[]> {
  const label = `${size.toLocaleString('en')} events`
  const time = async (method: string, target: string, body?: unknown, rounds = 20) => {
    const times: number[] = []
    for (let round = 0; round <= rounds; round++) {
      const answer = await installation.call(method, target, body)
      if (answer.status !== 200)
        throw new Error(`${target} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
      if (round > 0) times.push(answer.milliseconds)
    }
    return percentile(times, 0.95)
  }
  const rows: Row[] = []
  for (const field of ['model_name', 'status', 'invoked_tools', 'metadata.tenant', 'api_agent_id'])
    rows.push(
      atMost(
        `options-counts of ${field}, ${label}`,
        'ms p95',
        await time('POST', `${FIELDS}/${field}/options-counts`, { filter_params: null }),
        500,
        '',
      ),
    )
  const filtered = {
    filter_params: { filters: { field: 'model_name', op: 'eq', value: 'codestral-latest' } },
  }
  rows.push(
    atMost(
      `options-counts of status with a filter, ${label}`,
      'ms p95',
      await time('POST', `${FIELDS}/status/options-counts`, filtered),
      500,
      '',
    ),
  )
  const pointRead = await time('GET', `${EVENTS}/${id}`, undefined, 200)
  rows.push(atMost(`point read, ${label}`, 'ms p95', pointRead, 5, '200 reads'))
  rows.push(
    shown(`similar events, ${label}`, 'ms p95', await time('GET', `${EVENTS}/${id}/similar-events`), ''),
  )
  return rows
}

/** Searches, counts and reads among 100,000 and among 1,000,000 events, through the API of a server as users start it. */
export async function benchExplorer(sizes: readonly number[] = SIZES): Promise<Row[]> {
  const rows: Row[] = []
  for (const size of sizes) {
    const installation = await install()
    try {
      const { body } = await installation.call('GET', '/v1/workspaces')
      const workspaceId = (body as { workspaces: { id: string }[] }).workspaces[0]!.id
      const end = new Date()
      const from = new Date(end.getTime() - DAYS * 86_400_000)
      await loadEvents(
        installation.databaseUrl,
        variedEvents(workspaceId, size, end),
        ['tenant', 'env'],
        from,
      )
      const sample = await sampleOf(installation, size)
      rows.push(...searchRows(size, await searchAll(installation, everyQuery(sample))))
      rows.push(...(await otherRows(installation, size, sample.id)))
    } finally {
      await installation.close()
    }
  }
  return rows
}

if (import.meta.main)
  console.table(
    await benchExplorer(
      process.argv.slice(2).map(Number).filter(Boolean).length > 0
        ? process.argv.slice(2).map(Number)
        : SIZES,
    ),
  )
