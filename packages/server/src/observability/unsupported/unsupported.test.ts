import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { unsupportedOperations } from '@tramontane/contract/unsupported'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'

describe('what only the vendor has', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
  })
  after(() => server.close())

  for (const { method, path } of unsupportedOperations) {
    it(`${method} ${path} says that it is not supported, to those who have a key`, async () => {
      const target = path.replaceAll(/\{\w+\}/g, 'anything')
      const options = method === 'GET' || method === 'DELETE' ? {} : { body: { from: 'now' } }
      const refused = await server.call(method, target, options)
      assert.equal(refused.status, 400)
      assert.equal(refused.body.detail.error_code, 'FEATURE_NOT_SUPPORTED')
      assert.equal((await server.call(method, target, { ...options, key: null })).status, 401)
    })
  }
})
