import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { importQuestions, makeJudge } from '@tramontane/testkit/campaign-scenario'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'

const path = '/v1/observability/judges'
const output = { options: ['good', 'bad'].map((value) => ({ value, description: '' })) }

describe('what helps to write judges', () => {
  let provider: ScriptedProvider
  let server: TestServer
  before(async () => {
    provider = await startScriptedProvider(() => '{"analysis": "", "answer": "good"}')
    server = await startTestServer({ providerUrl: provider.url })
  })
  after(async () => {
    await server.close()
    await provider.close()
  })

  it('is the exact prompt that judging sends', async () => {
    const [event_id] = await importQuestions(server, 'preview', 1)
    const instructions = 'Of {{ properties.run }}: is {{ assistant_message }} good?'
    const preview = await server.call('POST', `${path}/prompt-preview`, {
      body: { instructions, output, event_id },
    })
    assert.equal(preview.status, 200, JSON.stringify(preview.body))
    assert.match(preview.body.user, /^Of preview: is An answer\. good\?/)
    assert.equal(provider.requests.length, 0)
    const judge_definition = {
      name: 'A judge of previews',
      description: '',
      model_name: 'scripted-model',
      output,
      instructions,
      tools: [],
    }
    const target = `/v1/observability/chat-completion-events/${event_id}/live-judging`
    assert.equal((await server.call('POST', target, { body: { judge_definition } })).status, 200)
    const { messages } = provider.requests[0]!.body
    assert.deepEqual(messages, [
      { role: 'system', content: preview.body.system },
      { role: 'user', content: preview.body.user },
    ])
  })

  it('takes a conversation as well, and says what is wrong', async () => {
    const messages = [
      { role: 'user', content: 'hello' },
      { role: 'assistant', content: 'hi' },
    ]
    const preview = (body: object) =>
      server.call('POST', `${path}/prompt-preview`, { body: { instructions: 'Polite?', output, ...body } })
    assert.match((await preview({ messages })).body.user, /hello[\s\S]*hi/)
    for (const [body, code] of [
      [{}, 'VALIDATION_ERROR'],
      [{ messages, event_id: 'x' }, 'VALIDATION_ERROR'],
      [{ event_id: crypto.randomUUID() }, 'SEARCH_NOT_FOUND'],
      [{ messages: messages.slice(0, 1) }, 'JUDGE_CONVERSATION_FORMAT_ERROR'],
      [{ messages, instructions: '{{ unclosed' }, 'TEMPLATE_SYNTAX_ERROR'],
    ] as const)
      assert.equal((await preview(body)).body.detail.error_code, code)
  })

  it('lists the contents that a judge has had', async () => {
    const id = await makeJudge(server, { instructions: 'Version 1' })
    const { id: _, ...judge } = (await server.call('GET', `${path}/${id}`)).body
    for (const version of [2, 3, 4])
      await server.call('PUT', `${path}/${id}`, { body: { ...judge, instructions: `Version ${version}` } })
    const list = async (query: string, of = id) =>
      (await server.call('GET', `${path}/${of}/revisions?${query}`)).body.revisions
    const first = await list('page_size=3')
    assert.deepEqual(
      first.results.map((one: { instructions: string }) => one.instructions),
      ['Version 4', 'Version 3', 'Version 2'],
    )
    assert.deepEqual([first.count, first.results[0].id], [4, id])
    assert.equal((await list('page_size=3&page=2')).results[0].instructions, 'Version 1')
    assert.equal((await list('', first.results[1].id)).count, 3, 'from an old one back')
    const key = await server.makeKey('admin', 'other judges')
    const refused = await server.call('GET', `${path}/${id}/revisions`, { key })
    assert.equal(refused.body.detail.error_code, 'JUDGE_NOT_FOUND')
  })
})
