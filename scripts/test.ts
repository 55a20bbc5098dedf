import { chmodSync, globSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { pino } from 'pino'
import { connect } from '../packages/server/src/platform/database/connection.ts'
import { startManagedPostgres } from '../packages/server/src/platform/database/managed-postgres.ts'
import { findPrograms } from '../packages/server/src/platform/temporal/find-programs.ts'
import { ManagedTemporal } from '../packages/server/src/platform/temporal/managed-temporal.ts'
import { prepareDatabase } from '../packages/server/src/prepare-database.ts'
import { buildStudio } from './build-studio.ts'
import { check } from './check.ts'
import { forgetSettings } from './forget-settings.ts'
import { runGroups } from './run-groups.ts'
import { groupTests, isInBrowser } from './test-groups.ts'

// `npm test`: types and lint, then every test, on one PostgreSQL made for this run. `npm test -- <path or name>…` runs
// only the test files whose path contains one of the words.
forgetSettings()
const words = process.argv.slice(2)
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

const checking = words.length === 0 ? check() : true
if (chosen.some(isInBrowser)) await buildStudio()

const home = mkdtempSync(path.join(hasRoom(MEMORY) ? MEMORY : tmpdir(), 'tramontane-tests-'))
// Started as root, PostgreSQL runs as another user, who must be able to enter.
chmodSync(home, 0o755)
const logger = pino({ level: 'silent' })
const postgres = await startManagedPostgres(home, logger)
let temporal: ManagedTemporal | undefined
try {
  // What is loaded here is compiled: those that are begun next find it.
  flushCompileCache()
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

  if (temporal) process.env.TRAMONTANE_TEST_WORKFLOWS = await writeTestWorkflows(home)

  process.env.TRAMONTANE_TEST_POSTGRES = postgres.url
  // A server that a test starts as a process has no engine unless the test names one.
  process.env.TRAMONTANE_TEMPORAL_ADDRESS = 'none'
  if (temporal) process.env.TRAMONTANE_TEST_TEMPORAL = await addressOf(temporal)
  const passed = (await checking) && (await runGroups(groupTests(chosen, home), broken.signal))
  if (!passed) process.exitCode = 1
} finally {
  await temporal?.stop()
  await postgres.stop()
  rmSync(home, { recursive: true, force: true })
}

/** Makes the code that plain test workers run, once for all of them. @returns its file */
async function writeTestWorkflows(folder: string): Promise<string> {
  const { bundleTestWorkflows } = await import('../packages/testkit/src/test-worker.ts')
  const { code } = await bundleTestWorkflows()
  const file = path.join(folder, 'test-workflows.js')
  writeFileSync(file, code)
  return file
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
