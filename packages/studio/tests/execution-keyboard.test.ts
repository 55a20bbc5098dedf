import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { startWorkerScenario, type WorkerScenario } from '@tramontane/testkit/worker-scenario'
import type { Page } from 'playwright-core'
import { checkDialog, press, tabTo, write } from './harness/keys.ts'
import { needsChromium, Studio } from './harness/studio.ts'

describe('workflows and executions without a pointer', needsChromium, () => {
  let scenario: WorkerScenario
  let studio: Studio
  let page: Page
  before(async () => {
    scenario = await startWorkerScenario()
    await scenario.startWorker()
    studio = await Studio.open(scenario.server)
    page = studio.page
  })
  after(async () => {
    await studio?.close()
    await scenario?.close()
  })

  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const panel = () => page.getByRole('complementary', { name: 'What is selected' })

  it('starts a workflow from its form', async () => {
    await studio.goto('/workflows/hello')
    await checkDialog(page, button('Start'))
    await press(page, button('Start'))
    const form = page.getByRole('dialog')
    await write(page, form.getByLabel(/^name/i), 'Ada')
    await press(page, form.getByRole('button', { name: 'Start', exact: true }))
    await page.waitForURL(/\/executions\//)
    await page.getByText('Completed', { exact: true }).waitFor()
    await page.getByRole('tree', { name: 'Result' }).getByText('"Bonjour, Ada!"').waitFor()
  })

  it('moves along the timeline and between the tabs', async () => {
    const { body } = await scenario.execute('hello', { name: 'Blaise' })
    await scenario.until(body.execution_id, 'COMPLETED')
    await studio.goto(`/executions/${body.execution_id}`)
    const timeline = page.getByRole('tree', { name: 'Timeline' })
    await tabTo(page, timeline)
    await page.keyboard.press('Home')
    await panel().getByRole('heading', { name: 'Workflow execution started', exact: true }).waitFor()
    const before = page.url()
    await page.keyboard.press('ArrowDown')
    await eventually(() => page.url() !== before)
    await panel().getByRole('heading', { name: 'translate' }).waitFor()
    await page.keyboard.press('Escape')
    await panel().waitFor({ state: 'detached' })
    assert.ok(await timeline.evaluate((element) => element === document.activeElement))

    await tabTo(page, page.getByRole('tab', { name: 'Timeline' }), 'Shift+Tab')
    for (const name of [/^History/, /^Events/, /^Pending/, /^Interact/, /^Trace/, /^Logs/, /^Relations/]) {
      await page.keyboard.press('ArrowRight')
      await page.getByRole('tab', { name, selected: true }).waitFor()
    }
    await page.keyboard.press('Home')
    await page.getByRole('tab', { name: 'Timeline', selected: true }).waitFor()
  })

  it('sends a signal, and ends what runs', async () => {
    const { body } = await scenario.execute('order', { id: 'by-keyboard' })
    await studio.goto(`/executions/${body.execution_id}?tab=interact`)
    await press(page, button('move'))
    await write(page, page.getByLabel(/city/i), 'Nice')
    await press(page, button('Update'))
    await page.getByRole('tree', { name: 'Answer' }).waitFor()
    await checkDialog(page, button('Reset…'))
    await checkDialog(page, button('Terminate…'))
    await press(page, button('Terminate…'))
    await press(page, page.getByRole('alertdialog').getByRole('button', { name: 'Terminate' }))
    await page.getByText('Terminated', { exact: true }).waitFor()

    const { body: other } = await scenario.execute('order', { id: 'by-keyboard-2' })
    await studio.goto(`/executions/${other.execution_id}`)
    await press(page, button('Cancel'))
    await page.getByText('The execution was asked to end').first().waitFor()
    await page.getByText('Canceled', { exact: true }).first().waitFor()
  })
})
