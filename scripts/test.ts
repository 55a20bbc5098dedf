import { spawnSync } from 'node:child_process'
import { chmodSync, globSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { pino } from 'pino'
import { connect } from '../packages/server/src/platform/database/connection.ts'
import { startManagedPostgres } from '../packages/server/src/platform/database/managed-postgres.ts'
import { findPrograms } from '../packages/server/src/platform/temporal/find-programs.ts'
import { ManagedTemporal } from '../packages/server/src/platform/temporal/managed-temporal.ts'
import { prepareDatabase } from '../packages/server/src/server.ts'
import { buildStudio } from './build-studio.ts'
import { forgetSettings } from './forget-settings.ts'
import { groupTests, isInBrowser } from './test-groups.ts'

// `npm test`: types and lint, then every test, on one PostgreSQL made for this run. `npm test -- <path or name>…` runs
// only the test files whose path contains one of the words.
forgetSettings()
const words = process.argv.slice(2)
if (words.length === 0) {
  const checked = spawnSync(process.execPath, ['scripts/check.ts'], { stdio: 'inherit' })
  if (checked.status !== 0) process.exit(checked.status ?? 1)
}
const all = globSync(
  [
    'packages/*/src/**/*.test.ts',
    'acceptance/*.test.ts',
    'scripts/*.test.ts',
    'benchmarks/*.test.ts',
    'examples/*.test.ts',
    'packages/studio/tests/**/*.test.ts',
  ],
  {
    exclude: (name) => name.includes('node_modules'),
  },
).sort()
const chosen = words.length === 0 ? all : all.filter((file) => words.some((word) => file.includes(word)))
if (chosen.length === 0) throw new Error(`no test file has ${words.join(' or ')} in its path`)

// Only these need a Temporal; it is built once for the clone.
const NEED_TEMPORAL =
  /src\/workflows\/|platform\/temporal\/|packages\/worker\/|cli-(executions|troubles)|maintenance\/.*temporal|acceptance\/(.*workflow|sdk|security|fuzz)|examples\/|scripts\/pack|studio\/tests\/(workflow|execution|schedule|every-page)/
const TEMPORAL_PROGRAMS = path.resolve('.node/temporal')

// Hundreds of databases are made and dropped, each of hundreds of files: on a disk, that alone takes a quarter of the
// processor's time.
const MEMORY = '/dev/shm'

// A run that is broken off ends its tests, and then what it has started: left to itself, a signal would leave the database
// and the engine behind, and so would a second one, which npm and a terminal send along.
const broken = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    process.exitCode = 1
    broken.abort()
  })

if (chosen.some(isInBrowser)) await buildStudio()

const home = mkdtempSync(path.join(hasRoom(MEMORY) ? MEMORY : tmpdir(), 'tramontane-tests-'))
// Started as root, PostgreSQL runs as another user, who must be able to enter.
chmodSync(home, 0o755)
const logger = pino({ level: 'silent' })
const postgres = await startManagedPostgres(home, logger)
let temporal: ManagedTemporal | undefined
try {
  if (chosen.some((file) => NEED_TEMPORAL.test(file))) {
    const bin = process.env.TRAMONTANE_TEMPORAL_BIN ?? null
    const find = findPrograms({ bin, keep: TEMPORAL_PROGRAMS, logger })
    temporal = new ManagedTemporal({
      dataDir: home,
      database: postgres.url,
      logger,
      programs: async (...args) => {
        const programs = await find(...args)
        process.env.TRAMONTANE_TEST_TEMPORAL_BIN = programs.server
        return programs
      },
    })
  }
  const admin = new pg.Client({ connectionString: postgres.url })
  await admin.connect()
  // Nothing in it must outlive the run, and every test waits for commits.
  for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit'])
    await admin.query(`alter system set ${setting} = off`)
  await admin.query('select pg_reload_conf()')
  await admin.query('create database tramontane_template')
  await admin.end()
  const template = new URL(postgres.url)
  template.pathname = '/tramontane_template'
  const connection = connect(template.href, {
    name: 'tests',
    max: 2,
    statementTimeoutMs: 0,
    onError: () => {},
  })
  await prepareDatabase(connection, logger)
  await connection.close()

  process.env.TRAMONTANE_TEST_POSTGRES = postgres.url
  // A server that a test starts as a process has no engine unless the test names one.
  process.env.TRAMONTANE_TEMPORAL_ADDRESS = 'none'
  if (temporal) process.env.TRAMONTANE_TEST_TEMPORAL = await addressOf(temporal)
  const groups = groupTests(chosen, home)
  const stream = run({
    files: groups.map(({ file }) => file),
    concurrency: 5,
    execArgv: ['--conditions=tramontane-source', '--import', './scripts/end-when-tested.ts'],
    timeout: 15 * 60_000,
    signal: broken.signal,
  })
  stream.on('test:fail', () => {
    process.exitCode = 1
  })
  const ended = new Set<string>()
  stream.on('test:summary', ({ file }) => {
    if (file !== undefined) ended.add(path.resolve(file))
  })
  const seconds = new Map<string, number>()
  stream.on('test:complete', ({ name, nesting, file, details }) => {
    // The process that runs a file or a group is told of as a test too, by its path.
    if (nesting > 0 || file === undefined || path.resolve(name) === path.resolve(file)) return
    const known = seconds.get(file) ?? 0
    seconds.set(file, known + details.duration_ms / 1_000)
  })
  const reporter = new spec()
  stream.compose(reporter).pipe(process.stdout)
  await new Promise((resolve) => stream.once('close', resolve))
  // What is tested may have ended its process, with success, before the last test.
  const cutShort = groups.filter(({ file }) => !ended.has(path.resolve(file)))
  if (cutShort.length > 0 && !broken.signal.aborted) {
    process.exitCode = 1
    process.stdout.write(`\nnot run to the end:\n${cutShort.flatMap(({ members }) => members).join('\n')}\n`)
  }
  if (words.length === 0) tellSlowest(seconds)
} finally {
  await temporal?.stop()
  await postgres.stop()
  rmSync(home, { recursive: true, force: true })
}

/** Whether a folder is there, with more free space than the tests' databases take. */
function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize > 8 * 2 ** 30
  } catch {
    return false
  }
}

/** Where the time went: whoever makes the tests slower sees it here. */
function tellSlowest(seconds: ReadonlyMap<string, number>): void {
  const slowest = [...seconds].sort(([, one], [, other]) => other - one).slice(0, 12)
  const lines = slowest.map(([file, time]) => `${time.toFixed(0).padStart(5)} s  ${path.relative('.', file)}`)
  process.stdout.write(`\nslowest files, ${seconds.size} in all:\n${lines.join('\n')}\n`)
}

/** Waits for Temporal, and tells every now and then why that takes long: the first time it is built. */
async function addressOf(engine: ManagedTemporal): Promise<string> {
  let toldAt = Date.now()
  for (let failing = 0; ; await delay(50)) {
    const { unavailable, address } = engine
    if (unavailable === null && address !== null) return address
    failing = /does not start|There is no/.test(unavailable ?? '') ? failing + 1 : 0
    if (failing > 100) throw new Error(unavailable!)
    if (Date.now() - toldAt < 15_000) continue
    process.stderr.write(`tests: ${unavailable}\n`)
    toldAt = Date.now()
  }
}
