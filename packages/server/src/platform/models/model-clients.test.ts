import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { ModelClients } from './model-clients.ts'
import type { ModelError } from './model-error.ts'
import { ProviderConnections } from './provider-connections.ts'
import { Providers } from './providers.ts'

const request = { messages: [{ role: 'user' as const, content: 'hi' }] }

describe('models called on our own behalf', () => {
  const connections = new ProviderConnections()
  let provider: ScriptedProvider
  let models: ModelClients
  before(async () => {
    provider = await startScriptedProvider()
    const common = { url: provider.url, apiKey: 'the-key', timeoutSeconds: 30, concurrency: 2 }
    models = new ModelClients(
      new Providers([
        { ...common, name: 'gone', models: 'gone', url: 'http://127.0.0.1:1/v1' },
        { ...common, name: 'scripted', models: '*' },
      ]),
      connections,
    )
  })
  after(async () => {
    await provider.close()
    await connections.close()
  })

  const failure = (call: Promise<unknown>) =>
    call.then(
      () => assert.fail('the call should have failed'),
      (error: ModelError) => error,
    )

  it('answers, whole and in pieces, with the key of the provider', async () => {
    provider.script(() => 'Good morning.')
    const answer = await models.chat('m', request)
    assert.equal(answer.choices[0]!.message.content, 'Good morning.')
    assert.equal(provider.requests.at(-1)!.headers.authorization, 'Bearer the-key')
    let text = ''
    for await (const piece of models.streamChat('m', request)) text += piece.choices[0]?.delta.content ?? ''
    assert.equal(text, 'Good morning.')
  })

  for (const [status, body, kind, mayPass] of [
    [401, {}, 'refused-key', false],
    [404, {}, 'unknown-model', false],
    [400, { type: 'invalid_model', message: 'Invalid model: m' }, 'unknown-model', false],
    [400, { error: { code: 'model_not_found', message: 'no' } }, 'unknown-model', false],
    [422, { detail: 'no' }, 'bad-request', false],
    [429, {}, 'rate-limited', true],
    [503, {}, 'server', true],
    [200, { hello: 1 }, 'server', true],
  ] as const) {
    it(`calls ${status} ${JSON.stringify(body)} ${kind}, and tries nothing twice`, async () => {
      provider.script(() => ({ status, body, headers: { 'retry-after': '3' } }))
      const seen = provider.requests.length
      const error = await failure(models.chat('m', request))
      assert.equal(error.kind, kind)
      assert.equal(error.mayPass, mayPass)
      assert.equal(provider.requests.length, seen + 1)
      if (status >= 400) assert.deepEqual([error.status, error.retryAfter], [status, 3])
    })
  }

  it('reads an answer whose head does not say that it is JSON', async () => {
    const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'so' } }]
    provider.script(() => (reply) => reply.type('text/plain').send(JSON.stringify({ choices })))
    assert.equal((await models.chat('m', request)).choices[0]!.message.content, 'so')
  })

  it('says what came instead of a chat completion', async () => {
    const messageFor = async (type: string, body: string) => {
      provider.script(() => (reply) => reply.type(type).send(body))
      const { kind, message } = await failure(models.chat('m', request))
      assert.equal(kind, 'server')
      return message
    }
    const start = 'The model provider scripted answered something that is no chat completion: '
    assert.equal(
      await messageFor('application/json', '{"error":{"message":"overloaded"}}'),
      `${start}{"error":{"message":"overloaded"}}`,
    )
    assert.equal(await messageFor('text/html', '<h1>Down</h1>'), `${start}"<h1>Down</h1>"`)
    assert.ok((await messageFor('application/json', `{"a":"${'b'.repeat(10_000)}"}`)).length < 500)
    assert.match(await messageFor('application/json', '{"choices":['), /completion: .*JSON/)
  })

  it('has a time limit, and tells it from a provider that is away and from a caller who gives up', async () => {
    provider.script(() => () => new Promise(() => {}))
    assert.equal((await failure(models.chat('m', request, { timeoutMs: 50 }))).kind, 'timeout')
    const away = await failure(models.chat('gone', request))
    assert.equal(away.kind, 'unreachable')
    assert.match(away.message, /ECONNREFUSED/)
    const reason = new Error('enough')
    const signal = AbortSignal.timeout(50)
    assert.equal((await failure(models.chat('m', request, { signal }))).name, 'TimeoutError')
    assert.equal(await failure(models.chat('m', request, { signal: AbortSignal.abort(reason) })), reason)
  })

  it('has no more calls under way than the provider takes', async () => {
    let underWay = 0
    let most = 0
    provider.script(async () => {
      most = Math.max(most, ++underWay)
      await new Promise((resolve) => setTimeout(resolve, 20))
      underWay--
      return 'ok'
    })
    await Promise.all(Array.from({ length: 9 }, () => models.chat('m', request)))
    assert.equal(most, models.concurrency('m'))
  })
})
