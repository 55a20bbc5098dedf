import { type Installation, install } from './installation.ts'
import { atMost, percentile, type Row } from './row.ts'
import { loadRuns, NAMES } from './runs/load-runs.ts'

// `BENCH_SIZES=100000` measures at that size only.
const SIZES = (process.env.BENCH_SIZES ?? '100000,1000000').split(',').map(Number)
const REPEATS = 20

/** What a reader of the list of executions sets, and what the page then asks for the counts. */
function questions(): readonly (readonly [what: string, filter: string])[] {
  const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString()
  return [
    ['all', ''],
    ['without internal ones', 'include_internal=false'],
    ['a common workflow', 'workflow_identifier=workflow-0'],
    ['a rare workflow', `workflow_identifier=workflow-${NAMES - 1}`],
    ['the last day', `include_internal=false&start_time_after=${ago(1)}`],
    ['what ended in the last day', `include_internal=false&end_time_after=${ago(1)}`],
    ['what ended two months ago', `include_internal=false&end_time_before=${ago(60)}`],
    ['a deployment', 'include_internal=false&deployment_name=deployment-0'],
    ['a key', 'include_internal=false&user_id=user-7'],
    ['a text', 'include_internal=false&search=workflow-1'],
    ['a part of an id', 'include_internal=false&search=abcdef'],
    ['a search key', 'include_internal=false&search_key=customer:customer%207'],
  ]
}

async function timesOf(installation: Installation, filter: string): Promise<number[]> {
  const times: number[] = []
  for (let round = 0; round <= REPEATS; round++) {
    const answer = await installation.call('GET', `/v1/workflows/runs/counts?${filter}`)
    if (answer.status !== 200) throw new Error(`${filter}: ${answer.status} ${JSON.stringify(answer.body)}`)
    // The first answer warms up.
    if (round > 0) times.push(answer.milliseconds)
  }
  return times
}

/** Counting runs by status, as the list of executions does every ten seconds. */
export async function benchRunCounts(): Promise<Row[]> {
  const rows: Row[] = []
  for (const size of SIZES) {
    const installation = await install()
    try {
      await loadRuns(installation.databaseUrl, size)
      const seen: { what: string; times: number[] }[] = []
      for (const [what, filter] of questions())
        seen.push({ what, times: await timesOf(installation, filter) })
      const note = seen.map(({ what, times }) => `${what} ${percentile(times, 0.5).toFixed(0)} ms`).join(', ')
      rows.push(
        atMost(
          `runs: counts by status, ${seen.length} filters, ${size.toLocaleString('en')} runs`,
          'ms p95',
          percentile(
            seen.flatMap(({ times }) => times),
            0.95,
          ),
          200,
          `p50 ${note}`,
        ),
      )
    } finally {
      await installation.close()
    }
  }
  return rows
}
