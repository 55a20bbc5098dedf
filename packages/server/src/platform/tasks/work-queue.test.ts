import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { createTestDatabase, type TestDatabase } from '@tramontane/testkit/test-database'
import { sql } from 'kysely'
import { pino } from 'pino'
import { connect, type DatabaseConnection } from '../database/connection.ts'
import { addWork, WorkQueue } from './work-queue.ts'

describe('background work', () => {
  let database: TestDatabase
  let connection: DatabaseConnection
  before(async () => {
    database = await createTestDatabase()
    connection = connect(database.url, {
      name: 'test',
      max: 8,
      statementTimeoutMs: 30_000,
      onError: () => {},
    })
  })
  after(async () => {
    await connection.close()
    await database.drop()
  })

  const run = (text: string) => sql.raw<{ left: number }>(text).execute(connection.database)

  it('is woken up, and runs on schedule, also after the first look for jobs has failed', async () => {
    const lines: string[] = []
    const logger = pino({ level: 'debug' }, { write: (line) => void lines.push(line) })
    const queue = new WorkQueue(connection, {}, { concurrency: 1, logger })
    // As if the database went away at this moment: graphile-worker looks up the names of its tasks once.
    await run('alter table graphile_worker._private_tasks rename to _away')
    try {
      await queue.start()
      await eventually(() => lines.some((line) => line.includes('Failed to acquire job')))
      await run('alter table graphile_worker._away rename to _private_tasks')
      await run("select graphile_worker.add_job('work', max_attempts => 1)")
      await eventually(
        async () => {
          const { rows } = await run('select count(*)::integer as left from graphile_worker._private_jobs')
          return rows[0]!.left === 0
        },
        { timeoutMs: 60_000 },
      )
    } finally {
      await queue.stop()
    }
  })

  it('is given back as soon as it can be, when it fails together with the database', async () => {
    const work = { workspaceId: randomUUID(), kind: 'sum', id: randomUUID() }
    const failures: number[] = []
    const sumUp = async () => {
      const { rows } = await run(`select failures as left from work where id = '${work.id}'`)
      failures.push(rows[0]!.left)
      if (failures.length > 1) return
      await run('alter table work rename to _away')
      throw new Error('the database is away')
    }
    const queue = new WorkQueue(
      connection,
      { sum: sumUp },
      { concurrency: 1, logger: pino({ level: 'silent' }) },
    )
    try {
      await queue.start()
      await connection.database.transaction().execute((transaction) => addWork(transaction, work))
      await eventually(
        async () =>
          (await run("select count(*)::integer as left from pg_class where relname = '_away'")).rows[0]!
            .left === 1,
      )
      await run('alter table _away rename to work')
      await eventually(() => failures.length === 2, { timeoutMs: 60_000 })
      // A lease that runs out instead tells of no failure, and nothing would ever wait longer.
      assert.deepEqual(failures, [0, 1])
    } finally {
      await queue.stop()
    }
  })
})
