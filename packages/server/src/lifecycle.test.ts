import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server as NetServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { freePort } from '@tramontane/testkit/free-port'
import { createTestDatabase } from '@tramontane/testkit/test-database'
import pg from 'pg'
import { findRunningPostgres } from './platform/database/managed-postgres.ts'
import { findPostmaster } from './platform/database/postmaster.ts'

const KEY = 'tmt_lifecycle_test_key_0123456789'
const MAIN = path.join(import.meta.dirname, 'main.ts')

/** A server as its own process, as `npm start` runs it. */
class ServerProcess {
  readonly child: ChildProcess
  readonly port: number
  output = ''

  constructor(port: number, env: Record<string, string>) {
    this.port = port
    this.child = spawn(process.execPath, ['--conditions=tramontane-source', MAIN], {
      env: { ...process.env, TRAMONTANE_API_KEY: KEY, TRAMONTANE_PORT: String(port), ...env },
      cwd: tmpdir(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.child.stdout, this.child.stderr])
      stream!.on('data', (chunk: Buffer) => {
        this.output += chunk
      })
  }

  fetch(target: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${target}`, {
      ...init,
      headers: { authorization: `Bearer ${KEY}`, ...init.headers },
      signal: AbortSignal.timeout(60_000),
    })
  }

  async ready(): Promise<void> {
    await eventually(
      async () => {
        if (this.child.exitCode !== null) throw new Error(`the server ended: ${this.output}`)
        return (await this.fetch('/readyz')).status === 200
      },
      { timeoutMs: 60_000 },
    )
  }

  /** Sends a signal and waits for the end. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal)
    return this.ended()
  }

  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit')
    return this.child.exitCode
  }
}

/** The processes of a cluster, by their working directory or, elsewhere than on Linux, its first one. */
function processesIn(data: string): number[] {
  if (process.platform !== 'linux') return [findPostmaster(data)?.pid ?? []].flat()
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === data
      } catch {
        return false
      }
    })
    .map(Number)
}

/** Backends of a killed server may end between being listed and being signalled. */
function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

describe('the life of a server with its own PostgreSQL', () => {
  let home: string
  let dataDir: string
  let data: string
  const servers: ServerProcess[] = []
  before(async () => {
    // Longer than the path of a socket may be, with a space, and reachable for the user that PostgreSQL runs as.
    home = await mkdtemp(path.join(tmpdir(), 'tramontane-lifecycle-'))
    await chmod(home, 0o755)
    dataDir = path.join(home, 'a data directory', 'x'.repeat(120))
    data = path.join(dataDir, 'postgres', 'data')
  })
  after(async () => {
    signalAll(processesIn(data), 'SIGKILL')
    await rm(home, { recursive: true, force: true })
  })

  // A test that failed leaves no server on the data directory for the next one to fail on.
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.end('SIGKILL')
  })

  const launch = async (env: Record<string, string> = {}) => {
    const server = new ServerProcess(await freePort(), { TRAMONTANE_DATA_DIR: dataDir, ...env })
    servers.push(server)
    return server
  }
  const start = async () => {
    const server = await launch()
    await server.ready()
    return server
  }

  it('starts, keeps its data private, and stops in order at SIGTERM', async () => {
    const server = await start()
    if (process.getuid?.() === 0) assert.equal((await stat(dataDir)).mode & 0o777, 0o711)
    else assert.equal((await stat(dataDir)).mode & 0o777, 0o700)
    assert.equal((await stat(path.join(dataDir, 'postgres'))).mode & 0o777, 0o700)
    assert.equal((await stat(path.join(dataDir, 'postgres', 'password'))).mode & 0o777, 0o600)
    assert.equal(await server.end('SIGTERM'), 0)
    assert.equal(existsSync(path.join(data, 'postmaster.pid')), false)
    assert.deepEqual(processesIn(data), [])
  })

  it('goes on when nobody reads its output any more, and stops in order', async () => {
    const server = await launch({ TRAMONTANE_LOG_LEVEL: 'debug' })
    server.child.stdout!.destroy()
    server.child.stderr!.destroy()
    await server.ready()
    assert.equal(await server.end('SIGTERM'), 0)
    assert.deepEqual(processesIn(data), [])
  })

  it('lets one of two servers that start at the same moment have the data directory', async () => {
    const both = await Promise.all([launch(), launch()])
    await Promise.any(both.map((server) => server.ready()))
    const loser = await Promise.any(
      both.map(async (server) => {
        await server.ended()
        return server
      }),
    )
    assert.equal(loser.child.exitCode, 1)
    assert.match(
      loser.output,
      /^tramontane: another Tramontane server is running on the data directory .*\n$/,
    )
    const winner = both.find((server) => server !== loser)!
    assert.equal((await winner.fetch('/readyz')).status, 200)
    await winner.end('SIGTERM')
  })

  it('goes on with the PostgreSQL that a killed server left running', async () => {
    const first = await start()
    await first.end('SIGKILL')
    const orphan = findPostmaster(data)
    assert.ok(orphan)
    const second = await start()
    assert.equal(findPostmaster(data)?.pid, orphan.pid)
    await second.end('SIGTERM')
    assert.deepEqual(processesIn(data), [])
  })

  it('starts after everything was killed, also when the port and the process id belong to others now', async () => {
    const first = await start()
    const { port } = findPostmaster(data)!
    first.child.kill('SIGKILL')
    const processes = processesIn(data)
    signalAll(processes, 'SIGKILL')
    await first.ended()
    await eventually(() => processesIn(data).length === 0)
    const pidFile = path.join(data, 'postmaster.pid')
    const lines = readFileSync(pidFile, 'utf8').split('\n')
    await writeFile(pidFile, [process.pid, ...lines.slice(1)].join('\n'))
    const squatter: NetServer = createServer().listen(port, '127.0.0.1')
    await once(squatter, 'listening')
    try {
      const second = await start()
      assert.notEqual(findPostmaster(data)!.port, port)
      await second.end('SIGTERM')
    } finally {
      squatter.close()
    }
  })

  it('replaces a PostgreSQL that was left stopped', async () => {
    const first = await start()
    await first.end('SIGKILL')
    const orphan = findPostmaster(data)!
    signalAll(processesIn(data), 'SIGSTOP')
    const second = await start()
    assert.notEqual(findPostmaster(data)!.pid, orphan.pid)
    await second.end('SIGTERM')
  })

  it('starts PostgreSQL again when it dies, and says meanwhile that it is not there', async () => {
    // Recovery takes its time where much else is under way, and graphile-worker waits longer between its attempts.
    const patience = { timeoutMs: 60_000 }
    const server = await start()
    const before = findPostmaster(data)!
    signalAll(processesIn(data), 'SIGKILL')
    const statuses = new Set<number>()
    await eventually(async () => {
      const answer = await server.fetch('/v1/keys')
      statuses.add(answer.status)
      if (answer.status === 503) assert.match(await answer.text(), /DATABASE_UNAVAILABLE/)
      const after = findPostmaster(data)
      return answer.status === 200 && after !== undefined && after.pid !== before.pid
    }, patience)
    for (const status of statuses) assert.ok(status === 200 || status === 503, `answered ${status}`)
    await server.ready()
    // Scheduled and woken work goes on by itself: graphile-worker listens again on the new PostgreSQL.
    const client = new pg.Client({ connectionString: findRunningPostgres(dataDir) })
    client.on('error', () => {})
    await client.connect()
    await client.query("select graphile_worker.add_job('work', max_attempts => 1)")
    await eventually(async () => {
      const { rows } = await client.query(
        'select count(*)::integer as left from graphile_worker._private_jobs where locked_at is null',
      )
      return rows[0].left === 0
    }, patience)
    await client.end()
    assert.equal(await server.end('SIGTERM'), 0)
  })

  it('answers the requests under way when it stops, and refuses new ones', async () => {
    const server = await start()
    const client = new pg.Client({ connectionString: findRunningPostgres(dataDir) })
    client.on('error', () => {})
    await client.connect()
    await client.query('begin; lock table keys in access exclusive mode')
    const slow = server.fetch('/v1/keys', { headers: { authorization: `Bearer ${KEY}` } })
    await eventually(async () => {
      const { rows } = await client.query(
        "select 1 from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'tramontane server'",
      )
      return rows.length > 0
    })
    server.child.kill('SIGTERM')
    const refused = await eventually(async () => {
      const answer = await server.fetch('/readyz')
      return answer.status === 503 ? answer : undefined
    })
    assert.equal(refused.headers.get('connection'), 'close')
    assert.match(await refused.text(), /SERVICE_UNAVAILABLE/)
    assert.equal((await server.fetch('/healthz')).status, 200)
    await client.query('commit')
    await client.end()
    assert.equal((await slow).status, 200)
    assert.equal(await server.ended(), 0)
  })

  it('stops at once at the second signal', async () => {
    const server = await start()
    const client = new pg.Client({ connectionString: findRunningPostgres(dataDir) })
    client.on('error', () => {})
    await client.connect()
    await client.query('begin; lock table keys in access exclusive mode')
    const cut = server.fetch('/v1/keys').then(
      () => 'answered',
      () => 'cut off',
    )
    await eventually(async () => {
      const { rows } = await client.query(
        "select 1 from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'tramontane server'",
      )
      return rows.length > 0
    })
    server.child.kill('SIGTERM')
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    const begun = Date.now()
    server.child.kill('SIGTERM')
    await server.ended()
    assert.ok(Date.now() - begun < 15_000)
    assert.equal(await cut, 'cut off')
  })

  it('says in one line that its port is taken', async () => {
    const port = await freePort()
    const squatter = createServer().listen(port, '127.0.0.1')
    await once(squatter, 'listening')
    const server = new ServerProcess(port, { TRAMONTANE_DATA_DIR: dataDir, TRAMONTANE_LOG_LEVEL: 'warn' })
    servers.push(server)
    try {
      assert.equal(await server.ended(), 1)
      assert.match(
        server.output,
        /^tramontane: port \d+ of 127\.0\.0\.1 is in use by another program.*TRAMONTANE_PORT\n$/,
      )
    } finally {
      squatter.close()
    }
  })
})

describe('servers on one external database', () => {
  let home: string
  before(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'tramontane-external-'))
  })
  after(() => rm(home, { recursive: true, force: true }))

  it('start together on an empty one, and refuse one of a newer version', async () => {
    const database = await createTestDatabase({ migrated: false })
    const launch = async (name: string, env: Record<string, string> = {}) =>
      new ServerProcess(await freePort(), {
        TRAMONTANE_DATABASE_URL: database.url,
        TRAMONTANE_DATA_DIR: path.join(home, name),
        TRAMONTANE_LOG_LEVEL: 'warn',
        ...env,
      })
    const servers = await Promise.all(['one', 'two', 'three'].map((name) => launch(name)))
    try {
      await Promise.all(servers.map((server) => server.ready()))
      const client = new pg.Client({ connectionString: database.url })
      await client.connect()
      await client.query("insert into tramontane_migrations (name) values ('9999-from-the-future')")
      await client.end()
      const old = await launch('old')
      assert.equal(await old.ended(), 1)
      assert.match(
        old.output,
        /^tramontane: the database was made by a newer Tramontane.*9999-from-the-future.*\n$/,
      )
    } finally {
      for (const server of servers) await server.end('SIGKILL')
      await database.drop()
    }
  })

  it('say in one line when it cannot be used', async () => {
    const port = await freePort()
    const server = new ServerProcess(await freePort(), {
      TRAMONTANE_DATABASE_URL: `postgresql://someone:secret-password@127.0.0.1:${port}/none`,
      TRAMONTANE_DATA_DIR: path.join(home, 'none'),
    })
    assert.equal(await server.ended(), 1)
    assert.match(
      server.output,
      /^tramontane: the database of TRAMONTANE_DATABASE_URL cannot be used: .*ECONNREFUSED.*\n$/,
    )
    assert.doesNotMatch(server.output, /secret-password/)
  })
})
