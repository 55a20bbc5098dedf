import { type Installation, install } from './installation.ts'
import { atMost, percentile, type Row } from './row.ts'
import { DAYS, loadRuns, NAMES } from './runs/load-runs.ts'

// `BENCH_SIZES=100000` measures at that size only: loading a million takes minutes.
const SIZES = (process.env.BENCH_SIZES ?? '100000,1000000').split(',').map(Number)
const REPEATS = 3
const RUNS = '/v1/workflows/runs'

/** What one filter is set to: what there is much of, little of, and what there was only long ago. */
function filterValues(oldest: Date): Readonly<Record<string, readonly string[]>> {
  const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString()
  return {
    workflow_identifier: ['workflow-0', `workflow-${NAMES - 2}`, `workflow-${NAMES - 1}`, 'nothing'],
    status: ['COMPLETED', 'FAILED', 'TIMED_OUT', 'RUNNING', 'CONTINUED_AS_NEW'],
    deployment_name: ['deployment-0', 'retired', 'nothing'],
    user_id: ['user-7', 'gone', 'current'],
    root_execution_id: ['root-50', 'nothing'],
    search: ['workflow-1', `workflow-${NAMES - 1}`, 'abcdef', 'zzz', 'ab'],
    start_time_after: [ago(1), ago(60)],
    start_time_before: [ago(1), ago(60), oldest.toISOString()],
    end_time_after: [ago(1), ago(60)],
    end_time_before: [ago(1), ago(60)],
    search_key: ['customer:customer 7', 'order:order-55', 'order:nothing'],
    include_internal: ['false'],
  }
}

interface Query {
  readonly parameters: readonly (readonly [string, string])[]
  readonly text: string
}

/** Every filter alone and in pairs with every other, in all four orders. */
function everyQuery(oldest: Date): Query[] {
  const values = Object.entries(filterValues(oldest)).flatMap(([name, all]) =>
    all.map((value) => [name, value] as const),
  )
  const orders = ['start_time', 'end_time'].flatMap((by) =>
    ['asc', 'desc'].map((order) => [by, order] as const),
  )
  const chosen = [
    [],
    ...values.map((one) => [one]),
    ...values.flatMap((one, i) =>
      values.slice(i + 1).flatMap((two) => (two[0] === one[0] ? [] : [[one, two]])),
    ),
  ]
  return chosen.flatMap((filters) =>
    orders.map(([by, order]) => ({
      parameters: [...filters, ['sort_by', by] as const, ['order', order] as const],
      text: `${filters.map(([name, value]) => `${name}=${value.slice(0, 20)}`).join(' ') || 'all'} by ${by} ${order}`,
    })),
  )
}

/** The times of one query's first page, and of the page after it. */
async function timesOf(
  installation: Installation,
  { parameters }: Query,
): Promise<{ first: number[]; next: number[] }> {
  const first: number[] = []
  const next: number[] = []
  for (let round = 0; round <= REPEATS; round++) {
    const search = new URLSearchParams(parameters.map(([name, value]): [string, string] => [name, value]))
    const answer = await installation.call('GET', `${RUNS}?${search}`)
    if (answer.status !== 200)
      throw new Error(`${search} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    // The first answer warms up.
    if (round > 0) first.push(answer.milliseconds)
    const { next_page_token: token } = answer.body as { next_page_token: string | null }
    if (token === null) continue
    search.set('next_page_token', token)
    const second = await installation.call('GET', `${RUNS}?${search}`)
    if (round > 0) next.push(second.milliseconds)
  }
  return { first, next }
}

async function rowsOf(installation: Installation, size: number): Promise<Row[]> {
  const label = `${size.toLocaleString('en')} runs`
  const oldest = new Date(Date.now() - (DAYS - 0.1) * 86_400_000)
  const seen: { query: Query; first: number[]; next: number[] }[] = []
  for (const query of everyQuery(oldest)) seen.push({ query, ...(await timesOf(installation, query)) })
  const slowest = seen.toSorted((a, b) => percentile(b.first, 0.5) - percentile(a.first, 0.5)).slice(0, 3)
  const note = `p50 ${percentile(
    seen.flatMap(({ first }) => first),
    0.5,
  ).toFixed(
    1,
  )} ms; slowest: ${slowest.map(({ query, first }) => `${query.text} (${percentile(first, 0.5).toFixed(0)} ms)`).join(', ')}`
  return [
    atMost(
      `runs: first page, all ${seen.length} lists by up to two filters, ${label}`,
      'ms p95',
      percentile(
        seen.flatMap(({ first }) => first),
        0.95,
      ),
      100,
      note,
    ),
    atMost(
      `runs: the page after it, ${label}`,
      'ms p95',
      percentile(
        seen.flatMap(({ next }) => next),
        0.95,
      ),
      100,
      '',
    ),
  ]
}

/** Listing runs, by every filter and every pair of filters, in every order. */
export async function benchRuns(): Promise<Row[]> {
  const rows: Row[] = []
  for (const size of SIZES) {
    const installation = await install()
    try {
      await loadRuns(installation.databaseUrl, size)
      rows.push(...(await rowsOf(installation, size)))
    } finally {
      await installation.close()
    }
  }
  return rows
}
