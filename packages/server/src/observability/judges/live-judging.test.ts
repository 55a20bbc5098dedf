import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { Mistral } from 'mistralai-2.6.4'

const path = '/v1/observability/judges'
const GOOD = JSON.stringify({ analysis: 'It is right.', answer: 'good' })
const messages = [
  { role: 'system', content: 'Be short.' },
  { role: 'user', content: 'Hello?' },
  { role: 'assistant', content: 'Hello!' },
  { role: 'user', content: [{ type: 'text', text: 'What is 2+2?' }] },
  { role: 'assistant', content: 'It is 4.' },
]
let counter = 0

function definition(changes: Record<string, unknown> = {}) {
  return {
    name: `Live judge ${++counter}`,
    description: '',
    model_name: 'scripted-model',
    output: {
      options: [
        { value: 'good', description: 'It helps.' },
        { value: 'bad', description: '' },
      ],
    },
    instructions: 'Say whether the answer is good.',
    tools: [],
    ...changes,
  }
}

describe('live judging', () => {
  let provider: ScriptedProvider
  let server: TestServer
  before(async () => {
    provider = await startScriptedProvider()
    server = await startTestServer({ providerUrl: provider.url, providerApiKey: 'provider-key' })
  })
  after(async () => {
    await server.close()
    await provider.close()
  })
  beforeEach(() => {
    provider.script(() => GOOD)
    provider.requests.length = 0
  })

  async function judge(changes: Record<string, unknown> = {}, body: Record<string, unknown> = { messages }) {
    const made = await server.call('POST', path, { body: definition(changes) })
    assert.equal(made.status, 201, JSON.stringify(made.body))
    return server.call('POST', `${path}/${made.body.id}/live-judging`, { body })
  }
  const asked = () => provider.requests.at(-1)!.body
  const prompt = () => asked().messages.at(-1).content as string

  it('answers with an analysis and a label, asked for as structured output', async () => {
    const done = await judge()
    assert.equal(done.status, 200, JSON.stringify(done.body))
    assert.deepEqual(done.body, { analysis: 'It is right.', answer: 'good' })
    const { type, json_schema } = asked().response_format
    assert.equal(type, 'json_schema')
    assert.deepEqual(Object.keys(json_schema.schema.properties), ['analysis', 'answer'])
    assert.deepEqual(json_schema.schema.properties.answer.enum, ['good', 'bad'])
    assert.equal(asked().model, 'scripted-model')
  })

  it('puts the conversation and the definition behind instructions that name neither', async () => {
    await judge({ instructions: 'Say whether it is good.' })
    for (const part of [
      'Say whether it is good.',
      'Be short.',
      'What is 2+2?',
      'It is 4.',
      '"good": It helps.',
    ])
      assert.ok(prompt().includes(part), part)
  })

  it('fills the variables of a template, and adds nothing that it names itself', async () => {
    const instructions =
      'S={{ system_prompt }} H={% for t in conversation_history %}{{ t.role }}:{{ t.content }};{% endfor %} U={{ user_message }} A={{ assistant_message }} P={{ properties.colour }} D={{ answer_type_definition }}'
    await judge({ instructions }, { messages, properties: { colour: 'blue' } })
    const text = prompt()
    assert.ok(
      text.startsWith(
        'S=Be short. H=user:Hello?;assistant:Hello!; U=What is 2+2? A=It is 4. P=blue D=The answer',
      ),
      text,
    )
    assert.ok(!text.includes('<conversation>'))
    assert.equal(text.split('It helps.').length, 2)
  })

  it('asks again for an answer that does not fit, saying why, and then gives up', async () => {
    const answers = ['no JSON', '{"analysis":"","answer":"great"}', GOOD]
    provider.script(() => answers[provider.requests.length - 1]!)
    assert.equal((await judge()).body.answer, 'good')
    assert.equal(provider.requests.length, 3)
    assert.match(prompt(), /"great".*does not fit/)
    provider.script(() => '{"analysis":"","answer":"great"}')
    provider.requests.length = 0
    const refused = await judge()
    assert.equal(refused.status, 400)
    assert.equal(refused.body.detail.error_code, 'JUDGE_MISTRAL_API_ERROR')
    assert.match(refused.body.detail.message, /great/)
    assert.equal(provider.requests.length, 3)
  })

  it('asks in plain words where structured output is refused, and remembers that', async () => {
    const model_name = 'plain-model'
    provider.script(({ body }) =>
      body.response_format
        ? { status: 400, body: { error: { message: 'response_format is not supported' } } }
        : `Here it is:\n\`\`\`json\n${GOOD}\n\`\`\``,
    )
    assert.equal((await judge({ model_name })).body.answer, 'good')
    assert.equal(provider.requests.length, 2)
    assert.equal((await judge({ model_name })).body.answer, 'good')
    assert.equal(provider.requests.length, 3)
  })

  it('takes a number within the range only', async () => {
    provider.script(() => '{"analysis":"","answer":"7"}')
    const output = { min: '0', max: '10', min_description: 'bad', max_description: 'good' }
    assert.equal((await judge({ output })).body.answer, 7)
    const { minimum, maximum } = asked().response_format.json_schema.schema.properties.answer
    assert.deepEqual([minimum, maximum], [0, 10])
    assert.equal(
      (await judge({ output: { ...output, max: 6 } })).body.detail.error_code,
      'JUDGE_MISTRAL_API_ERROR',
    )
  })

  it('says what is wrong with a conversation', async () => {
    for (const bad of [
      [],
      [{ role: 'user', content: 'Hi' }],
      [{ content: 'Hi' }],
      [{ role: 'assistant', content: 5 }],
      [{ role: 'assistant', content: '' }],
    ]) {
      const refused = await judge({}, { messages: bad })
      assert.equal(refused.status, 400, JSON.stringify(bad))
      assert.equal(refused.body.detail.error_code, 'JUDGE_CONVERSATION_FORMAT_ERROR')
    }
    assert.equal((await judge({}, { messages: [[null]] })).status, 422)
    assert.equal(provider.requests.length, 0)
  })

  it('tells failures of the model from time-outs', async () => {
    provider.script(() => ({ status: 500, body: { error: { message: 'out of order' } } }))
    const failed = await judge()
    assert.equal(failed.status, 400)
    assert.equal(failed.body.detail.error_code, 'JUDGE_MISTRAL_API_ERROR')
    assert.match(failed.body.detail.message, /out of order/)
    provider.script(() => ({ status: 408, body: { error: { message: 'too slow' } } }))
    const late = await judge()
    assert.equal(late.status, 408)
    assert.equal(late.body.detail.error_code, 'JUDGE_MISTRAL_API_TIMEOUT')
  })

  it('refuses templates that do not end, and goes on', async () => {
    const instructions = '{% for i in range(30000) %}{% for j in range(30000) %}{% endfor %}{% endfor %}'
    const refused = await judge({ instructions })
    assert.equal(refused.status, 400)
    assert.equal(refused.body.detail.error_code, 'TEMPLATE_SYNTAX_ERROR')
    assert.equal((await judge()).status, 200)
  })

  it('judges an event with a judge that is not saved', async () => {
    const event = {
      model_name: 'm',
      request_messages: messages.slice(0, 4),
      response_messages: [messages[4]],
      metadata: { colour: 'red' },
    }
    const { body } = await server.call('POST', '/v1/observability/chat-completion-events', {
      body: { events: [event] },
    })
    const event_id = body.events?.[0]?.event_id ?? body.event_ids?.[0]
    const judging = `/v1/observability/chat-completion-events/${event_id}/live-judging`
    const judge_definition = definition({ instructions: '{{ properties.colour }} {{ assistant_message }}' })
    const done = await server.call('POST', judging, { body: { judge_definition } })
    assert.equal(done.body.answer, 'good', JSON.stringify(done.body))
    assert.ok(prompt().startsWith('red It is 4.'))
    const { chatCompletionEvents } = new Mistral({ apiKey: server.key, serverURL: server.url }).beta
      .observability
    const official = await chatCompletionEvents.judge({
      eventId: event_id,
      judgeChatCompletionEventRequest: {
        judgeDefinition: {
          name: 'By the client',
          description: '',
          modelName: 'scripted-model',
          output: { type: 'CLASSIFICATION', options: [{ value: 'good', description: '' }] },
          instructions: 'Judge.',
          tools: [],
        },
      },
    })
    assert.deepEqual(official, { analysis: 'It is right.', answer: 'good' })
    for (const id of ['no-uuid', crypto.randomUUID()]) {
      const target = `/v1/observability/chat-completion-events/${id}/live-judging`
      const missing = await server.call('POST', target, { body: { judge_definition } })
      assert.equal(missing.body.detail.error_code, 'SEARCH_NOT_FOUND')
    }
  })

  it('says which setting is missing without a provider', async () => {
    const bare = await startTestServer()
    try {
      const made = await bare.call('POST', path, { body: definition() })
      const refused = await bare.call('POST', `${path}/${made.body.id}/live-judging`, { body: { messages } })
      assert.equal(refused.body.detail.error_code, 'PROVIDER_NOT_CONFIGURED')
      assert.match(refused.body.detail.message, /TRAMONTANE_PROVIDER_URL/)
    } finally {
      await bare.close()
    }
  })
})
