import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'

describe('the studio', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
  })
  after(() => server.close())

  const open = (target: string, accept = 'text/html') =>
    server.call('GET', target, { key: null, headers: { accept } })

  it('is no answer to what is not there', async () => {
    for (const target of ['/v1/nothing', '/telemetry/nothing', '/openapi.json/x'])
      assert.equal((await open(target)).body.detail.error_code, 'NOT_FOUND')
    assert.equal((await open('/explorer', 'application/json')).status, 404)
    assert.notEqual((await open('/', '*/*')).status, 404, 'curl and checks of whether the server is up')
    assert.equal((await open('/assets/%2e%2e%2fpackage.json')).status, 404)
    assert.equal((await open('/assets/nothing.js')).body.detail.error_code, 'NOT_FOUND')
  })

  it('is a page that may talk to its server only, or says that it is not built', async () => {
    const { status, headers, body } = await open('/explorer')
    if (status === 503) return assert.match(body.detail.message, /not built/)
    assert.equal(status, 200)
    const policy = headers.get('content-security-policy')!
    assert.match(policy, /default-src 'none'/)
    assert.doesNotMatch(policy, /unsafe|\*|https?:/)
    const nonce = /'nonce-([^']+)'/.exec(policy)![1]
    assert.ok(body.includes(`nonce="${nonce}"`))
    assert.ok(!body.includes('__NONCE__'))
  })
})
