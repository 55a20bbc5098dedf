import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { needsChromium, Studio } from './harness/studio.ts'

const O = '/v1/observability'

/** An answer that comes piece by piece, when the test lets it. */
function pieces(content: string) {
  return { id: 'x', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] }
}

describe('the playground in the studio', needsChromium, () => {
  let server: TestServer
  let provider: ScriptedProvider
  before(async () => {
    provider = await startScriptedProvider()
    server = await startTestServer({ providerUrl: provider.url })
  })
  after(async () => {
    await server.close()
    await provider.close()
  })
  const conversations = async () => (await server.call('GET', '/v1/conversations')).body
  const lastAsked = () => provider.requests.at(-1)!.body

  it('talks with a model, goes on, and puts the conversation into a dataset', async () => {
    provider.script(({ body }) => `You said: ${body.messages.at(-1).content}`)
    const { body: dataset } = await server.call('POST', `${O}/datasets`, {
      body: { name: 'from the playground', description: '' },
    })
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/playground')
    await page.getByText('A new conversation').waitFor()
    await studio.checkAccessibility()
    // The first of the provider's models is there already.
    const model = page.getByLabel('Model, model')
    await eventually(async () => (await model.inputValue()) === 'scripted-model')
    await page.getByRole('button', { name: 'Settings, model' }).click()
    await page.getByLabel('System message').fill('Repeat.')
    await page.getByLabel('Temperature').fill('0.5')
    await page.getByLabel('Max tokens').fill('100')
    await studio.checkAccessibility()
    await page.getByLabel('Message', { exact: true }).fill('hello wind')
    await page.keyboard.press('Enter')
    await page.getByText('You said: hello wind').waitFor()
    await page.getByText(/tokens in/).waitFor()
    assert.deepEqual(lastAsked().messages, [
      { role: 'system', content: 'Repeat.' },
      { role: 'user', content: 'hello wind' },
    ])
    assert.equal(lastAsked().temperature, 0.5)
    assert.equal(lastAsked().max_tokens, 100)
    await page.waitForURL(/left=/)
    await page.getByLabel('Message', { exact: true }).fill('and rain')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText('You said: and rain').waitFor()
    assert.equal(lastAsked().messages.length, 4)
    await studio.checkAccessibility()
    const [kept] = await conversations()
    assert.equal(kept.name, 'hello wind')

    await page.getByRole('button', { name: 'Add to a dataset…' }).click()
    await studio.choose(page.getByLabel('Dataset', { exact: true }), 'from the playground')
    await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByText('1 record imported').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()
    // From now on with one click.
    await page.getByRole('button', { name: 'Add to “from the playground”' }).click()
    await page.getByText('1 conversation added to “from the playground”.', { exact: true }).waitFor()
    const { body } = await server.call('GET', `${O}/datasets/${dataset.id}/records`)
    assert.deepEqual(
      body.records.results.map(
        (record: { payload: { messages: unknown[] } }) => record.payload.messages.length,
      ),
      [5, 5],
    )

    // Earlier ones are there again, after a reload too. Nothing is sent before their settings are there.
    const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>()
    await page.route(`**/v1/conversations/${kept.id}`, async (route) => {
      await mayAnswer
      await route.continue()
    })
    await page.reload()
    await page.getByText('You said: and rain').waitFor()
    await page.getByLabel('Message', { exact: true }).fill('and snow')
    await page.keyboard.press('Enter')
    answer()
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText('You said: and snow').waitFor()
    assert.equal(lastAsked().temperature, 0.5)

    // Another system message makes a new one of it.
    await page.getByRole('button', { name: 'New' }).click()
    await page.getByText('A new conversation').waitFor()
    await page.getByRole('button', { name: /hello wind scripted-model/ }).click()
    await page.getByText('You said: and rain').waitFor()
    await page.getByRole('button', { name: 'Settings, model' }).click()
    await page.getByLabel('System message').fill('Repeat loudly.')
    await page.getByText('goes on as a new conversation').waitFor()
    await page.getByLabel('Message', { exact: true }).fill('third')
    await page.keyboard.press('Enter')
    await page.getByText('You said: third').waitFor()
    assert.deepEqual(lastAsked().messages[0], { role: 'system', content: 'Repeat loudly.' })
    assert.equal(lastAsked().messages.length, 8)
    await eventually(async () => (await conversations()).length === 2)
    await studio.close()
  })

  it('shows an answer as it comes, and stops it without losing what has come', async () => {
    let goOn = (..._: string[]) => {}
    provider.script(() => (reply) => {
      reply.hijack()
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
      goOn = (...contents) =>
        reply.raw.write(contents.map((content) => `data: ${JSON.stringify(pieces(content))}\n\n`).join(''))
      goOn('First piece')
    })
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/playground')
    await eventually(async () => (await page.getByLabel('Model, model').inputValue()) !== '')
    await page.getByLabel('Message', { exact: true }).fill('tell me slowly')
    await page.keyboard.press('Enter')
    await page.getByText('First piece', { exact: true }).waitFor()
    // Pieces that come together are all shown, though no other follows.
    goOn(', second', ' piece')
    await page.getByText('First piece, second piece').waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText('This answer was stopped.').waitFor()
    await page.getByText('First piece, second piece').waitFor()
    await studio.checkAccessibility()

    provider.script(() => 'And the rest.')
    await page.getByLabel('Message', { exact: true }).fill('go on')
    await page.keyboard.press('Enter')
    await page.getByText('And the rest.').waitFor()
    assert.deepEqual(
      lastAsked().messages.map(({ content }: { content: string }) => content),
      ['tell me slowly', 'First piece, second piece', 'go on'],
    )
    await studio.close()
  })

  it('asks two models side by side, and finds both again', async () => {
    provider.script(({ body }) => `I am ${body.model}`)
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/playground?compare=true')
    await eventually(async () => (await page.getByLabel('Model, second model').inputValue()) !== '')
    await page.getByLabel('Model, first model').fill('model-a')
    await page.getByLabel('Model, second model').fill('model-b')
    await page.getByLabel('Message', { exact: true }).fill('who are you')
    await page.keyboard.press('Enter')
    const panes = page.getByRole('region')
    await panes.filter({ hasText: 'I am model-a' }).first().waitFor()
    await panes.filter({ hasText: 'I am model-b' }).first().waitFor()
    await page.waitForURL(/left=.*right=|right=.*left=/)
    await studio.checkAccessibility()
    await page.getByRole('button', { name: 'One model' }).click()
    await page.getByText('I am model-b').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'New' }).click()
    await page.getByText('I am model-a').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: /who are you model-a/ }).click()
    await page.getByText('I am model-a').waitFor()
    await page.getByText('I am model-b').waitFor()

    await page.getByRole('button', { name: 'Delete who are you' }).first().click()
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText('The conversation was deleted.', { exact: true }).waitFor()
    await studio.close()
  })

  it('leaves what is under way for a new conversation, and nothing of it comes back', async () => {
    let isHeld = true
    provider.script(({ body }) => {
      if (!isHeld || body.model === 'model-a') return `I am ${body.model}`
      return (reply) => {
        reply.hijack()
        reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
        reply.raw.write(`data: ${JSON.stringify(pieces('So far'))}\n\n`)
      }
    })
    const studio = await Studio.open(server)
    const { page } = studio
    const message = page.getByLabel('Message', { exact: true })
    const isNew = () =>
      eventually(
        async () =>
          (await page.getByText('A new conversation').count()) === 2 && !/left=|right=/.test(page.url()),
      )
    await studio.goto('/playground?compare=true')
    await eventually(async () => (await page.getByLabel('Model, second model').inputValue()) !== '')
    await page.getByLabel('Model, first model').fill('model-a')
    await page.getByLabel('Model, second model').fill('model-b')
    await message.fill('a first question')
    await page.keyboard.press('Enter')
    await page.waitForURL(/left=/)
    await page.getByText('So far').waitFor()
    await page.getByRole('button', { name: 'New' }).click()
    await isNew()

    // Both answers are whole, and only what is read of them afterwards is slow.
    isHeld = false
    let letGo = () => {}
    const gate = new Promise<void>((resolve) => {
      letGo = resolve
    })
    let asked = 0
    await page.route('**/v1/conversations/*/history', async (route) => {
      asked++
      await gate
      await route.continue()
    })
    await message.fill('a second question')
    await page.keyboard.press('Enter')
    await eventually(() => asked === 2)
    assert.deepEqual(
      provider.requests.slice(-2).map(({ body }) => body.messages.length),
      [1, 1],
    )
    await page.getByRole('button', { name: 'New' }).click()
    await isNew()
    const arrived = [page.waitForResponse(/history$/), page.waitForResponse(/conversations\?/)]
    letGo()
    await Promise.all(arrived)
    await isNew()
    await message.fill('a third question')
    await page.keyboard.press('Enter')
    await page.waitForURL(/left=.*right=|right=.*left=/)
    const said = page.getByRole('list', { name: /Conversation/ })
    await eventually(async () => (await said.getByText('a third question').count()) === 2)
    assert.equal(
      await page
        .getByRole('list', { name: /Conversation/ })
        .getByText('a second')
        .count(),
      0,
    )
    await studio.close()
  })

  it('says what the provider refuses, and gives back what was written', async () => {
    provider.script(() => ({ status: 400, body: { error: { message: 'no such model here' } } }))
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/playground')
    await page.getByLabel('Model, model').fill('unknown-model')
    await page.getByLabel('Message', { exact: true }).fill('are you there')
    await page.keyboard.press('Enter')
    await page
      .getByRole('alert')
      .getByText(/no such model here/)
      .waitFor()
    await eventually(
      async () => (await page.getByLabel('Message', { exact: true }).inputValue()) === 'are you there',
    )
    await studio.checkAccessibility()
    await studio.close()
  })

  it('hands the results of calls to a model that waits for them', async () => {
    provider.script(() => ({
      status: 200,
      body: {
        id: 'x',
        object: 'chat.completion',
        created: 1,
        model: 'scripted-model',
        choices: [
          {
            index: 0,
            finish_reason: 'tool_calls',
            message: {
              role: 'assistant',
              content: '',
              tool_calls: [
                { id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '{}' } },
              ],
            },
          },
        ],
        usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
      },
    }))
    const { body: started } = await server.call('POST', '/v1/conversations', {
      body: { model: 'scripted-model', inputs: 'look it up' },
    })
    provider.script(() => 'It was found.')
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto(`/playground?left=${started.conversation_id}`)
    await page.getByLabel('Result of look_up').fill('42')
    // The conversation is read again after the answer: its settings come last.
    const settings = Promise.withResolvers<void>()
    await page.route(`**/v1/conversations/${started.conversation_id}`, async (route) => {
      if (route.request().method() === 'GET') await settings.promise
      await route.continue()
    })
    const kept = page.waitForResponse((response) => response.url().endsWith('/history'))
    await page.getByRole('button', { name: 'Send the results' }).click()
    await (await kept).finished()
    await page.evaluate(() => new Promise((resolve) => setTimeout(() => requestAnimationFrame(resolve))))
    await page.getByText('It was found.').waitFor()
    settings.resolve()
    await page.getByRole('status').getByText('tokens in').waitFor()
    await page.getByText('It was found.').waitFor()
    assert.deepEqual(lastAsked().messages.at(-1), { role: 'tool', tool_call_id: 'call_1', content: '42' })
    await studio.close()
  })

  it('lets a reader read', async () => {
    const [one] = await conversations()
    const studio = await Studio.open(server, { key: await server.makeKey('read') })
    await studio.goto(`/playground?left=${one.id}`)
    await studio.page.getByRole('list', { name: /Conversation/ }).waitFor()
    assert.equal(await studio.page.getByLabel('Message', { exact: true }).count(), 0)
    await studio.close()
  })
})

describe('the playground without a provider', needsChromium, () => {
  it('names the setting that is missing', async () => {
    const server = await startTestServer()
    const studio = await Studio.open(server)
    await studio.goto('/playground')
    await studio.page.getByText(/set TRAMONTANE_PROVIDER_URL/).waitFor()
    await studio.checkAccessibility()
    await studio.close()
    await server.close()
  })
})
