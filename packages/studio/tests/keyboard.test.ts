import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { importQuestions, makeJudge } from '@tramontane/testkit/campaign-scenario'
import { eventually } from '@tramontane/testkit/eventually'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import type { Page } from 'playwright-core'
import { checkDialog, press, tabTo, write } from './harness/keys.ts'
import { needsChromium, Studio } from './harness/studio.ts'

const O = '/v1/observability'

describe('the studio without a pointer', needsChromium, () => {
  let provider: ScriptedProvider
  let server: TestServer
  let studio: Studio
  let page: Page
  before(async () => {
    provider = await startScriptedProvider(() => JSON.stringify({ analysis: 'It is.', answer: 'yes' }))
    server = await startTestServer({ providerUrl: provider.url })
    await importQuestions(server, 'odd', 3)
    await importQuestions(server, 'even', 4)
    studio = await Studio.open(server)
    page = studio.page
  })
  after(async () => {
    await studio.close()
    await server.close()
    await provider.close()
  })

  const button = (name: string | RegExp) =>
    page.getByRole('button', { name, exact: typeof name === 'string' })
  const heading = (name: string) => page.getByRole('heading', { name, exact: true }).waitFor()
  const field = (name: string) => page.getByLabel(name, { exact: true })
  const choose = async (words: string, page: Page) => {
    await page.keyboard.press('Control+k')
    const option = page.getByRole('option', { name: words }).first()
    await page.getByPlaceholder(/Where to/).waitFor()
    await page.keyboard.type(words)
    await option.waitFor()
    await page.keyboard.press('Enter')
  }

  it('goes to the Explorer, filters, reads one event after the other', async () => {
    await studio.goto('/')
    await heading('Home')
    await choose('Explorer', page)
    await heading('Explorer')
    await press(page, button(/^Time range/))
    await press(page, button('All time'))
    await page
      .getByText(/7 events/)
      .first()
      .waitFor()
    await tabTo(page, page.getByRole('textbox', { name: 'Filter' }))
    await page.keyboard.type('metadata.run = "even"')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Enter')
    await page
      .getByText(/^4 events/)
      .first()
      .waitFor()

    await tabTo(page, page.getByRole('grid', { name: 'Events' }))
    const panel = page.getByRole('region', { name: 'Event', exact: true })
    await page.keyboard.press('ArrowDown')
    await panel.getByText('question 3.').first().waitFor()
    await page.keyboard.press('ArrowDown')
    await panel.getByText('question 2.').first().waitFor()
    await tabTo(page, panel.getByRole('tab', { name: 'Conversation' }))
    await page.keyboard.press('ArrowRight')
    await panel.getByRole('tab', { name: 'Fields', selected: true }).waitFor()
    await tabTo(page, page.getByRole('grid', { name: 'Events' }), 'Shift+Tab')
    await page.keyboard.press('ArrowUp')
    await panel.getByText('question 3.').first().waitFor()
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    assert.ok(!page.url().includes('event='))
  })

  it('closes an event from within its panel, and is in the list again', async () => {
    await studio.goto('/explorer?range=all')
    const grid = page.getByRole('grid', { name: 'Events' })
    await page
      .getByText(/7 events/)
      .first()
      .waitFor()
    await tabTo(page, grid)
    await page.keyboard.press('Enter')
    const panel = page.getByRole('region', { name: 'Event', exact: true })
    await panel.waitFor()
    await press(page, panel.getByRole('button', { name: /^Close/ }))
    await panel.waitFor({ state: 'detached' })
    await page.keyboard.press('ArrowDown')
    await panel.waitFor()
  })

  it('makes a judge, and a campaign of it', async () => {
    await studio.goto('/judges')
    await press(page, page.getByRole('link', { name: 'New judge' }))
    await heading('New judge')
    await write(page, field('Name'), 'By hand alone')
    await write(page, field('Model'), 'scripted-model')
    await write(page, page.getByRole('textbox', { name: 'Instructions' }), 'Is it so?')
    await press(page, button('Save the judge'))
    await heading('By hand alone')

    await press(page, page.getByRole('link', { name: 'New campaign' }))
    await heading('New campaign')
    await write(page, field('Name'), 'A campaign by hand')
    await tabTo(page, page.getByRole('textbox', { name: 'Which events' }))
    await page.keyboard.type('metadata.run = "odd"')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Enter')
    await press(page, button('Judge 3 events'))
    await heading('A campaign by hand')
    await page.getByText('completed', { exact: true }).waitFor()
    await tabTo(page, page.getByRole('tab', { name: 'Answers' }))
    await page.keyboard.press('ArrowRight')
    await press(page, button('question 2.'))
    await page.getByRole('dialog').getByText('An answer.').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await eventually(() => button('question 2.').evaluate((one) => one === document.activeElement))
  })

  it('makes a dataset, writes a record, changes it', async () => {
    await studio.goto('/datasets')
    await press(page, button('New dataset').first())
    await write(page, field('Name'), 'Written by hand')
    await page.keyboard.press('Enter')
    await heading('Written by hand')
    await press(page, button('New record').first())
    await write(
      page,
      page.getByRole('textbox', { name: /Content of message 1/ }).first(),
      'Which wind is this?',
    )
    await write(page, page.getByRole('textbox', { name: /Content of message 2/ }).first(), 'The tramontane.')
    await press(page, button('Add the record'))
    await page.getByRole('dialog').waitFor({ state: 'detached' })

    const row = page.getByRole('row', { name: /Which wind/ })
    await row.waitFor()
    await press(page, row)
    const panel = page.getByRole('dialog')
    await tabTo(page, panel.getByRole('tab', { selected: true }))
    await page.keyboard.press('ArrowRight')
    await write(page, page.getByRole('textbox', { name: /Content of message 2/ }).first(), 'The mistral.')
    await press(page, button('Save'))
    const message = page.getByRole('region', { name: 'Notifications' }).getByText('The record was saved.')
    // A message is there as long as the pointer is on it, and is no layer above the dialog, though it came later.
    await message.hover()
    await eventually(() => button('Save').isDisabled())
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    assert.ok(await message.isVisible())
    await page.keyboard.press('Escape')
    await message.waitFor({ state: 'detached' })
    await row.getByText('The mistral.').waitFor()
    await eventually(() => row.evaluate((one) => one === document.activeElement))
  })

  it('keeps the focus on a button that waits for an answer, and presses it once', async () => {
    const judge = await makeJudge(server, { name: 'To be renamed' })
    await studio.goto(`/judges/${judge}`)
    await write(page, field('Name'), 'Renamed by hand')
    const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>()
    let asked = 0
    await page.route(`**${O}/judges/${judge}`, async (route) => {
      if (route.request().method() === 'GET') return route.continue()
      asked++
      await mayAnswer
      await route.continue()
    })
    const save = button('Save as a new revision')
    await press(page, save)
    const saving = button('Saving…')
    await saving.and(page.locator(':focus')).waitFor()
    assert.ok(await saving.isDisabled())
    await page.keyboard.press('Enter')
    await page.keyboard.press('Space')
    answer()
    // There is nothing more to save, and still one is where one was.
    await save.and(page.locator(':focus')).waitFor()
    await page.getByText('Not saved yet').waitFor({ state: 'detached' })
    assert.ok(await save.isDisabled())
    assert.equal(asked, 1)
    await page.unroute(`**${O}/judges/${judge}`)
    // Who has left it passes it over, as any that is disabled.
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Tab')
    assert.ok(!(await save.evaluate((one) => one === document.activeElement)))
  })

  it('goes to a message and back; a press on it is none outside of the dialog', async () => {
    const { body: dataset } = await server.call('POST', `${O}/datasets`, {
      body: { name: 'To be told of', description: '' },
    })
    const fails = /\/(records|links)$/
    await page.route(fails, (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({ status: 400, json: { detail: 'It was not to be.' } })
        : route.continue(),
    )
    const message = page.getByRole('region', { name: 'Notifications' }).getByText('It was not to be.')
    await studio.goto('/settings?tab=browser')
    await press(page, button('Make a link'))
    await message.waitFor()
    await page.keyboard.press('F8')
    await page.keyboard.press('Tab')
    await button('Dismiss').and(page.locator(':focus')).waitFor()
    await page.keyboard.press('Enter')
    await message.waitFor({ state: 'detached' })
    await button('Make a link').and(page.locator(':focus')).waitFor()

    await studio.goto(`/datasets/${dataset.id}`)
    await press(page, button('New record').first())
    await write(page, page.getByRole('textbox', { name: /Content of message 1/ }).first(), 'Which?')
    await press(page, button('Add the record'))
    await message.waitFor()
    await studio.checkAccessibility()
    await page.locator('[aria-label=Dismiss]').click()
    await message.waitFor({ state: 'detached' })
    assert.ok(await page.getByRole('dialog', { name: 'New record' }).isVisible())
    await page.unroute(fails)
  })

  it('keeps the focus in dialogs, and gives it back', async () => {
    const judge = await makeJudge(server, { name: 'To be asked about' })
    const { body: dataset } = await server.call('POST', `${O}/datasets`, {
      body: { name: 'A few of them', description: '' },
    })
    await studio.goto('/datasets')
    await checkDialog(page, button('New dataset').first())
    await studio.goto(`/judges/${judge}`)
    await checkDialog(page, button('Delete this judge'))
    await checkDialog(page, button(/^Find/))
    await studio.goto(`/datasets/${dataset.id}`)
    await checkDialog(page, button('New record').first())
    await checkDialog(page, button('Export').first())
    const pick = (name: RegExp) => async () => {
      const item = page.getByRole('menuitem', { name })
      await item.waitFor()
      for (let stop = 0; !(await item.evaluate((one) => one === document.activeElement)) && stop < 20; stop++)
        await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
    }
    await checkDialog(page, button('Import'), pick(/campaign/))
    await studio.goto('/settings?tab=keys')
    await checkDialog(page, button('Make a key'))
    await studio.goto('/settings?tab=workspaces')
    await checkDialog(page, button('Make a workspace'))
    await studio.goto('/explorer?range=all')
    await checkDialog(page, button('To dataset'))
  })
})
