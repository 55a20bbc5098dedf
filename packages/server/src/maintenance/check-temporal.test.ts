import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { decideConfig } from '@tramontane/server/config/config'
import type { Env } from '@tramontane/server/config/env'
import { testTemporal, testTemporalBin } from '@tramontane/testkit/test-temporal'
import { checkTemporal } from './check-temporal.ts'

describe('the doctor, of the workflow engine', () => {
  let dataDir: string
  before(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'tramontane-doctor-'))
  })
  after(() => rm(dataDir, { recursive: true, force: true }))

  const check = async (env: Env, running = false) => {
    const findings = await checkTemporal(decideConfig({ dataDir, port: '0', ...env }), running)
    for (const { state, remedy } of findings) assert.equal(state === 'ok', remedy === undefined)
    return findings.map(({ subject, state, message }) => `${subject}: ${state}: ${message}`).join('\n')
  }

  it('says whether one given by address answers', async () => {
    assert.match(
      await check({ temporalAddress: testTemporal() }),
      /engine: ok: Temporal at .* answers, version 1\./,
    )
    assert.match(
      await check({ temporalAddress: '127.0.0.1:1' }),
      /engine: problem: Temporal at 127\.0\.0\.1:1 does not answer/,
    )
  })

  it('says why there is none', async () => {
    assert.match(await check({ temporalAddress: 'none' }), /engine: ok: it is switched off/)
    assert.match(
      await check({ databaseUrl: 'postgresql://db.example.com/tramontane' }),
      /engine: warning: there is none beside a database of your own/,
    )
  })

  it('says which programs a managed one has, and whether it runs', async () => {
    const stopped = await check({ temporalBin: testTemporalBin() })
    assert.match(stopped, /programs: ok: Temporal 1\.\d+\.\d+ \(configured\)/)
    assert.match(stopped, /engine: ok: the managed Temporal is stopped/)
    assert.match(stopped, /worker address: ok: 127\.0\.0\.1:0 is free/)
    const missing = await check({ temporalBin: path.join(dataDir, 'nothing') }, true)
    assert.match(missing, /programs: problem: .*TRAMONTANE_TEMPORAL_BIN is/)
    assert.match(missing, /engine: problem: the server runs, but its Temporal does not/)
  })

  it('says that workers of other machines need TLS', async () => {
    assert.match(
      await check({ temporalAddress: testTemporal(), host: '0.0.0.0' }),
      /worker address: problem: workers cannot connect/,
    )
  })
})
