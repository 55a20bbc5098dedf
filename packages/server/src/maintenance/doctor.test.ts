import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { startStallableProxy } from '@tramontane/testkit/stallable-proxy'
import { createTestDatabase } from '@tramontane/testkit/test-database'
import { decideConfig } from '../config/config.ts'
import { doctor } from './doctor.ts'

it('says of a database that takes connections, and then says nothing, that it cannot be reached', async () => {
  const database = await createTestDatabase()
  const proxy = await startStallableProxy(database.url)
  const dataDir = await mkdtemp(path.join(tmpdir(), 'tramontane-doctor-'))
  try {
    const config = decideConfig({ port: '0', temporalAddress: 'none', dataDir, databaseUrl: proxy.url })
    const ofDatabase = async () => (await doctor(config)).filter(({ subject }) => subject === 'database')
    assert.deepEqual(
      (await ofDatabase()).map(({ state }) => state),
      ['ok'],
    )
    proxy.stall()
    const [finding, ...others] = await ofDatabase()
    assert.deepEqual([finding!.state, others.length], ['problem', 0])
    assert.match(finding!.message, /cannot be reached: .*timeout/)
  } finally {
    await proxy.close()
    await database.drop()
    await rm(dataDir, { recursive: true })
  }
})
