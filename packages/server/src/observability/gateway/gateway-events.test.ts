import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { type StoredEvent, storedEvents } from '@tramontane/testkit/stored-events'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { Mistral } from 'mistralai-2.6.4'
import OpenAI from 'openai'
import pg from 'pg'

const TOOL = { type: 'function', function: { name: 'search', parameters: { type: 'object' } } }
const user = (content: string) => ({ role: 'user', content })

describe('the events of calls', () => {
  let provider: ScriptedProvider
  let server: TestServer
  before(async () => {
    provider = await startScriptedProvider()
    server = await startTestServer({ providerUrl: provider.url })
  })
  after(async () => {
    await server.close()
    await provider.close()
  })

  /** The event that an answer names. On a busy machine it may have gone the way through the spool. */
  function eventOf(headers: Headers): Promise<StoredEvent> {
    const id = headers.get('x-tramontane-event-id')
    return eventually(async () => {
      const events = await storedEvents(server.databaseUrl)
      return events.find(({ event_id }) => event_id === id)
    })
  }

  it('is what the end of an answer waits for, half a second at most', async () => {
    provider.script(() => 'an answer')
    /** When one has waited in vain, none waits until the spool is stored. */
    const stored = async (headers: Headers) => {
      await eventOf(headers)
      const metrics = async () => (await server.call('GET', '/metrics')).body
      await eventually(async () => /^tramontane_gateway_spool_bytes 0$/m.test(await metrics()))
    }
    // The first one is slow, on a busy machine too slow for the database.
    const cold = await server.call('POST', '/v1/chat/completions', { body: { model: 'm', messages: [] } })
    await stored(cold.headers)
    const waits: number[] = []
    const other = new pg.Client({ connectionString: server.databaseUrl })
    await other.connect()
    try {
      for (const stream of [true, false]) {
        await other.query('begin; lock table events in exclusive mode')
        const startedAt = performance.now()
        const { headers } = await server.call('POST', '/v1/chat/completions', {
          body: { model: 'm', stream, messages: [] },
        })
        const milliseconds = performance.now() - startedAt
        assert.ok(milliseconds > 480, `${milliseconds} ms`)
        waits.push(milliseconds)
        const found = await other.query('select from events where event_id = $1', [
          headers.get('x-tramontane-event-id'),
        ])
        assert.equal(found.rowCount, 0)
        await other.query('commit')
        await stored(headers)
      }
      assert.ok(Math.min(...waits) < 2_000, `${waits} ms`)
    } finally {
      await other.end()
    }
  })

  it('has all of a chat', async () => {
    provider.script(() => ({
      status: 200,
      body: {
        id: 'r-1',
        model: 'the-model-2501',
        choices: [
          {
            index: 0,
            finish_reason: 'tool_calls',
            message: {
              role: 'assistant',
              content: '',
              tool_calls: [{ id: 'c', function: { name: 'search', arguments: '{}' } }],
            },
          },
        ],
        usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
      },
    }))
    const { headers } = await server.call('POST', '/v1/chat/completions', {
      headers: { 'x-correlation-id': 'order 66' },
      body: {
        model: 'the-model',
        messages: [{ role: 'system', content: 'Be brief.' }, user('Find it')],
        tools: [TOOL],
        metadata: { team: 'blue', run: 7, deep: { a: [1] }, nothing: null },
      },
    })
    assert.equal(headers.get('x-correlation-id'), 'order 66')
    const event = await eventOf(headers)
    assert.equal(event.correlation_id, 'order 66')
    assert.equal(event.model_name, 'the-model')
    assert.equal(event.status, 'ok')
    assert.equal(event.error, null)
    assert.equal(event.api_agent_id, null)
    assert.equal(event.response_id, 'r-1')
    assert.deepEqual(event.request_messages, [{ role: 'system', content: 'Be brief.' }, user('Find it')])
    assert.equal(event.response_messages[0].tool_calls[0].function.name, 'search')
    assert.deepEqual(event.enabled_tools, [TOOL])
    assert.deepEqual(event.invoked_tools, ['search'])
    assert.deepEqual([event.input_tokens, event.output_tokens], [11, 7])
    assert.deepEqual(event.metadata, { team: 'blue', run: '7', deep: '{"a":[1]}' })
    assert.ok(event.total_time_elapsed >= 0 && event.total_time_elapsed < 10)
  })

  it('gives a call without a correlation id the id of its request', async () => {
    provider.script(() => 'hello')
    const { headers } = await server.call('POST', '/v1/chat/completions', {
      body: { model: 'm', messages: [] },
    })
    assert.equal(headers.get('x-correlation-id'), headers.get('x-request-id'))
    assert.equal((await eventOf(headers)).correlation_id, headers.get('x-request-id'))
  })

  it('puts a streamed answer together', async () => {
    provider.script(() => 'A streamed answer, in pieces.')
    const { headers } = await server.call('POST', '/v1/chat/completions', {
      body: { model: 'm', stream: true, messages: [user('hi')] },
    })
    const event = await eventOf(headers)
    assert.deepEqual(event.response_messages, [
      { role: 'assistant', content: 'A streamed answer, in pieces.' },
    ])
    assert.ok(event.input_tokens > 0 && event.output_tokens > 0)
    assert.match(event.response_id!, /^scripted-/)
  })

  it('knows the agent of an agent call, and the prompt of a text to be filled in', async () => {
    provider.script(() => 'done')
    const agent = await server.call('POST', '/v1/agents/completions', {
      body: { agent_id: 'ag-1', messages: [user('hi')] },
    })
    const agentEvent = await eventOf(agent.headers)
    assert.equal(agentEvent.api_agent_id, 'ag-1')
    assert.equal(agentEvent.model_name, 'scripted-model')
    const fim = await server.call('POST', '/v1/fim/completions', {
      body: { model: 'codestral', prompt: 'def add(', suffix: 'return c' },
    })
    const fimEvent = await eventOf(fim.headers)
    assert.deepEqual(fimEvent.request_messages, [{ role: 'user', content: 'def add(', suffix: 'return c' }])
    assert.deepEqual(fimEvent.response_messages, [{ role: 'assistant', content: 'done' }])
  })

  it('keeps no event of an embedding', async () => {
    const { headers, status } = await server.call('POST', '/v1/embeddings', {
      body: { model: 'm', input: 'x' },
    })
    assert.equal(status, 200)
    assert.equal(headers.get('x-tramontane-event-id'), null)
  })

  it('has the error of a call that the provider refuses', async () => {
    provider.script(() => ({
      status: 429,
      body: { object: 'error', message: 'Requests rate limit exceeded' },
    }))
    const refused = await server.call('POST', '/v1/chat/completions', {
      body: { model: 'm', messages: [user('hi')] },
    })
    assert.equal(refused.status, 429)
    const event = await eventOf(refused.headers)
    assert.equal(event.status, 'error')
    assert.equal(event.error, 'HTTP 429: Requests rate limit exceeded')
    assert.deepEqual(event.request_messages, [user('hi')])
  })

  it('has the error of an answer that says it, or is none, though its status is 200', async () => {
    const eventAfter = async (type: string, body: string) => {
      provider.script(() => (reply) => reply.type(type).send(body))
      const answer = await fetch(`${server.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${server.key}` },
        body: '{"model":"m","messages":[]}',
      })
      assert.deepEqual([answer.status, await answer.text()], [200, body])
      const event = await eventOf(answer.headers)
      return [event.status, event.error]
    }
    const none = 'The model provider answered with status 200, but with no JSON object.'
    assert.deepEqual(await eventAfter('text/html', '<h1>Down</h1>'), ['error', none])
    assert.deepEqual(await eventAfter('application/json', '{"choices":['), ['error', none])
    assert.deepEqual(await eventAfter('application/json', ''), ['error', none])
    assert.deepEqual(await eventAfter('application/json', '{"error":{"message":"overloaded","code":502}}'), [
      'error',
      'overloaded',
    ])
    assert.deepEqual(await eventAfter('application/json', '{"error":null,"choices":[]}'), ['ok', null])
    const choices = [{ index: 0, finish_reason: 'error', error: { message: 'overloaded', code: 502 } }]
    assert.deepEqual(await eventAfter('application/json', JSON.stringify({ choices })), [
      'error',
      'overloaded',
    ])
    const frame = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'so' } }] })}\n\n`
    const named = `${frame}event: error\ndata: {"message":"overloaded"}\n\n`
    assert.deepEqual(await eventAfter('text/event-stream', named), ['error', 'overloaded'])
    // A stream whose head does not say that it is one.
    assert.deepEqual(await eventAfter('text/plain', `${frame}data: [DONE]\n\n`), ['ok', null])
  })

  it('has the error inside a stream, and of a stream that breaks off', async () => {
    const frame =
      'data: {"id":"s","choices":[{"index":0,"delta":{"content":"so "},"finish_reason":null}]}\n\n'
    provider.script(() => (reply) => {
      reply.type('text/event-stream')
      return reply.send(`${frame}data: {"error":{"message":"overloaded"}}\n\n`)
    })
    const inside = await server.call('POST', '/v1/chat/completions', { body: { model: 'm', messages: [] } })
    const failed = await eventOf(inside.headers)
    assert.deepEqual([failed.status, failed.error], ['error', 'overloaded'])
    provider.script(() => (reply) => {
      reply.hijack()
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
      reply.raw.write(frame, () => setTimeout(() => reply.raw.destroy(), 50))
    })
    const broken = await fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.key}` },
      body: '{"model":"m","messages":[]}',
    })
    await assert.rejects(broken.text())
    const event = await eventOf(broken.headers)
    assert.equal(event.status, 'error')
    assert.match(event.error!, /cannot be reached|other side closed/)
    assert.deepEqual(event.response_messages, [{ role: 'assistant', content: 'so ' }])
  })

  it('has what came until the caller hung up', async () => {
    let isEnded = false
    provider.script(() => (reply) => {
      reply.hijack()
      reply.raw.on('close', () => {
        isEnded = true
      })
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
      reply.raw.write('data: {"id":"s","choices":[{"index":0,"delta":{"content":"half of"}}]}\n\n')
    })
    const caller = new AbortController()
    const answer = await fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.key}` },
      body: '{"model":"m","stream":true,"messages":[{"role":"user","content":"a long story"}]}',
      signal: caller.signal,
    })
    await answer.body!.getReader().read()
    caller.abort()
    await eventually(() => isEnded)
    const event = await eventOf(answer.headers)
    assert.equal(event.status, 'cancelled')
    assert.deepEqual(event.request_messages, [user('a long story')])
    assert.deepEqual(event.response_messages, [{ role: 'assistant', content: 'half of' }])
  })

  it('has a call whose provider is away', async () => {
    const away = await startTestServer({ providerUrl: 'http://127.0.0.1:1/v1' })
    try {
      const answer = await away.call('POST', '/v1/chat/completions', {
        body: { model: 'm', messages: [user('hi')] },
      })
      assert.equal(answer.status, 502)
      assert.equal(answer.body.error.code, 'PROVIDER_UNREACHABLE')
      const event = await eventually(async () => (await storedEvents(away.databaseUrl))[0])
      assert.equal(event.event_id, answer.headers.get('x-tramontane-event-id'))
      assert.equal(event.status, 'error')
      assert.match(event.error!, /cannot be reached: ECONNREFUSED/)
    } finally {
      await away.close()
    }
  })

  it('keeps less of what is too long, and says so', async () => {
    provider.script(() => 'ok')
    const { headers } = await server.call('POST', '/v1/chat/completions', {
      body: { model: 'm', messages: [user('x'.repeat(5_000_000)), user('the question')] },
    })
    const event = await eventOf(headers)
    assert.ok(event.request_messages[0].content.length < 100_000)
    assert.match(event.request_messages[0].content, /characters cut\]$/)
    assert.equal(event.request_messages[1].content, 'the question')
    assert.equal(event.metadata.tramontane_truncated, 'true')
  })

  it('keeps what other code could not: deep nesting, NUL, lone surrogates, messages that are none', async () => {
    provider.script(() => ({ status: 200, body: { id: 'r-2', choices: [] } }))
    const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`
    const body = `{"model":"m\\u0000\\ud800","messages":[{"role":"user","content":[${deep}]},7,{"role":"user","content":"\\u0000\\ud800"}]}`
    const { headers, status } = await server.call('POST', '/v1/chat/completions', {
      body,
      headers: { 'content-type': 'application/json' },
    })
    assert.equal(status, 200)
    const event = await eventOf(headers)
    assert.equal(event.request_messages.length, 2)
    assert.match(event.request_messages[0].content, /nested deeper/)
  })

  it('serves the official client', async () => {
    provider.script(({ path }) => `An answer to ${path}`)
    const mistral = new Mistral({ apiKey: server.key, serverURL: server.url })
    const messages = [{ role: 'user' as const, content: 'hi' }]
    const chat = await mistral.chat.complete({ model: 'm', messages, metadata: { a: 'b' } })
    assert.equal(chat.choices[0]!.message!.content, 'An answer to /v1/chat/completions')
    let streamed = ''
    for await (const { data } of await mistral.chat.stream({ model: 'm', messages }))
      streamed += data.choices[0]?.delta.content ?? ''
    assert.equal(streamed, 'An answer to /v1/chat/completions')
    const agent = await mistral.agents.complete({ agentId: 'ag', messages })
    assert.equal(agent.choices[0]!.message!.content, 'An answer to /v1/agents/completions')
    const fim = await mistral.fim.complete({ model: 'm', prompt: 'def' })
    assert.equal(fim.choices[0]!.message!.content, 'An answer to /v1/fim/completions')
    const embedding = await mistral.embeddings.create({ model: 'm', inputs: ['four'] })
    assert.deepEqual(embedding.data[0]!.embedding, [4, 0, 0.5])
    const models = await mistral.models.list()
    assert.match(JSON.stringify(models.data), /scripted-model/)
    await eventually(async () => {
      const events = await storedEvents(server.databaseUrl)
      const said = events.map(({ response_messages }) => response_messages[0]?.content)
      return said.filter((content) => /^An answer to/.test(content)).length === 4
    })
  })

  it('serves the OpenAI client, and its errors', async () => {
    provider.script(() => 'hello')
    const openai = new OpenAI({ apiKey: server.key, baseURL: `${server.url}/v1`, maxRetries: 0 })
    const request = { model: 'm', messages: [{ role: 'user' as const, content: 'hi' }] }
    assert.equal((await openai.chat.completions.create(request)).choices[0]!.message.content, 'hello')
    let streamed = ''
    for await (const chunk of await openai.chat.completions.create({ ...request, stream: true }))
      streamed += chunk.choices[0]?.delta.content ?? ''
    assert.equal(streamed, 'hello')
    const stranger = new OpenAI({ apiKey: 'tmt_unknown', baseURL: `${server.url}/v1`, maxRetries: 0 })
    await assert.rejects(stranger.chat.completions.create(request), (error) => {
      assert.ok(error instanceof OpenAI.AuthenticationError)
      assert.equal(error.code, 'AUTH_UNAUTHORIZED')
      return true
    })
  })
})
