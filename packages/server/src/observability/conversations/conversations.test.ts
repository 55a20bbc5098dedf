import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, beforeEach, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { Mistral as Mistral264 } from 'mistralai-2.6.4'
import { Mistral as Mistral270 } from 'mistralai-2.7.0'
import pg from 'pg'

const weather = {
  type: 'function' as const,
  function: {
    name: 'weather',
    description: 'The weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  },
}

/** A chat completion that calls `weather`, whole or as a stream whose arguments come in two pieces. */
function weatherCall(stream: boolean) {
  const call = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }
  const usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 }
  const base = { id: 'scripted-call', created: 0, model: 'scripted-model' }
  if (!stream) {
    const message = { role: 'assistant', content: null, tool_calls: [call] }
    return {
      status: 200,
      body: {
        ...base,
        object: 'chat.completion',
        choices: [{ index: 0, finish_reason: 'tool_calls', message }],
        usage,
      },
    }
  }
  const deltas = [
    { tool_calls: [{ index: 0, ...call, function: { name: 'weather', arguments: '{"city":' } }] },
    { tool_calls: [{ index: 0, function: { arguments: '"Oslo"}' } }] },
  ]
  const frames = deltas.map((delta) => ({ ...base, choices: [{ index: 0, delta, finish_reason: null }] }))
  const last = { ...base, choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }], usage }
  return (reply: { type(type: string): { send(body: string): unknown } }) =>
    reply
      .type('text/event-stream')
      .send(
        `${[...frames, last].map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join('')}data: [DONE]\n\n`,
      )
}

