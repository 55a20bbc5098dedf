import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { makeJudge } from '@tramontane/testkit/campaign-scenario'
import { registerWorkflows, workflowSpec } from '@tramontane/testkit/registered-workflows'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { needsChromium, Studio } from './harness/studio.ts'

describe('choosing one of many', needsChromium, () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
    // The newest come first: the first one is the last.
    for (let n = 1; n <= 120; n++)
      await makeJudge(server, { name: `Judge number ${n}`, model_name: `model-${n}` })
  })
  after(() => server.close())

  it('goes down to the last of 120 judges by keyboard, page after page', async () => {
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/campaigns/new')
    const choice = page.getByRole('combobox', { name: 'Judge' })
    await choice.focus()
    await page.keyboard.press('ArrowDown')
    const options = page.getByRole('option')
    await page.getByRole('option', { name: 'Judge number 120' }).waitFor()
    await studio.checkAccessibility()
    for (const last of [91, 61, 31]) {
      await page.keyboard.press('End')
      await page.getByRole('option', { name: `Judge number ${last} `, selected: true }).waitFor()
      await page.getByRole('option', { name: `Judge number ${last - 1} ` }).waitFor()
      await page.keyboard.press('ArrowDown')
      await page.getByRole('option', { name: `Judge number ${last - 1} `, selected: true }).waitFor()
    }
    await page.keyboard.press('End')
    await page.getByRole('option', { name: 'Judge number 1 ', selected: true }).waitFor()
    assert.equal(await options.count(), 120)
    await page.keyboard.press('Enter')
    await options.first().waitFor({ state: 'detached' })
    await choice.getByText('Judge number 1', { exact: true }).waitFor()
    assert.equal(await choice.evaluate((one) => one === document.activeElement), true)
    await page.reload()
    await choice.getByText('Judge number 1', { exact: true }).waitFor()
    await studio.checkAccessibility()
    await studio.close()
  })

  it('reaches every registration of a workflow, also one that is long not among the newest', async () => {
    const register = (deployment: string, field: string) => {
      const input_schema = { type: 'object', properties: { [field]: { type: 'string' } } }
      return registerWorkflows(server, [workflowSpec('changed often', { input_schema })], { deployment })
    }
    await register('the first of all', 'field_of_old')
    for (let n = 1; n <= 110; n++) await register(`deployment ${n % 2}`, `field_${n}`)
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/workflows/changed often?tab=definition')
    const choice = page.getByRole('combobox', { name: 'Registration' })
    await choice.getByText('deployment 0').waitFor()
    const input = page.getByRole('table', { name: 'Input' })
    await input.getByText('field_110').waitFor()
    await studio.checkAccessibility()
    await studio.choose(choice, 'the first')
    await input.getByText('field_of_old').waitFor()
    await page.reload()
    await input.getByText('field_of_old').waitFor()
    await choice.click()
    await page.getByRole('option', { name: 'The newest' }).click()
    await input.getByText('field_110').waitFor()
    await studio.close()
  })

  it('finds by name, scrolls on in a dialog, and says what is not there', async () => {
    const dataset = await server.call('POST', '/v1/observability/datasets', {
      body: { name: 'with one record', description: '' },
    })
    const { id } = dataset.body
    await server.call('POST', `/v1/observability/datasets/${id}/records`, {
      body: { payload: { messages: [{ role: 'user', content: 'Hello?' }] }, properties: {} },
    })
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto(`/datasets/${id}`)
    await page.getByRole('checkbox', { name: 'Select all records' }).click()
    await page.getByRole('button', { name: 'Judge…' }).click()
    const choice = page.getByRole('combobox', { name: 'Judge' })
    await choice.click()
    await page.getByRole('option', { name: 'Judge number 120' }).hover()
    while ((await page.getByRole('option', { name: 'Judge number 1 ' }).count()) === 0)
      await page.mouse.wheel(0, 1_000)
    // What stands there until the server has answered is not what was typed.
    const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>()
    await page.route(/\/judges\?.*q=number/, async (route) => {
      await mayAnswer
      await route.continue()
    })
    await page.getByPlaceholder('Search by name').fill('number 77')
    await page.keyboard.press('Enter')
    answer()
    await page.getByRole('option', { name: 'Judge number 120' }).waitFor({ state: 'detached' })
    assert.equal(await page.getByRole('option').count(), 1)
    await page.keyboard.press('Enter')
    await choice.getByText('Judge number 77').waitFor()
    await choice.click()
    await page.getByPlaceholder('Search by name').fill('nobody')
    await page.getByText('No judge has such a name.').waitFor()
    await studio.checkAccessibility()
    // The dialog stays when only the list is left.
    await page.keyboard.press('Escape')
    await choice.getByText('Judge number 77').waitFor()
    await studio.close()
  })
})
