import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { zstdDecompressSync } from 'node:zlib'
import { eventually } from '@tramontane/testkit/eventually'
import { createTestDatabase } from '@tramontane/testkit/test-database'
import pg from 'pg'
import { pino } from 'pino'
import { decideConfig } from '../config/config.ts'
import { ConfigError } from '../config/config-error.ts'
import { findRunningPostgres } from '../platform/database/managed-postgres.ts'
import { listPostgresBinaries } from '../platform/database/postgres-binaries.ts'
import { clusterMajor } from '../platform/database/postgres-cluster.ts'
import { type Server, startServer } from '../server.ts'
import { readArchive } from './archive.ts'
import { backup } from './backup.ts'
import { MaintenanceError } from './maintenance-error.ts'
import { restore } from './restore.ts'

const KEY = 'tmt_backup_test_key_0123456789'
const WORKSPACE = '00000000-0000-4000-8000-000000000001'
// Text that a careless dump breaks: COPY's own escapes, NULL's mark, quotes, other planes.
const TRICKY = 'tab\there \\N \\. "quoted" \'single\' line\nbreak \\u0000 é 🌬'
/** In this month and in one that needs a partition of its own: UUIDv7 of 2021-03-04 and of long before 2020. */
const EVENTS = ['0177fb85-1c00-7000-8000-000000000001', '00a00000-0000-7000-8000-000000000002']

function unpacked(archive: Buffer): Buffer | undefined {
  try {
    return zstdDecompressSync(archive)
  } catch {
    return undefined
  }
}

