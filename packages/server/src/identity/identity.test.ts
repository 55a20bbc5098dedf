import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { pino } from 'pino'
import { decideConfig } from '../config/config.ts'
import { startServer } from '../server.ts'

describe('keys and workspaces', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
  })
  after(() => server.close())

  it('refuses a call without a key, and one with an unknown key', async () => {
    const none = await server.call('GET', '/v1/keys', { key: null })
    assert.equal(none.status, 401)
    assert.equal(none.body.detail.error_code, 'AUTH_UNAUTHORIZED')
    assert.equal((await server.call('GET', '/v1/keys', { key: 'tmt_unknown' })).status, 401)
  })

  it('makes a key that works at once, and revokes it at once', async () => {
    const made = await server.call('POST', '/v1/keys', { body: { name: 'second', role: 'admin' } })
    assert.equal(made.status, 201)
    assert.equal((await server.call('GET', '/v1/keys', { key: made.body.key })).status, 200)
    assert.equal((await server.call('DELETE', `/v1/keys/${made.body.id}`)).status, 204)
    assert.equal((await server.call('GET', '/v1/keys', { key: made.body.key })).status, 401)
  })

  it('keeps the keys of workspaces apart', async () => {
    const other = await server.makeKey('admin', 'another team')
    const mine = (await server.call('GET', '/v1/keys')).body.keys[0]
    assert.equal((await server.call('DELETE', `/v1/keys/${mine.id}`, { key: other })).status, 404)
    const theirs = (await server.call('GET', '/v1/keys', { key: other })).body.keys
    assert.equal(theirs.length, 1)
    assert.equal(
      (await server.call('POST', '/v1/workspaces', { key: other, body: { name: 'a third' } })).status,
      403,
    )
  })

  it('lets no role but admin manage keys', async () => {
    for (const role of ['member', 'read', 'ingest', 'worker'] as const) {
      const refused = await server.call('GET', '/v1/keys', { key: await server.makeKey(role) })
      assert.equal(refused.status, 403, role)
      assert.equal(refused.body.detail.error_code, 'AUTH_FORBIDDEN')
    }
  })

  it('revokes a key at once on every server of the database', async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'tramontane-second-'))
    const other = await startServer(
      decideConfig({ port: '0', apiKey: server.key, dataDir, databaseUrl: server.databaseUrl }),
      pino({ level: 'silent' }),
    )
    try {
      const status = async (key: string) =>
        (await fetch(`${other.url}/v1/keys`, { headers: { authorization: `Bearer ${key}` } })).status
      const waits: number[] = []
      // Were it not told, the other server would take the key for half a second after it has looked it up, each time.
      // A machine that is so busy itself is it now and then.
      while (waits.length < 30 && !waits.some((wait) => wait < 450)) {
        const made = await server.call('POST', '/v1/keys', { body: { name: 'short-lived', role: 'admin' } })
        const asked = performance.now()
        assert.equal(await status(made.body.key), 200)
        await server.call('DELETE', `/v1/keys/${made.body.id}`)
        await eventually(async () => (await status(made.body.key)) === 401)
        waits.push(performance.now() - asked)
      }
      assert.ok(Math.min(...waits) < 450, `refused after ${waits.map(Math.round)} ms`)
    } finally {
      await other.close()
      await rm(dataDir, { recursive: true, force: true })
    }
  })
})
