import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Answer, startTestServer, type TestServer } from '@tramontane/testkit/test-server'

const HEADER = { 'x-tramontane-session': '1' }

describe('sessions of browsers', () => {
  let server: TestServer
  before(async () => {
    // A restart may give it another port, which is in the cookie's name unless the address is set.
    server = await startTestServer({ publicUrl: 'http://studio.test' })
  })
  after(() => server.close())

  const begin = async (body: unknown): Promise<{ answer: Answer; cookie: string }> => {
    const answer = await server.call('POST', '/v1/session', { body, key: null })
    return { answer, cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' }
  }
  const link = async (key = server.key): Promise<string> => {
    const { body } = await server.call('POST', '/v1/session/links', { key })
    return new URL(body.url).hash.slice(1)
  }
  const withCookie = (cookie: string, headers: Record<string, string> = HEADER) =>
    server.call('GET', '/v1/session', { key: null, headers: { cookie, ...headers } })

  it('act as the key that made them, with its role', async () => {
    const key = await server.makeKey('read')
    const { answer, cookie } = await begin({ key })
    assert.equal(answer.status, 200)
    assert.match(answer.headers.get('set-cookie')!, /HttpOnly; SameSite=Strict/)
    const { status, body } = await withCookie(cookie)
    assert.equal(status, 200)
    assert.equal(body.role, 'read')
    assert.equal(body.key.name, 'a read key')
    const refused = await server.call('POST', '/v1/observability/datasets', {
      key: null,
      headers: { cookie, ...HEADER },
      body: { name: 'x', description: '' },
    })
    assert.equal(refused.status, 403)
  })

  it('do nothing without the header that other sites cannot send', async () => {
    const { cookie } = await begin({ key: server.key })
    assert.equal((await withCookie(cookie, {})).status, 401)
    assert.equal((await withCookie(cookie)).status, 200)
  })

  it('are begun by a link once, and not by one that is made up', async () => {
    const token = await link()
    const both = await Promise.all([begin({ token }), begin({ token })])
    assert.deepEqual(both.map(({ answer }) => answer.status).sort(), [200, 401])
    assert.equal((await begin({ token: 'made-up' })).answer.body.detail.error_code, 'LOGIN_LINK_INVALID')
  })

  it('end when one logs out, when the key is revoked, and outlive a restart', async () => {
    const { cookie } = await begin({ key: server.key })
    await server.restart()
    assert.equal((await withCookie(cookie)).status, 200)
    const out = await server.call('DELETE', '/v1/session', { key: null, headers: { cookie, ...HEADER } })
    assert.equal(out.status, 204)
    assert.equal((await withCookie(cookie)).status, 401)

    const made = await server.call('POST', '/v1/keys', { body: { name: 'short', role: 'admin' } })
    const other = await begin({ key: made.body.key })
    const token = await link(made.body.key)
    await server.call('DELETE', `/v1/keys/${made.body.id}`)
    assert.equal((await withCookie(other.cookie)).status, 401)
    assert.equal((await begin({ token })).answer.status, 401)
  })

  it('are not for keys that may look at nothing', async () => {
    const key = await server.makeKey('ingest')
    assert.equal((await begin({ key })).answer.status, 403)
  })
})