describe('backup and restore', () => {
  let home: string
  before(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'tramontane-backup-'))
    await chmod(home, 0o755)
  })
  after(() => rm(home, { recursive: true, force: true }))

  const configure = (name: string, postgresBin?: string) =>
    decideConfig({
      port: '0',
      apiKey: KEY,
      logLevel: 'silent',
      dataDir: path.join(home, name),
      postgresBin,
      temporalAddress: 'none',
    })
  const running: Server[] = []
  const start = async (config: ReturnType<typeof configure>) => {
    const server = await startServer(config, pino({ level: 'silent' }))
    running.push(server)
    return server
  }
  afterEach(async () => {
    for (const server of running.splice(0)) await server.close()
  })

  async function query(url: string, text: string, values: unknown[] = []) {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      return (await client.query(text, values)).rows
    } finally {
      await client.end()
    }
  }

  /** Fills a running installation by hand: rows in partitions, with references, of awkward text; and files. */
  async function fill(dataDir: string): Promise<void> {
    const url = findRunningPostgres(dataDir)!
    for (const [suffix, from, to] of [
      ['2021_03', '0177eb00-0000-7000-8000-000000000000', '01788b00-0000-7000-8000-000000000000'],
    ] as const)
      await query(
        url,
        `create table events_${suffix} partition of events for values from ('${from}') to ('${to}')`,
      )
    for (const id of EVENTS)
      await query(
        url,
        `insert into events (workspace_id, event_id, correlation_id, timestamp, source, status, model_name,
          last_user_message_preview, invoked_tools, input_tokens, output_tokens, total_time_elapsed, metadata, nb_messages)
        values ($1, $2, 'c', now(), 'gateway', 'ok', 'm', $3, array['a,b', 'c"d'], 1, 2, 0.1, $4, 1)`,
        [WORKSPACE, id, TRICKY, { note: TRICKY }],
      )
    await query(url, "insert into work (workspace_id, kind, id) values ($1, 'nobody', $2)", [
      WORKSPACE,
      EVENTS[0],
    ])
    const folder = path.join(dataDir, 'files', 'deep', 'x'.repeat(120))
    await mkdir(folder, { recursive: true })
    await writeFile(path.join(folder, 'empty'), '')
    await writeFile(path.join(dataDir, 'files', 'large'), Buffer.alloc(9_000_000, 'abc'))
  }

  const contents = (url: string) =>
    query(
      url,
      'select event_id, last_user_message_preview, invoked_tools, metadata from events order by event_id',
    )

  it('carries database and files from one major of PostgreSQL to another, while the server runs', async () => {
    const majors = listPostgresBinaries()
    const [oldest, newest] = [majors.at(0)!, majors.at(-1)!]
    const file = path.join(home, 'full.tar.zst')
    const source = configure('source', oldest.directory)
    const server = await start(source)
    await fill(source.dataDir)
    const expected = await contents(findRunningPostgres(source.dataDir)!)
    const made = await backup(source, file)
    await server.close()
    assert.equal(made.files, 2)
    assert.equal(made.bytes, (await stat(file)).size)
    assert.equal((await stat(file)).mode & 0o777, 0o600)

    const target = configure('target', newest.directory)
    const summary = await restore(target, file)
    assert.equal(summary.files, 2)
    assert.equal(summary.tables, made.tables)
    assert.deepEqual(summary.leftOut, [])
    assert.equal(clusterMajor(target.dataDir), newest.major)

    const restored = await start(target)
    try {
      const url = findRunningPostgres(target.dataDir)!
      assert.deepEqual(await contents(url), expected)
      assert.equal(expected[0].last_user_message_preview, TRICKY)
      assert.equal((await query(url, "select 1 from work where kind = 'nobody'")).length, 1)
      const large = await readFile(path.join(target.dataDir, 'files', 'large'))
      assert.ok(large.equals(Buffer.alloc(9_000_000, 'abc')))
      assert.equal((await stat(path.join(target.dataDir, 'files', 'deep', 'x'.repeat(120), 'empty'))).size, 0)
      assert.equal(restored.newKey, null, 'the keys came along')
      const answer = await fetch(`${restored.url}/v1/keys`, { headers: { authorization: `Bearer ${KEY}` } })
      assert.equal(answer.status, 200)
    } finally {
      await restored.close()
    }
  })

  it('sees the database as it was at one moment, whatever is written meanwhile', async () => {
    const config = configure('source')
    const server = await start(config)
    try {
      const url = findRunningPostgres(config.dataDir)!
      const before = (await contents(url)).length
      const written: Promise<unknown>[] = []
      const file = path.join(home, 'snapshot.tar.zst')
      await backup(config, file, {
        onProgress: () => {
          const key = `key ${written.length}`
          written.push(query(url, 'insert into metadata_keys values ($1, $2)', [WORKSPACE, key]))
        },
      })
      // All of them before the server stops: it ends every connection, and one that is just being closed says so.
      await Promise.all(written)
      assert.ok(written.length > 3)
      let rows = 0
      for await (const { name, content } of readArchive(file)) {
        const text = Buffer.concat(await Array.fromAsync(content)).toString()
        if (name.startsWith('database/metadata_keys/'))
          assert.fail('a key that was written during the backup is in it')
        if (name.startsWith('database/events/')) rows += text.split('\n').length - 1
      }
      assert.equal(rows, before)
    } finally {
      await server.close()
    }
  })

  it('overwrites no file unless told, and then only by a whole backup', async () => {
    const config = configure('source')
    const server = await start(config)
    const file = path.join(home, 'precious.tar.zst')
    await writeFile(file, 'of last month')
    const isRefused = (says: RegExp) => (error: Error) =>
      error instanceof MaintenanceError && says.test(error.message)
    await assert.rejects(backup(config, file), isRefused(/precious\.tar\.zst is there already: .*--replace/))
    await assert.rejects(backup(config, home, { replace: true }), isRefused(/is a folder/))
    const signal = AbortSignal.abort(new Error('left off'))
    await assert.rejects(backup(config, file, { replace: true, signal }), /left off/)
    assert.equal(await readFile(file, 'utf8'), 'of last month')
    const made = await backup(config, file, { replace: true })
    assert.equal((await stat(file)).size, made.bytes)
    await server.close()
  })

  it('tries again when it and a change of the tables wait for each other', async () => {
    const config = configure('source')
    const server = await start(config)
    const url = findRunningPostgres(config.dataDir)!
    const other = new pg.Client({ connectionString: url })
    await other.connect()
    try {
      await other.query("set deadlock_timeout = '60s'; begin; lock table events in access exclusive mode")
      const made = backup(config, path.join(home, 'waited.tar.zst'))
      const waiting =
        "select 1 from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'tramontane backup'"
      await eventually(async () => (await query(url, waiting)).length > 0)
      await other.query('lock table annotations in access exclusive mode; commit')
      assert.equal((await made).files, 2)
    } finally {
      await other.end()
      await server.close()
    }
  })

  it('refuses to restore over data unless told, and while a server runs', async () => {
    const file = path.join(home, 'full.tar.zst')
    const config = configure('target')
    await assert.rejects(
      restore(config, file),
      (error: Error) => error instanceof MaintenanceError && /--replace/.test(error.message),
    )
    const server = await start(config)
    await assert.rejects(
      restore(config, file, { replace: true }),
      (error: Error) => error instanceof ConfigError && /another Tramontane server/.test(error.message),
    )
    const url = findRunningPostgres(config.dataDir)!
    await query(url, 'truncate events')
    await writeFile(path.join(config.dataDir, 'files', 'new'), 'goes')
    await server.close()
    await restore(config, file, { replace: true })
    const again = await start(config)
    try {
      assert.equal((await contents(findRunningPostgres(config.dataDir)!)).length, 2)
      await assert.rejects(stat(path.join(config.dataDir, 'files', 'new')))
    } finally {
      await again.close()
    }
  })

  it('notices a backup that is cut off or was changed, before it changes anything', async () => {
    const whole = await readFile(path.join(home, 'full.tar.zst'))
    const changedAt = (part: number) => {
      const changed = Buffer.from(whole)
      changed[Math.floor(whole.length * part)]! ^= 1
      return changed
    }
    const broken: Record<string, Buffer> = {
      cut: whole.subarray(0, whole.length - 200),
      text: Buffer.from('no backup'),
    }
    for (let part = 0; part < 1; part += 0.05) {
      const changed = changedAt(part)
      // Some bits of zstd's format mean nothing: what comes out is whole all the same.
      if (!unpacked(changed)?.equals(unpacked(whole)!)) broken[`changed-${part.toFixed(2)}`] = changed
    }
    for (const [name, content] of Object.entries(broken)) {
      const file = path.join(home, name)
      await writeFile(file, content)
      const config = configure(`never-${name}`)
      await assert.rejects(
        restore(config, file),
        (error: Error) => error instanceof MaintenanceError && error.message.includes(file),
        name,
      )
      await assert.rejects(stat(config.dataDir))
    }
  })

  it('restores into an empty external database, and into no other', async () => {
    const empty = await createTestDatabase({ migrated: false })
    const used = await createTestDatabase()
    try {
      const file = path.join(home, 'full.tar.zst')
      const external = (name: string, databaseUrl: string) =>
        decideConfig({ port: '0', dataDir: path.join(home, name), databaseUrl })
      await assert.rejects(
        restore(external('external-used', used.url), file, { replace: true }),
        MaintenanceError,
      )
      await restore(external('external', empty.url), file)
      assert.equal((await contents(empty.url)).length, 2)
      const again = path.join(home, 'again.tar.zst')
      assert.equal((await backup(external('external', empty.url), again)).files, 2)
    } finally {
      await empty.drop()
      await used.drop()
    }
  })
})
