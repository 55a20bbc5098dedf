import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ended, importQuestions, makeJudge, startCampaign } from '@tramontane/testkit/campaign-scenario'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import type { Locator } from 'playwright-core'
import { needsChromium, Studio } from './harness/studio.ts'

/** Writes over what is in an editor, key by key, as people do. */
async function write(editor: Locator, text: string): Promise<void> {
  await editor.click()
  await editor.press('Control+a')
  await editor.pressSequentially(text)
}

const say = (answer: unknown) => JSON.stringify({ analysis: 'It answers <b>nothing</b>.', answer })

describe('judges in the studio', needsChromium, () => {
  let provider: ScriptedProvider
  let server: TestServer
  before(async () => {
    provider = await startScriptedProvider(() => say('helpful'))
    server = await startTestServer({ providerUrl: provider.url })
  })
  after(async () => {
    await server.close()
    await provider.close()
  })

  it('are written, tried on an event with the exact prompt, and saved', async () => {
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/judges')
    await page.getByText('There is no judge yet').waitFor()
    await studio.checkAccessibility()
    const [event] = await importQuestions(server, 'tried', 3)
    await page.getByRole('link', { name: 'Write the first judge' }).click()
    await page.getByRole('heading', { name: 'New judge' }).waitFor()
    assert.ok(await page.getByRole('button', { name: 'Save the judge' }).isDisabled())

    await page.getByLabel('Model').fill('scripted-model')
    const instructions = page.getByRole('textbox', { name: 'Instructions' })
    await write(instructions, 'Is {{ assistant_message }} helpful, in {{ properties.run }}?')
    await page.getByLabel('Class 1', { exact: true }).fill('helpful')
    await page.getByLabel('Class 2', { exact: true }).fill('useless')

    await page.getByRole('button', { name: /question 0\./ }).click()
    assert.match(page.url(), new RegExp(`event=${event}`))
    await page.getByRole('tab', { name: 'Prompt' }).click()
    const prompt = page.getByRole('group', { name: 'User message' })
    await prompt.getByText('Is An answer. helpful, in tried?').waitFor()
    const shown = await prompt.locator('pre').textContent()
    await page.getByRole('button', { name: 'Judge this' }).click()
    await page.getByText('It answers <b>nothing</b>.').waitFor()
    const { messages } = provider.requests.at(-1)!.body
    assert.equal(messages[1].content, shown, 'what was shown is what was sent')
    await studio.checkAccessibility()

    await page.getByRole('button', { name: 'Save the judge' }).click()
    await page.getByText('A name has 5 to 50 characters.').waitFor()
    await page.getByLabel('Name').fill('Helpfulness')
    await instructions.press('Control+End')
    await instructions.pressSequentially(' {{')
    await page.getByRole('button', { name: 'Save the judge' }).click()
    await page.getByText(/not a valid Jinja template/).waitFor()
    // Over text that begins with a colour: of that the browser would make an inline style, see `code/typing.ts`.
    await write(instructions, '{{ assistant_message }} is helpful?')
    await write(instructions, 'Is {{ assistant_message }} helpful?')
    await page.getByRole('button', { name: 'Save the judge' }).click()
    await page.getByRole('heading', { name: 'Helpfulness' }).waitFor()
    assert.match(page.url(), /\/judges\/[0-9a-f-]{36}/)
    await studio.close()
  })

  it('are tried on records of datasets', async () => {
    const dataset = await server.call('POST', '/v1/observability/datasets', {
      body: { name: 'Conversations', description: '' },
    })
    await server.call('POST', `/v1/observability/datasets/${dataset.body.id}/records`, {
      body: {
        payload: {
          messages: [
            { role: 'user', content: 'how high is it' },
            { role: 'assistant', content: 'three metres' },
          ],
        },
        properties: { place: 'Nice' },
      },
    })
    const judge = await makeJudge(server, {
      instructions: 'In {{ properties.place }}?',
      output: { min: 0, max: 10, min_description: '', max_description: '' },
    })
    provider.script(() => say(7))
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto(`/judges/${judge}`)
    await page.getByLabel('Try it on').selectOption('dataset')
    await studio.choose(page.getByLabel('Dataset', { exact: true }), 'Conversations')
    await page.getByRole('button', { name: 'how high is it' }).click()
    await page.getByText('three metres').waitFor()
    await page.getByRole('tab', { name: 'Prompt' }).click()
    await page.getByText('In Nice?').waitFor()
    await page.getByRole('button', { name: 'Judge this' }).click()
    await page.getByRole('status').getByText('7', { exact: true }).waitFor()
    assert.match(page.url(), /record=/)
    await page.reload()
    await page.getByText('three metres').waitFor()
    await studio.close()
  })

  it('keep their revisions, with differences, and can have them back', async () => {
    const judge = await makeJudge(server, { name: 'Of many minds', instructions: 'The first words' })
    const target = `/v1/observability/judges/${judge}`
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto(`/judges/${judge}`)
    await page.getByRole('tab', { name: 'Revisions' }).click()
    await page.getByText('There is one version only').waitFor()
    await page.getByRole('tab', { name: 'Editor' }).click()
    await write(page.getByRole('textbox', { name: 'Instructions' }), 'The second words')
    await page.getByText('Not saved yet').waitFor()
    // Leaving would lose it.
    await page.getByRole('link', { name: 'Campaigns', exact: true }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Go back' }).click()
    await page.getByRole('button', { name: 'Save as a new revision' }).click()
    await page.getByText('Not saved yet').waitFor({ state: 'detached' })
    assert.equal((await server.call('GET', target)).body.instructions, 'The second words')

    await page.getByRole('tab', { name: 'Revisions' }).click()
    await page.getByRole('button', { name: /Version 2, the one in use/ }).waitFor()
    await page.locator('.cm-deletedChunk', { hasText: 'first' }).waitFor()
    await page.locator('.cm-changedLine', { hasText: 'second' }).first().waitFor()
    await studio.checkAccessibility()
    await page.getByRole('button', { name: /^Version 1/ }).click()
    await page.getByRole('button', { name: 'Restore this content' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Restore' }).click()
    await page.getByRole('button', { name: /Version 3, the one in use/ }).waitFor()
    assert.equal((await server.call('GET', target)).body.instructions, 'The first words')
    await studio.close()
  })

  it('show what was saved, also when they cannot be read again', async () => {
    const judge = await makeJudge(server, { name: 'Before it was saved' })
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto(`/judges/${judge}`)
    const name = page.getByLabel('Name', { exact: true })
    await name.fill('After it was saved')
    await page.route(`**/v1/observability/judges/${judge}`, (route) =>
      route.request().method() === 'GET'
        ? route.fulfill({ status: 500, json: { detail: 'It cannot be read now.' } })
        : route.continue(),
    )
    await page.getByRole('button', { name: 'Save as a new revision' }).click()
    await page.getByText('Not saved yet').waitFor({ state: 'detached' })
    await page.getByRole('heading', { name: 'After it was saved' }).waitFor()
    assert.equal(await name.inputValue(), 'After it was saved')
    await studio.close()
  })

  it('say where they are used, and are deleted after a question', async () => {
    provider.script(() => say('good'))
    await importQuestions(server, 'used', 4)
    const judge = await makeJudge(server, { name: 'A used judge' })
    await ended(server, await startCampaign(server, 'used', judge, { name: 'A campaign of its own' }))
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/judges?q=used')
    const row = page.getByRole('row', { name: /A used judge/ })
    await row.getByText('1 campaign').waitFor()
    await row.getByRole('cell', { name: '4', exact: true }).waitFor()
    assert.equal(await page.getByRole('row').count(), 2, 'the others have another name')
    await studio.checkAccessibility()
    await row.getByRole('link', { name: '1 campaign' }).click()
    await page.getByRole('link', { name: 'A campaign of its own' }).waitFor()
    await studio.checkAccessibility()
    await page.getByRole('button', { name: 'Delete this judge' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('heading', { name: 'Judges' }).waitFor()
    assert.equal((await server.call('GET', `/v1/observability/judges/${judge}`)).status, 404)
    await studio.goto(`/judges/${judge}`)
    await page.getByText(/No judge has the id/).waitFor()
    await studio.close()
  })

  it('are read only for who may not write', async () => {
    const judge = await makeJudge(server, { name: 'Only to be read' })
    const studio = await Studio.open(server, { key: await server.makeKey('read', 'default') })
    const { page } = studio
    await studio.goto(`/judges/${judge}`)
    await page.getByRole('heading', { name: 'Only to be read' }).waitFor()
    assert.ok(await page.getByLabel('Name').isDisabled())
    assert.equal(await page.getByRole('button', { name: /Save|Delete|Judge this/ }).count(), 0)
    await studio.close()
  })
})
