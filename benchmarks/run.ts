import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import path from 'node:path'
import { findPrograms } from '@tramontane/server/platform/temporal/find-programs'
import { pino } from 'pino'
import { benchCampaign } from './campaign.ts'
import { benchDatasets } from './datasets.ts'
import { benchExecutions } from './executions.ts'
import { benchExplorer } from './explorer.ts'
import { benchGateway } from './gateway.ts'
import { benchIngest } from './ingest.ts'
import { benchLifecycle } from './lifecycle.ts'
import type { Row } from './row.ts'
import { benchRunCounts } from './run-counts.ts'
import { benchRuns } from './runs.ts'
import { benchStudioExecution } from './studio-execution.ts'
import { benchStudioExplorer } from './studio-explorer.ts'
import { benchWorkflowStream } from './workflow-stream.ts'

// `npm run bench [word…]`: every benchmark, or those whose name contains a word. A whole run is kept in docs/benchmarks.md.
const benchmarks: Readonly<Record<string, () => Promise<Row[]>>> = {
  gateway: benchGateway,
  ingest: benchIngest,
  campaign: benchCampaign,
  datasets: benchDatasets,
  executions: benchExecutions,
  'workflow-stream': benchWorkflowStream,
  runs: benchRuns,
  'run-counts': benchRunCounts,
  lifecycle: benchLifecycle,
  explorer: benchExplorer,
  'studio-explorer': benchStudioExplorer,
  'studio-execution': benchStudioExecution,
}

function digits(value: number): string {
  return value.toLocaleString('en', {
    maximumFractionDigits: Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0,
  })
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ name, unit, value, target, ok, note }) =>
      `| ${name} | ${digits(value)} ${unit} | ${target} | ${target === '' ? '' : ok ? 'yes' : '**no**'} | ${note} |`,
  )
  return ['| what | measured | target | holds | how |', '|---|---|---|---|---|', ...lines].join('\n')
}

// What measures the first half starts no workflow engine; what needs one names it.
process.env.TRAMONTANE_TEMPORAL_ADDRESS ??= 'none'

/** Those that need a workflow engine of their own. */
const NEED_TEMPORAL = ['executions', 'lifecycle', 'studio-execution']

const words = process.argv.slice(2)
const chosen = Object.entries(benchmarks).filter(
  ([name]) => words.length === 0 || words.some((word) => name.includes(word)),
)
if (chosen.some(([name]) => NEED_TEMPORAL.includes(name))) {
  // As in `scripts/test.ts`: built once for the clone.
  const find = findPrograms({
    bin: process.env.TRAMONTANE_TEMPORAL_BIN || null,
    keep: path.resolve(import.meta.dirname, '../.node/temporal'),
    logger: pino({ level: 'warn' }),
  })
  const programs = await find(new AbortController().signal, (doing) => process.stderr.write(`${doing}\n`))
  process.env.TRAMONTANE_TEMPORAL_BIN = programs.server
}
const sections: string[] = []
for (const [name, bench] of chosen) {
  process.stderr.write(`${name} …\n`)
  const section = `## ${name}\n\n${table(await bench())}`
  process.stdout.write(`${section}\n\n`)
  sections.push(section)
}
if (words.length === 0) {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const head = `# Benchmarks

Made by \`npm run bench\`: medians and ratios of one run, commit ${commit}, ${cpus().length} cores (${cpus()[0]?.model.trim()}), Node ${process.versions.node}.
Absolute figures drift from machine to machine; the ratios are taken within one run. The data and the loads are in
\`benchmarks/\`. Scripted providers play the models.`
  writeFileSync(
    path.resolve(import.meta.dirname, '../docs/benchmarks.md'),
    `${[head, ...sections].join('\n\n')}\n`,
  )
}
