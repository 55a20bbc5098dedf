import path from 'node:path'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { faultsOf, runRounds, scenarios } from '../acceptance/faults/rounds.ts'
import { findPrograms } from '../packages/server/src/platform/temporal/find-programs.ts'
import { forgetSettings } from './forget-settings.ts'

// `npm run test:faults`: every fault in every scenario, twenty rounds each. With `-- --minutes 20`, no round is begun
// after that time. `--rounds 3 --seed 7 --scenario campaign` repeats a part.
forgetSettings()
const { values: given } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    scenario: { type: 'string', default: '' },
    minutes: { type: 'string' },
  },
})

function wholeNumber(name: 'rounds' | 'seed' | 'minutes'): number | undefined {
  const text = given[name]
  if (text === undefined || /^\d+$/.test(text)) return text === undefined ? undefined : Number(text)
  process.stderr.write(`--${name} must be a whole number, not ${JSON.stringify(text)}\n`)
  process.exit(2)
}

const chosen = scenarios.filter(({ name }) => name.includes(given.scenario))
if (chosen.length === 0) {
  process.stderr.write(
    `no scenario has ${JSON.stringify(given.scenario)} in its name: there are ${scenarios.map(({ name }) => name).join(', ')}\n`,
  )
  process.exit(2)
}
const [rounds, seed, minutes] = [wholeNumber('rounds')!, wholeNumber('seed')!, wholeNumber('minutes')]
const startedAt = Date.now()
// Left to itself, a signal would leave the server and its PostgreSQL behind.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))

if (chosen.some(({ workflows }) => workflows)) {
  // As in `scripts/test.ts`: built once for the clone.
  const find = findPrograms({
    bin: process.env.TRAMONTANE_TEMPORAL_BIN || null,
    keep: path.resolve('.node/temporal'),
    logger: pino({ level: 'warn' }),
  })
  const programs = await find(new AbortController().signal, (doing) => process.stderr.write(`${doing}\n`))
  process.env.TRAMONTANE_TEST_TEMPORAL_BIN = programs.server
}

const passed = await runRounds({
  scenarios: chosen,
  rounds,
  seed,
  ...(minutes === undefined ? {} : { until: startedAt + minutes * 60_000 }),
  report: (line) => process.stdout.write(`ok  ${line}\n`),
}).catch((error: unknown) => {
  console.error('FAILED ', error)
  process.exit(1)
})

const wanted = rounds * chosen.reduce((sum, scenario) => sum + faultsOf(scenario).length, 0)
const total = [...passed.values()].reduce((sum, count) => sum + count, 0)
for (const [what, count] of passed) process.stdout.write(`${String(count).padStart(4)} × ${what}\n`)
const spent = `${((Date.now() - startedAt) / 60_000).toFixed(1)} minutes`
const why = total < wanted ? ` of ${wanted}, since the time was over` : ''
process.stdout.write(`fault rounds: ${total}${why}; all passed in ${spent}; seed ${seed}\n`)
