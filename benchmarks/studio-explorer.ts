import { printFilter } from '@tramontane/contract/filter-print'
import { buildStudio } from '../scripts/build-studio.ts'
import { loadEvents } from './explorer/load-events.ts'
import { everyQuery } from './explorer/queries.ts'
import { DAYS, variedEvents } from './explorer/varied-events.ts'
import { install } from './installation.ts'
import { atMost, percentile, type Row, shown } from './row.ts'

const SIZE = 1_000_000
/** Every so many of the set's searches is made: each operator and rarity still has its turn. */
const EVERY = 5
const DAY_MS = 86_400_000

interface FilterTime {
  readonly filter: string
  readonly shown: number
  readonly counted: number | null
  readonly isGivenUp: boolean
}

function rowsOf(label: string, times: readonly FilterTime[], limit: number | null): Row[] {
  const answered = times.filter(({ isGivenUp }) => !isGivenUp)
  const drawn = answered.map(({ shown }) => shown)
  const counted = answered.flatMap(({ counted }) => (counted === null ? [] : [counted]))
  const slowest = answered.toSorted((a, b) => b.shown - a.shown)[0]
  const note = `${times.length} filters, p50 ${percentile(drawn, 0.5).toFixed(0)} ms, ${times.length - answered.length} given up with advice; slowest: ${slowest?.filter} (${slowest?.shown.toFixed(0)} ms)`
  const name = `studio: a changed filter on the screen, ${label}`
  return [
    limit === null
      ? shown(name, 'ms p95', percentile(drawn, 0.95), note)
      : atMost(name, 'ms p95', percentile(drawn, 0.95), limit, note),
    shown(
      `studio: and its histogram, ${label}`,
      'ms p95',
      percentile(counted, 0.95),
      `p50 ${percentile(counted, 0.5).toFixed(0)} ms; ${answered.length - counted.length} not counted in 3 s`,
    ),
  ]
}

/** How soon a changed filter is on the screen of Explorer, in a real browser, over all events. */
export async function benchStudioExplorer(size = SIZE): Promise<Row[]> {
  await buildStudio()
  // By an address that is made here: what runs in the browser is typed with the DOM, which is the studio's.
  const harness = new URL('../packages/studio/tests/harness/filter-times.ts', import.meta.url).href
  const { measureFilters } = (await import(harness)) as {
    measureFilters: (server: object, filters: readonly string[]) => Promise<FilterTime[]>
  }
  const installation = await install()
  try {
    const { body } = await installation.call('GET', '/v1/workspaces')
    const workspaceId = (body as { workspaces: { id: string }[] }).workspaces[0]!.id
    const end = new Date()
    const from = new Date(end.getTime() - DAYS * DAY_MS)
    await loadEvents(installation.databaseUrl, variedEvents(workspaceId, size, end), ['tenant', 'env'], from)
    const sample = {
      id: '01900000-0000-7000-8000-000000000000',
      middle: new Date(end.getTime() - 37 * DAY_MS).toISOString(),
      first: new Date(from.getTime() + (DAYS * DAY_MS * 10) / size).toISOString(),
    }
    const queries = everyQuery(sample).filter((_, index) => index % EVERY === 0)
    const server = {
      url: installation.url,
      key: installation.key,
      call: (method: string, target: string) => installation.call(method, target),
    }
    const times = await measureFilters(
      server,
      queries.map(({ condition }) => printFilter(condition)),
    )
    const of = (isServed: boolean) => times.filter((_, index) => queries[index]!.isServed === isServed)
    const label = `${size.toLocaleString('en')} events`
    return [
      ...rowsOf(`${label}, searches that an index serves`, of(true), 500),
      ...rowsOf(`${label}, all searches`, times, null),
    ]
  } finally {
    await installation.close()
  }
}

if (import.meta.main) console.table(await benchStudioExplorer(Number(process.argv[2]) || SIZE))
