import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { startTestServer } from '@tramontane/testkit/test-server'
import { startWorkerScenario, type WorkerScenario } from '@tramontane/testkit/worker-scenario'
import { needsChromium, Studio } from './harness/studio.ts'

describe('the page of an execution', needsChromium, () => {
  let scenario: WorkerScenario
  let studio: Studio

  before(async () => {
    scenario = await startWorkerScenario()
    await scenario.startWorker()
    studio = await Studio.open(scenario.server)
  })
  after(async () => {
    await studio?.close()
    await scenario?.close()
  })

  const start = async (workflow: string, input: unknown) => {
    const { status, body } = await scenario.execute(workflow, input)
    assert.equal(status, 200, JSON.stringify(body))
    return body as { execution_id: string; run_id: string }
  }
  const open = (id: string, search = '') => studio.goto(`/executions/${id}${search}`)
  const line = (name: string | RegExp) =>
    studio.page.getByRole('tree', { name: 'Timeline' }).getByRole('treeitem', { name })
  const tab = (name: string | RegExp) => studio.page.getByRole('tab', { name })

  it('shows what one did, from what it was given to what it gave', async () => {
    const { page } = studio
    // As a client encodes it that has such numbers: ours would round it.
    const b64payload = Buffer.from('{"name":"Ada","order":9007199254740993}').toString('base64')
    const { execution_id: id } = await start('hello', { b64payload })
    await scenario.until(id, 'COMPLETED')
    await open(id)
    await page.getByRole('heading', { name: `hello · ${id}` }).waitFor()
    await page.getByText('Completed', { exact: true }).waitFor()
    await page.getByRole('tree', { name: 'Input' }).getByText('"Ada"').waitFor()
    await page.getByRole('tree', { name: 'Input' }).getByText('9007199254740993').waitFor()
    await page.getByRole('tree', { name: 'Result' }).getByText('"Bonjour, Ada!"').waitFor()
    await line(/translate/).click()
    const panel = page.getByRole('complementary', { name: 'What is selected' })
    await panel.getByRole('heading', { name: 'translate' }).waitFor()
    await panel
      .getByRole('tree', { name: /^Event \d+$/ })
      .first()
      .getByText('"Hello"')
      .waitFor()
    assert.match(page.url(), /event=\d+/)
    await studio.checkAccessibility()

    // The address alone leads there again.
    await page.reload()
    await panel.getByRole('heading', { name: 'translate' }).waitFor()
    await page.getByRole('tree', { name: 'Timeline' }).press('Escape')
    await panel.waitFor({ state: 'detached' })
  })

  it('is live: takes signals, answers queries, is updated, and ends', async () => {
    const { page } = studio
    const { execution_id: id } = await start('order', { id: 'o-1' })
    await open(id, '?tab=interact')
    await page.getByRole('button', { name: 'status' }).click()
    await page.getByRole('button', { name: 'Ask' }).click()
    await page.getByRole('tree', { name: 'Answer' }).getByText('"nowhere"').waitFor()
    await studio.checkAccessibility()
    await page.getByRole('button', { name: 'move' }).click()
    await page.getByLabel(/city/i).fill('Nice')
    await page.getByRole('button', { name: 'Update', exact: true }).click()
    await page.getByRole('tree', { name: 'Answer' }).getByText('"nowhere"').waitFor()
    // What the workflow refuses is told.
    await page.getByRole('button', { name: 'Update', exact: true }).click()
    await page.getByText(/already there/).waitFor()
    await tab('Timeline').click()
    await line(/move/).first().waitFor()
    await tab('Interact').click()
    await page.getByRole('button', { name: 'pay' }).click()
    await page.getByText('A payment came in.').waitFor()
    await page.getByLabel(/amount/i).fill('12')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText('Completed', { exact: true }).waitFor()
    await page.getByText('The execution has ended').waitFor()
    await tab('Timeline').click()
    await line(/pay/).waitFor()
    await page.getByRole('tree', { name: 'Result' }).getByText('12').waitFor()
  })

  it('puts streamed tokens together as they come', async () => {
    const { page } = studio
    const words = Array.from({ length: 40 }, (_, index) => `word${index} `)
    const { execution_id: id } = await start('writer', { words })
    await open(id, '?tab=events')
    const task = page.getByRole('region', { name: 'Task writing' })
    await task.getByText(words.join('').trim()).waitFor()
    await task.getByText('completed').waitFor()
    await page.getByRole('listbox', { name: 'Events' }).getByText('Custom task in progress').first().waitFor()
    await page.getByRole('button', { name: /^Custom task completed/ }).click()
    await eventually(async () => (await page.getByRole('option').count()) === 1)
    await page.getByRole('option').click()
    await page.getByRole('heading', { name: 'Custom task completed' }).waitFor()
    await studio.checkAccessibility()
  })

  it('has the history as lines, as events and as JSON, to filter and to find in', async () => {
    const { page } = studio
    const { execution_id: id } = await start('parent', { names: ['Ada', 'Blaise', 'Carl'] })
    await scenario.until(id, 'COMPLETED')
    await open(id, '?tab=history')
    const compact = page.getByRole('listbox', { name: 'History, compact' })
    await compact.getByText('hello').first().waitFor()
    await page.getByRole('button', { name: /^Children/ }).click()
    await eventually(async () => (await compact.getByRole('option').count()) === 3)
    await studio.checkAccessibility()
    await page.getByRole('button', { name: 'Full' }).click()
    const full = page.getByRole('listbox', { name: 'History, every event' })
    await full.getByText('Workflow execution started', { exact: true }).waitFor()
    await page.getByRole('searchbox', { name: 'Find' }).fill('blaise')
    await eventually(async () => {
      const texts = await full.getByRole('option').allInnerTexts()
      return texts.length > 0 && texts.every((text) => /Blaise/.test(text))
    })
    assert.match(page.url(), /find=blaise/)
    await full.press('ArrowDown')
    await page.getByRole('complementary', { name: 'What is selected' }).waitFor()
    await studio.checkAccessibility()
    await page.getByRole('searchbox', { name: 'Find' }).fill('')
    await page.getByRole('button', { name: 'JSON' }).click()
    await page
      .getByRole('tree', { name: 'Event 1', exact: true })
      .getByText('EVENT_TYPE_WORKFLOW_EXECUTION_STARTED')
      .waitFor()
    await studio.checkAccessibility()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download' }).click()
    assert.match((await download).suggestedFilename(), /\.json$/)
  })

  it('unfolds children in the timeline, and shows the tree', async () => {
    const { page } = studio
    const { execution_id: id } = await start('parent', { names: ['Ada'] })
    await scenario.until(id, 'COMPLETED')
    await open(id)
    await line(/hello/).click()
    await page.getByRole('tree', { name: 'Timeline' }).press('ArrowRight')
    await line(/translate/).waitFor()
    await studio.checkAccessibility()
    await tab('Relations').click()
    const tree = page.getByRole('list', { name: 'Executions that belong together' })
    await eventually(async () => (await tree.getByRole('listitem').count()) === 2)
    await studio.checkAccessibility()
    await tree.getByRole('link').last().click()
    await page.getByRole('heading', { name: /^hello ·/ }).waitFor()
    await page.getByRole('link', { name: id }).first().click()
    await page.getByRole('heading', { name: `parent · ${id}` }).waitFor()
  })

  it('shows what is pending with its last failure, cancels and terminates', async () => {
    const { page } = studio
    const { execution_id: id } = await start('patient', undefined)
    await open(id, '?tab=pending')
    await page.getByText('attempt 1 fails', { exact: true }).waitFor()
    await page.getByText('Attempt 2 of 4').waitFor()
    await page.getByRole('heading', { name: 'flaky' }).waitFor()
    await studio.checkAccessibility()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByText('Canceled', { exact: true }).waitFor()

    const other = await start('nap', { ms: 3_600_000 })
    await open(other.execution_id)
    await line(/Timer/).waitFor()
    await page.getByRole('button', { name: 'Terminate…' }).click()
    await page.getByRole('alertdialog').waitFor()
    await studio.checkAccessibility()
    await page.getByRole('button', { name: 'Terminate', exact: true }).click()
    await page.getByText('Terminated', { exact: true }).waitFor()
    await page
      .getByRole('region', { name: 'Failure' })
      .getByText(/^by the key/)
      .waitFor()
  })

  it('says what the mistake is of code that waits to be mended', async () => {
    const broken = await scenario.startWorker({
      deploymentName: 'stubborn',
      workflows: import.meta.resolve('@tramontane/testkit/worker-scenario/broken-workflows'),
    })
    try {
      const { execution_id: id } = await start('stubborn', undefined)
      await open(id)
      await studio.page
        .getByRole('status')
        .getByText(/attempt \d+ to carry it on.*a mistake/)
        .waitFor()
    } finally {
      await broken.stop()
    }
  })

  it('is reset to a point that is picked in the timeline, and keeps both runs', async () => {
    const { page } = studio
    const { execution_id: id, run_id: run } = await start('hello', { name: 'Grace' })
    await scenario.until(id, 'COMPLETED')
    await open(id, '?tab=events')
    const events = page.getByRole('button', { name: /^Workflow execution completed/ })
    await events.getByText('1', { exact: true }).waitFor()
    await tab('Timeline').click()
    await line(/translate/).click()
    // The page hears of the new run when that has ended too.
    await page.route(`**/v1/workflows/executions/${id}`, async (route) => {
      await scenario.until(id, 'COMPLETED')
      await route.continue()
    })
    await page.getByRole('button', { name: 'Reset to before this…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/before activity translate/).waitFor()
    await studio.checkAccessibility()
    await dialog.getByLabel('Reason').fill('to see it again')
    await dialog.getByRole('button', { name: /^Reset to event \d+$/ }).click()
    await dialog.waitFor({ state: 'detached' })
    const picker = page.getByRole('combobox', { name: 'Run' })
    await picker.waitFor()
    await eventually(async () => (await picker.inputValue()) !== run)
    await page.getByText('Reset from').waitFor()
    await tab('Events').click()
    await events.getByText('2', { exact: true }).waitFor()
    await tab('Timeline').click()

    // The axis says where the run goes on, and leads there.
    await page.getByRole('button', { name: `Reset from run ${run.slice(0, 8)}` }).click()
    const panel = page.getByRole('complementary', { name: 'What is selected' })
    await panel.getByRole('heading', { name: 'Reset', exact: true }).waitFor()
    await panel.getByText('to see it again').first().waitFor()
    await panel.getByRole('link', { name: run }).waitFor()
    await studio.checkAccessibility()
    await line(/translate/).click()
    const again = page.getByRole('button', { name: 'Reset to before translate…' })
    await again.focus()
    await page.keyboard.press('Enter')
    await dialog.getByRole('radio', { checked: true }).waitFor()
    await page.keyboard.press('Escape')
    await again.and(page.locator(':focus')).waitFor()

    await page
      .getByRole('link', { name: run.slice(0, 8), exact: true })
      .first()
      .click()
    await page.getByText('Completed', { exact: true }).waitFor()
    assert.match(page.url(), new RegExp(`run=${run}`))
  })

  it('shows trace and log', async () => {
    const { page } = studio
    const { execution_id: id } = await start('hello', { name: 'Emmy' })
    await scenario.until(id, 'COMPLETED')
    await open(id, '?tab=trace')
    const trace = page.getByRole('listbox', { name: 'Trace' })
    await trace
      .getByText(/translate/)
      .first()
      .waitFor()
    await trace
      .getByText(/translate/)
      .first()
      .click()
    await page.getByRole('tree', { name: 'Attributes' }).waitFor()
    await studio.checkAccessibility()
    await tab('Logs').click()
    await page.getByRole('listbox', { name: 'Log' }).getByText('saying hello').waitFor()
    await studio.checkAccessibility()

    // The last spans come when it has ended already.
    const { execution_id: other } = await start('order', { id: 'o-4' })
    await open(other, '?tab=trace')
    await trace.getByText('WorkflowInit:order').waitFor()
    await scenario.call('POST', `/v1/workflows/executions/${other}/signals`, {
      body: { name: 'pay', input: { amount: 10 } },
    })
    await trace.getByText('WorkflowReport:order').waitFor()
  })

  it('follows a chain of runs that continued as new', async () => {
    const { page } = studio
    const { execution_id: id } = await start('countdown', { from: 2 })
    await scenario.until(id, 'COMPLETED')
    await open(id)
    const picker = page.getByRole('combobox', { name: 'Run' })
    await eventually(async () => (await picker.locator('option').count()) === 3)
    await picker.selectOption({ index: 2 })
    await page.getByText('Continued as new', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Reset…' }).waitFor({ state: 'detached' })
    await page.goBack()
    await page.getByText('Completed', { exact: true }).waitFor()
  })

  it('says why there is nothing', async () => {
    const { page } = studio
    await open('no-such-execution')
    await page.getByText('There is no such execution').waitFor()
    await studio.checkAccessibility()
    const { execution_id: id } = await start('nothing', undefined)
    await scenario.until(id, 'COMPLETED')
    await open(id, '?run=01996f00-0000-7000-8000-000000000000')
    await page.getByText('There is no such run').waitFor()
    await page.getByRole('link', { name: 'To its newest run' }).click()
    await page.getByText('Completed', { exact: true }).waitFor()
    await tab('Pending').click()
    await page.getByText('Nothing is pending').waitFor()
    await tab('Relations').click()
    await page.getByText('It stands alone').waitFor()
    await tab('Interact').click()
    await page.getByText('The execution has ended').waitFor()
  })

  it('goes on after a lost connection', async () => {
    const { page } = studio
    const { execution_id: id } = await start('order', { id: 'o-2' })
    await open(id)
    await line(/Workflow execution started/).waitFor()
    await page.context().setOffline(true)
    await page.getByText('The server does not answer.').waitFor()
    await page.context().setOffline(false)
    await page.getByText('The server does not answer.').waitFor({ state: 'detached' })
    await scenario.call('POST', `/v1/workflows/executions/${id}/signals`, {
      body: { name: 'pay', input: { amount: 10 } },
    })
    await line(/pay/).waitFor()
    await page.getByText('Completed', { exact: true }).waitFor()
  })

  it('says that the engine is away', async () => {
    const server = await startTestServer()
    const without = await Studio.open(server)
    await without.goto('/executions/any')
    await without.page.getByText(/workflow engine.*asked again by itself/).waitFor()
    await without.close()
    await server.close()
  })

  it('offers a reader only what a reader may do', async () => {
    const { execution_id: id } = await start('order', { id: 'o-3' })
    const reader = await Studio.open(scenario.server, { key: await scenario.server.makeKey('read') })
    await reader.goto(`/executions/${id}?tab=interact`)
    await reader.page.getByRole('button', { name: 'status' }).waitFor()
    assert.equal(await reader.page.getByRole('button', { name: 'pay' }).count(), 0)
    assert.equal(await reader.page.getByRole('button', { name: /Terminate|Cancel|Reset/ }).count(), 0)
    await reader.close()
  })
})