describe('conversations', () => {
  let provider: ScriptedProvider
  let server: TestServer
  let database: pg.Client

  before(async () => {
    provider = await startScriptedProvider()
    server = await startTestServer({ providerUrl: provider.url })
    database = new pg.Client({ connectionString: server.databaseUrl })
    await database.connect()
  })
  after(async () => {
    await database.end()
    await server.close()
    await provider.close()
  })
  beforeEach(() => {
    provider.script(() => 'Scripted: yes.')
    provider.requests.length = 0
  })

  const post = (path: string, body: unknown, headers = {}) =>
    server.call('POST', `/v1/conversations${path}`, { body, headers })
  const get = (path: string) => server.call('GET', `/v1/conversations${path}`)
  const startOne = async (more: object = {}) =>
    (await post('', { model: 'scripted-model', inputs: 'Hello?', ...more })).body.conversation_id as string
  /** The events of a conversation, oldest first. */
  const eventsOf = async (id: string) => {
    const { rows } = await database.query(
      `select * from events where source = 'conversation' and metadata::text like '%' || $1 || '%' order by event_id`,
      [id],
    )
    return rows
  }

  for (const [version, Mistral] of [
    ['2.6.4', Mistral264],
    ['2.7.0', Mistral270],
  ] as const) {
    describe(`through the official client ${version}`, () => {
      const client = () => new Mistral({ apiKey: server.key, serverURL: server.url }).beta.conversations

      it('starts, appends, reads, lists, restarts and deletes', async () => {
        const started = await client().start({
          model: 'scripted-model',
          inputs: 'What is the tramontane?',
          instructions: 'Be brief.',
          name: `with ${version}`,
          metadata: { team: version },
          completionArgs: { temperature: 0.2, randomSeed: 7, maxTokens: 50, stop: ['END'] },
        })
        assert.equal(started.outputs[0]?.type, 'message.output')
        assert.equal((started.outputs[0] as { content: string }).content, 'Scripted: yes.')
        assert.ok(started.usage.totalTokens! > 0)
        assert.deepEqual(provider.requests[0]!.body, {
          model: 'scripted-model',
          stream: false,
          messages: [
            { role: 'system', content: 'Be brief.' },
            { role: 'user', content: 'What is the tramontane?' },
          ],
          temperature: 0.2,
          seed: 7,
          max_tokens: 50,
          stop: ['END'],
        })

        const { conversationId } = started
        provider.script(() => 'A wind.')
        await client().append({ conversationId, conversationAppendRequest: { inputs: 'And?' } })
        assert.deepEqual(
          provider.requests[1]!.body.messages.map((message: { content: string }) => message.content),
          ['Be brief.', 'What is the tramontane?', 'Scripted: yes.', 'And?'],
        )
        const fetched = await client().get({ conversationId })
        assert.equal((fetched as { model: string }).model, 'scripted-model')
        assert.deepEqual(fetched.metadata, { team: version })

        const history = await client().getHistory({ conversationId })
        assert.deepEqual(
          history.entries.map((item) => [item.type, 'content' in item && item.content]),
          [
            ['message.input', 'What is the tramontane?'],
            ['message.output', 'Scripted: yes.'],
            ['message.input', 'And?'],
            ['message.output', 'A wind.'],
          ],
        )
        const messages = await client().getMessages({ conversationId })
        assert.equal(messages.messages.length, 4)

        const listed = await client().list({ metadata: { team: version } })
        assert.deepEqual(
          listed.map((item) => item.id),
          [conversationId],
        )

        const restarted = await client().restart({
          conversationId,
          conversationRestartRequest: { fromEntryId: history.entries[1]!.id!, inputs: 'Why?' },
        })
        assert.notEqual(restarted.conversationId, conversationId)
        const fork = await client().getHistory({ conversationId: restarted.conversationId })
        assert.deepEqual(
          fork.entries.map((item) => 'content' in item && item.content),
          ['What is the tramontane?', 'Scripted: yes.', 'Why?', 'A wind.'],
        )
        assert.equal((await client().getHistory({ conversationId })).entries.length, 4)

        await client().delete({ conversationId })
        await assert.rejects(client().get({ conversationId }), { statusCode: 404 })
      })

      it('streams start, append and restart, and keeps what was streamed', async () => {
        const kinds: string[] = []
        let text = ''
        let conversationId = ''
        const collect = async (stream: AsyncIterable<{ event: string; data: unknown }>) => {
          kinds.length = 0
          text = ''
          for await (const { data } of stream) {
            const event = data as { type: string; content?: string; conversationId?: string; usage?: object }
            if (kinds.at(-1) !== event.type) kinds.push(event.type)
            text += event.content ?? ''
            conversationId = event.conversationId ?? conversationId
          }
        }
        const whole = ['conversation.response.started', 'message.output.delta', 'conversation.response.done']
        await collect(await client().startStream({ model: 'scripted-model', inputs: 'Hello?' }))
        assert.deepEqual(kinds, whole)
        assert.equal(text, 'Scripted: yes.')
        assert.deepEqual(provider.requests[0]!.body.stream_options, { include_usage: true })
        const first = conversationId
        await collect(
          await client().appendStream({
            conversationId: first,
            conversationAppendStreamRequest: { inputs: 'More' },
          }),
        )
        assert.deepEqual(kinds, whole)
        const { entries } = await client().getHistory({ conversationId: first })
        assert.equal(entries.length, 4)
        await collect(
          await client().restartStream({
            conversationId: first,
            conversationRestartStreamRequest: { fromEntryId: entries[0]!.id! },
          }),
        )
        assert.deepEqual(kinds, whole)
        assert.notEqual(conversationId, first)
        assert.equal((await client().getHistory({ conversationId })).entries.length, 2)
      })

      it('hands function calls to the caller and takes the results', async () => {
        for (const stream of [false, true]) {
          provider.script(() => weatherCall(stream))
          const inputs = 'The weather in Oslo?'
          let conversationId = ''
          if (stream) {
            let args = ''
            const events = await client().startStream({ model: 'scripted-model', inputs, tools: [weather] })
            for await (const { data } of events) {
              if (data.type === 'function.call.delta') args += data.arguments
              if (data.type === 'function.call.delta') assert.equal(data.toolCallId, 'call_1')
              if (data.type === 'conversation.response.started') conversationId = data.conversationId
              if (data.type === 'conversation.response.done') assert.equal(data.usage.totalTokens, 18)
            }
            assert.equal(args, '{"city":"Oslo"}')
          } else {
            const started = await client().start({
              model: 'scripted-model',
              inputs,
              tools: [weather],
              completionArgs: { toolChoice: 'any' },
            })
            const [call] = started.outputs
            assert.equal(call?.type, 'function.call')
            assert.equal((call as { arguments: string }).arguments, '{"city":"Oslo"}')
            assert.equal(provider.requests.at(-1)!.body.tool_choice, 'required')
            conversationId = started.conversationId
          }
          provider.script(() => 'Rain.')
          const done = await client().append({
            conversationId,
            conversationAppendRequest: {
              inputs: [{ type: 'function.result', toolCallId: 'call_1', result: '{"sky":"rain"}' }],
            },
          })
          assert.equal((done.outputs[0] as { content: string }).content, 'Rain.')
          assert.deepEqual(provider.requests.at(-1)!.body.messages.slice(1), [
            {
              role: 'assistant',
              content: '',
              tool_calls: [
                {
                  id: 'call_1',
                  type: 'function',
                  function: { name: 'weather', arguments: '{"city":"Oslo"}' },
                },
              ],
            },
            { role: 'tool', tool_call_id: 'call_1', content: '{"sky":"rain"}' },
          ])
          const events = await eventsOf(conversationId)
          assert.deepEqual(
            events.map((event) => event.invoked_tools),
            [['weather'], []],
          )
        }
      })
    })
  }

  it('records each turn as an event before it answers', async () => {
    const answer = await post(
      '',
      { model: 'scripted-model', inputs: 'Hello?', metadata: { team: 'blue', level: 3 } },
      { 'x-correlation-id': 'trace-7' },
    )
    assert.equal(answer.headers.get('x-correlation-id'), 'trace-7')
    const [event, ...others] = await eventsOf(answer.body.conversation_id)
    assert.equal(others.length, 0)
    assert.equal(event.status, 'ok')
    assert.equal(event.correlation_id, 'trace-7')
    assert.equal(event.model_name, 'scripted-model')
    assert.deepEqual(event.metadata, {
      team: 'blue',
      level: '3',
      conversation_id: answer.body.conversation_id,
    })
    assert.equal(event.input_tokens, answer.body.usage.prompt_tokens)
  })

  it('refuses by name what only the vendor has', async () => {
    const base = { model: 'scripted-model', inputs: 'Hello?' }
    for (const body of [
      { inputs: 'Hello?', agent_id: 'ag_1' },
      { ...base, tools: [{ type: 'web_search' }] },
      { ...base, tools: [{ type: 'connector', connector_id: 'c' }] },
      { ...base, guardrails: [{ block_on_error: true }] },
      { ...base, inputs: [{ type: 'agent.handoff', previous_agent_id: 'a' }] },
      { ...base, inputs: [{ role: 'user', content: [{ type: 'tool_file', tool: 'x', file_id: 'y' }] }] },
    ]) {
      const refused = await post('', body)
      assert.equal(refused.status, 400, JSON.stringify(body))
      assert.equal(refused.body.detail.error_code, 'FEATURE_NOT_SUPPORTED')
    }
    assert.equal(provider.requests.length, 0)
  })

  it('answers bad input with 422 as the official clients read it, and asks no model', async () => {
    const id = await startOne()
    provider.requests.length = 0
    const result = { type: 'function.result', tool_call_id: 'nobody', result: '' }
    for (const [path, body] of [
      ['', { inputs: 'no model' }],
      ['', { model: 'scripted-model' }],
      ['', { model: 'scripted-model', inputs: [{ role: 'robot', content: 'x' }] }],
      ['', { model: 'scripted-model', inputs: 'x', completion_args: { temperature: 3 } }],
      [`/${id}`, { inputs: [result] }],
    ] as const) {
      const refused = await post(path, body)
      assert.equal(refused.status, 422, JSON.stringify(body))
      assert.equal(refused.body.detail[0].loc[0], 'body')
    }
    assert.equal(provider.requests.length, 0)
    assert.equal((await get(`/${id}/history`)).body.entries.length, 2)
  })

  it('keeps workspaces apart, and takes no id for a query', async () => {
    const id = await startOne()
    const key = await server.makeKey('admin', 'conversations of another team')
    for (const path of [`/${id}`, `/${id}/history`, `/${id}/messages`])
      assert.equal((await server.call('GET', `/v1/conversations${path}`, { key })).status, 404)
    assert.equal((await server.call('DELETE', `/v1/conversations/${id}`, { key })).status, 404)
    assert.deepEqual((await server.call('GET', '/v1/conversations', { key })).body, [])
    const odd = await get(`/${encodeURIComponent("x' or 1=1")}`)
    assert.equal(odd.status, 404)
    assert.equal(odd.body.detail.error_code, 'CONVERSATION_NOT_FOUND')
    const unknown = await post(`/${id}/restart`, { from_entry_id: 'nothing' })
    assert.equal(unknown.body.detail.error_code, 'CONVERSATION_ENTRY_NOT_FOUND')
    const reader = await server.makeKey('read')
    assert.equal((await server.call('GET', `/v1/conversations/${id}`, { key: reader })).status, 200)
    assert.equal((await server.call('DELETE', `/v1/conversations/${id}`, { key: reader })).status, 403)
  })

  it('leaves a conversation as it was when its model fails, and records why', async () => {
    const id = await startOne()
    for (const [status, code, answered] of [
      [400, 'PROVIDER_REFUSED', 400],
      [401, 'PROVIDER_ERROR', 502],
      [429, 'PROVIDER_RATE_LIMITED', 429],
      [500, 'PROVIDER_ERROR', 502],
    ] as const) {
      for (const stream of [false, true]) {
        provider.script(() => ({ status, body: { error: { message: 'scripted refusal' } } }))
        const failed = await post(`/${id}`, { inputs: 'x', stream })
        assert.equal(failed.status, answered)
        assert.equal(failed.body.detail.error_code, code)
        assert.match(failed.body.detail.message, /scripted refusal/)
      }
    }
    assert.equal((await get(`/${id}/history`)).body.entries.length, 2)
    const events = await eventsOf(id)
    assert.deepEqual(
      events.map((event) => event.status),
      ['ok', ...Array(8).fill('error')],
    )
    assert.match(events.at(-1).error, /scripted refusal/)
    provider.script(() => 'Back.')
    assert.equal((await post(`/${id}`, { inputs: 'again' })).status, 200)
  })

  it('tells of a stream that breaks in its last event', async () => {
    const id = await startOne()
    provider.script(() => (reply) => {
      reply.hijack()
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
      reply.raw.write(
        `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content: 'Half' } }] })}\n\n`,
      )
      setTimeout(() => reply.raw.destroy(), 50)
    })
    const broken = await post(`/${id}`, { inputs: 'x', stream: true })
    assert.match(broken.body, /event: conversation.response.error\ndata: .*"code":502/)
    assert.equal((await get(`/${id}/history`)).body.entries.length, 2)
    const last = (await eventsOf(id)).at(-1)
    assert.equal(last.status, 'error')
    assert.equal(last.response_messages_preview, 'Half')
  })

  it('refuses a second append while one is under way, and never interleaves', async () => {
    const id = await startOne()
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    provider.script(async () => {
      await held
      return 'slow'
    })
    const first = post(`/${id}`, { inputs: 'first' })
    await eventually(() => provider.requests.length === 2)
    const second = await post(`/${id}`, { inputs: 'second' })
    assert.equal(second.status, 409)
    assert.equal(second.body.detail.error_code, 'CONVERSATION_BUSY')
    release()
    assert.equal((await first).status, 200)
    assert.equal((await post(`/${id}`, { inputs: 'third' })).status, 200)
    const { entries } = (await get(`/${id}/history`)).body
    assert.deepEqual(
      entries.map((item: { content: string }) => item.content),
      ['Hello?', 'Scripted: yes.', 'first', 'slow', 'third', 'slow'],
    )
  })

  it('ends the call upstream when the caller hangs up, and keeps the conversation usable', async () => {
    const id = await startOne()
    for (const stream of [false, true]) {
      let upstreamClosed: Promise<unknown> = Promise.resolve()
      provider.script(() => (reply) => {
        reply.hijack()
        if (stream) {
          reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
          const piece = { id: 'x', choices: [{ index: 0, delta: { content: 'Partly' } }] }
          reply.raw.write(`data: ${JSON.stringify(piece)}\n\n`)
        }
        upstreamClosed = once(reply.raw, 'close')
      })
      const asked = provider.requests.length
      const hangUp = new AbortController()
      const call = fetch(`${server.url}/v1/conversations/${id}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ inputs: 'x', stream }),
        signal: hangUp.signal,
      }).then((response) => response.text())
      await eventually(() => provider.requests.length > asked)
      setTimeout(() => hangUp.abort(), 50)
      await assert.rejects(call)
      await upstreamClosed
      const cancelled = await eventually(async () =>
        (await eventsOf(id)).filter((event) => event.status === 'cancelled').at(stream ? 1 : 0),
      )
      assert.equal(cancelled.response_messages_preview ?? '', stream ? 'Partly' : '')
      provider.script(() => 'Still here.')
      await eventually(async () => (await post(`/${id}`, { inputs: 'again' })).status === 200)
    }
  })

  it('keeps nothing with store: false', async () => {
    const started = await post('', { model: 'scripted-model', inputs: 'A secret', store: false })
    assert.equal(started.status, 200)
    assert.equal(started.body.outputs[0].content, 'Scripted: yes.')
    assert.equal((await get(`/${started.body.conversation_id}`)).status, 404)
    assert.equal((await eventsOf(started.body.conversation_id)).length, 0)
    const id = await startOne()
    assert.equal((await post(`/${id}`, { inputs: 'A secret', store: false })).status, 200)
    assert.equal((await get(`/${id}/history`)).body.entries.length, 2)
    assert.equal((await post(`/${id}`, { inputs: 'not a secret' })).status, 200)
  })

  it('pages through the list from page 0, newest first', async () => {
    const metadata = { series: 'paged' }
    const ids = [await startOne({ metadata }), await startOne({ metadata }), await startOne({ metadata })]
    const query = `metadata=${encodeURIComponent(JSON.stringify(metadata))}&page_size=2`
    const page = async (number: number) =>
      (await get(`?${query}&page=${number}`)).body.map((item: { id: string }) => item.id)
    assert.deepEqual(await page(0), [ids[2], ids[1]])
    assert.deepEqual(await page(1), [ids[0]])
    assert.deepEqual(await page(2), [])
    assert.equal((await get('?metadata=%5B1')).status, 422)
    const unset = encodeURIComponent('"~?~unset~?~sentinel~?~"')
    for (const none of ['', 'null', unset]) assert.equal((await get(`?metadata=${none}`)).status, 200)
  })

  it('stores NUL and lone surrogates', async () => {
    const odd = 'a\0b\ud800c'
    const started = await post('', {
      model: 'scripted-model',
      inputs: odd,
      name: odd,
      metadata: { [odd]: odd },
    })
    assert.equal(started.status, 200)
    const { entries } = (await get(`/${started.body.conversation_id}/history`)).body
    assert.equal(entries[0].content, odd)
    assert.equal(
      (await get(`?metadata=${encodeURIComponent(JSON.stringify({ [odd]: odd }))}`)).body.length,
      1,
    )
  })

  it('survives a restart of the server', async () => {
    const id = await startOne()
    await server.restart()
    assert.equal((await post(`/${id}`, { inputs: 'Still there?' })).status, 200)
    assert.equal((await get(`/${id}/history`)).body.entries.length, 4)
  })
})

describe('conversations without a provider', () => {
  it('say which setting is missing', async () => {
    const server = await startTestServer()
    try {
      const refused = await server.call('POST', '/v1/conversations', { body: { model: 'm', inputs: 'x' } })
      assert.equal(refused.status, 503)
      assert.equal(refused.body.detail.error_code, 'PROVIDER_NOT_CONFIGURED')
      assert.match(refused.body.detail.message, /TRAMONTANE_PROVIDER_URL/)
    } finally {
      await server.close()
    }
  })
})
