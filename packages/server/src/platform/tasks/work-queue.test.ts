import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { createTestDatabase, type TestDatabase } from '@tramontane/testkit/test-database'
import { sql } from 'kysely'
import { pino } from 'pino'
import { connect, type DatabaseConnection } from '../database/connection.ts'
import { WorkQueue } from './work-queue.ts'

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
})
