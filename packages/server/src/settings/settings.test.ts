import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'

const KEY = 'sk-secret-of-the-provider'

describe("the server's own settings", () => {
  let server: TestServer
  let answer: RequestListener
  const provider = createServer((request, response) => answer(request, response))
  before(async () => {
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
    const { port } = provider.address() as AddressInfo
    server = await startTestServer({
      providerUrl: `http://127.0.0.1:${port}/v1`,
      providerApiKey: KEY,
      retentionDays: '90',
    })
  })
  after(async () => {
    await server.close()
    provider.closeAllConnections()
    provider.close()
  })

  const test = async (name = 'default') => server.call('POST', `/v1/providers/${name}/test`)
  const json =
    (status: number, body: unknown): RequestListener =>
    (_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }

  it('are told with the variable that decides each, and without secrets', async () => {
    const { body, status } = await server.call('GET', '/v1/settings')
    assert.equal(status, 200)
    const of = (variable: string) =>
      body.settings.find((setting: { variable: string }) => setting.variable === variable)
    assert.equal(of('TRAMONTANE_RETENTION_DAYS').value, '90 days')
    assert.equal(of('TRAMONTANE_RETENTION_DAYS').is_default, false)
    assert.equal(of('TRAMONTANE_WORKFLOW_RETENTION_DAYS').is_default, true)
    const { body: listed } = await server.call('GET', '/v1/providers')
    assert.equal(listed.providers[0].has_key, true)
    const { username, password } = new URL(server.databaseUrl)
    for (const secret of [KEY, server.key, `${username}:${password}@`])
      assert.ok(!JSON.stringify([body, listed]).includes(secret))
  })

  it('test a provider: its models and how long it took', async () => {
    answer = (request, response) => {
      assert.equal(request.url, '/v1/models')
      assert.equal(request.headers.authorization, `Bearer ${KEY}`)
      json(200, { data: [{ id: 'one' }, { id: 'two' }] })(request, response)
    }
    const { body, status } = await test()
    assert.equal(status, 200)
    assert.equal(body.result, 'ok')
    assert.deepEqual(body.models, ['one', 'two'])
    assert.ok(body.latency_ms >= 0 && body.latency_ms < 5_000)
  })

  it('say why a provider does not work, and never repeat its key', async () => {
    for (const [listener, result] of [
      [json(401, { message: `bad key ${KEY}` }), 'refused_key'],
      [json(404, {}), 'no_models'],
      [json(500, { message: `cannot read ${KEY}` }), 'failed'],
      [json(200, ['no list']), 'failed'],
      [(request) => request.socket.destroy(), 'unreachable'],
    ] as [RequestListener, string][]) {
      answer = listener
      const { body } = await test()
      assert.equal(body.result, result)
      assert.ok(body.message.length > 10)
      assert.ok(!JSON.stringify(body).includes(KEY))
    }
    const unknown = await test('nobody')
    assert.equal(unknown.status, 404)
    assert.equal(unknown.body.detail.error_code, 'PROVIDER_NOT_FOUND')
  })

  it('give up on a provider that is silent', async () => {
    answer = () => {}
    const { body } = await test()
    assert.equal(body.result, 'timeout')
    assert.ok(body.latency_ms >= 4_900 && body.latency_ms < 20_000)
  })

  it('are examined while the server runs', async () => {
    answer = json(200, { data: [] })
    const { body, status } = await server.call('GET', '/v1/doctor')
    assert.equal(status, 200)
    const of = (subject: string) =>
      body.findings.find((finding: { subject: string }) => finding.subject === subject)
    assert.equal(of('server').state, 'ok')
    assert.equal(of('database').state, 'ok')
    assert.equal(of('schema').state, 'ok')
    assert.equal(of('provider default').state, 'ok')
    assert.equal(of('server').remedy, null)
  })

  it("are the default workspace's admins'", async () => {
    const key = await server.makeKey('admin', 'another team')
    for (const path of ['/v1/settings', '/v1/providers', '/v1/doctor']) {
      const { status, body } = await server.call('GET', path, { key })
      assert.equal(status, 403, path)
      assert.equal(body.detail.error_code, 'AUTH_FORBIDDEN')
    }
    assert.equal((await server.call('POST', '/v1/providers/default/test', { key })).status, 403)
  })
})
