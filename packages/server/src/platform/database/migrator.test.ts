import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createTestDatabase } from '@tramontane/testkit/test-database'
import { sql } from 'kysely'
import { connect } from './connection.ts'
import { type Migration, migrate } from './migrator.ts'

const LIMIT_MS = 100

it('lets a step, and the server that waits for another one, take longer than a request may', async () => {
  const database = await createTestDatabase({ migrated: false })
  const options = { name: 'test', max: 1, statementTimeoutMs: LIMIT_MS, onError: () => {} }
  const servers = [connect(database.url, options), connect(database.url, options)]
  const sleep = sql.raw(`select pg_sleep(${(3 * LIMIT_MS) / 1_000})`)
  const slow: Migration = {
    name: '0001-slow',
    up: async (transaction) => void (await sleep.execute(transaction)),
  }
  try {
    const done = await Promise.all(servers.map((server) => migrate(server.database, [slow])))
    assert.deepEqual(done.flat(), ['0001-slow'])
    for (const server of servers) await assert.rejects(sleep.execute(server.database), /statement timeout/)
  } finally {
    for (const server of servers) await server.close()
    await database.drop()
  }
})
