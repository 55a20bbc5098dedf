import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { startTestServer } from '@tramontane/testkit/test-server'
import { startWorkerScenario, type WorkerScenario } from '@tramontane/testkit/worker-scenario'
import { needsChromium, Studio } from './harness/studio.ts'

describe('schedules', needsChromium, () => {
  let scenario: WorkerScenario
  before(async () => {
    scenario = await startWorkerScenario()
    await scenario.startWorker()
  })
  after(() => scenario.close())

  const schedule = async (id: string) => (await scenario.call('GET', `/v1/workflows/schedules/${id}`)).body

  it('are made, with an input from the schema, run, paused, resumed and deleted', async () => {
    const studio = await Studio.open(scenario.server)
    const { page } = studio
    await studio.goto('/schedules')
    await page.getByRole('button', { name: 'New schedule' }).click()
    const dialog = page.getByRole('dialog')
    await studio.choose(dialog.getByLabel('Workflow'), 'Hello')
    await dialog.getByLabel('Name', { exact: true }).fill('every-night')
    await dialog.getByLabel('Cron expression 1').fill('not a cron')
    await dialog.getByRole('button', { name: 'Add an interval' }).click()
    await dialog.getByLabel('Interval 1: every').fill('x')
    await dialog.getByRole('button', { name: 'Make the schedule' }).click()
    await dialog.getByText('An interval is a number that is more than 0').waitFor()
    await dialog.getByText('is required').waitFor()
    await studio.checkAccessibility()
    await dialog.getByLabel('Interval 1: every').fill('6')
    await dialog.getByRole('region', { name: 'Input' }).getByLabel('name').fill('Ada')
    await dialog.getByRole('button', { name: 'Make the schedule' }).click()
    await dialog
      .getByRole('alert')
      .filter({ hasText: /CronString|cron/i })
      .waitFor()
    await dialog.getByLabel('Cron expression 1').fill('30 2 * * 1-5')
    await dialog.getByRole('button', { name: 'Add a calendar' }).click()
    await dialog.getByRole('group', { name: 'Calendar 1' }).getByLabel('Hour').fill('9-17/4')
    await dialog.getByLabel('Time zone').fill('Europe/Paris')
    await dialog.getByLabel('If one still runs').selectOption('keep one for afterwards')
    await dialog.getByRole('button', { name: 'Make the schedule' }).click()

    const panel = page.getByRole('dialog', { name: 'every-night' })
    await panel.getByText('30 2 * * 1-5').waitFor()
    await panel.getByText('every 6 h').waitFor()
    const made = await schedule('every-night')
    assert.deepEqual(made.input, { name: 'Ada', language: 'French' })
    assert.equal(made.policy.overlap, 2)
    assert.deepEqual(made.calendars[0].hour, [{ start: 9, end: 17, step: 4 }])
    await studio.checkAccessibility()

    await panel.getByRole('button', { name: 'Start one now' }).click()
    await panel.getByRole('table', { name: 'Recent executions' }).getByText('Completed').waitFor()

    await panel.getByRole('button', { name: 'Pause' }).click()
    await page.getByLabel('Why').fill('holidays')
    await page
      .getByRole('dialog', { name: 'Pause the schedule?' })
      .getByRole('button', { name: 'Pause' })
      .click()
    await panel.getByText('Nothing while it is paused.').waitFor()
    await panel.getByText('holidays').waitFor()
    assert.equal((await schedule('every-night')).paused, true)
    await panel.getByRole('button', { name: 'Resume' }).click()
    await panel.getByText('Nothing while it is paused.').waitFor({ state: 'detached' })

    // What is changed changes, and the rest stays.
    await panel.getByRole('link', { name: 'Change' }).click()
    const editor = page.getByRole('dialog', { name: /^Change/ })
    assert.equal(await editor.getByLabel('Cron expression 1').inputValue(), '30 2 * * 1-5')
    await editor.getByLabel('Cron expression 1').fill('0 3 * * *')
    await editor.getByRole('region', { name: 'Input' }).getByLabel('name').fill('Grace')
    const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>()
    let asked = 0
    await page.route('**/v1/workflows/schedules/every-night', async (route) => {
      if (route.request().method() === 'GET') {
        asked++
        await mayAnswer
      }
      await route.continue()
    })
    await editor.getByRole('button', { name: 'Save' }).click()
    await eventually(() => asked > 0)
    // To go on from what was there before would take the change back.
    assert.equal(await panel.getByRole('link', { name: 'Change' }).count(), 0)
    answer()
    await panel.getByText('0 3 * * *').waitFor()
    const changed = await schedule('every-night')
    assert.deepEqual(changed.input, { name: 'Grace', language: 'French' })
    assert.deepEqual(changed.calendars, made.calendars)
    assert.equal(changed.time_zone_name, 'Europe/Paris')
    assert.equal(changed.policy.overlap, 2)

    await page.keyboard.press('Escape')
    const list = page.getByRole('table', { name: 'Schedules' })
    await list.getByText('every 6 h').waitFor()
    await studio.checkAccessibility()
    await list.getByRole('link', { name: 'every-night' }).click()
    await panel.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
    await list.getByRole('link', { name: 'every-night' }).waitFor({ state: 'detached' })
    await studio.close()
  })

  it('keep the numbers of their input, whatever else is changed', async () => {
    const text = '{"name":"Ada","order":9007199254740993}'
    const input = { b64payload: Buffer.from(text).toString('base64'), encoding_options: [] }
    const made = await scenario.call('POST', '/v1/workflows/schedules', {
      body: {
        workflow_identifier: 'hello',
        schedule_id: 'exactly',
        schedule: { cron_expressions: ['0 2 1 1 *'], input },
      },
    })
    assert.equal(made.status, 201)
    const studio = await Studio.open(scenario.server)
    const { page } = studio
    await studio.goto('/schedules?schedule=exactly')
    const panel = page.getByRole('dialog', { name: 'exactly' })
    const shown = page.getByRole('tree', { name: 'Input' })
    const editor = page.getByRole('dialog', { name: /^Change/ })
    const json = editor.getByRole('textbox', { name: 'Input as JSON' })
    await shown.getByText('9007199254740993').waitFor()

    await panel.getByRole('link', { name: 'Change' }).click()
    await json.getByText('9007199254740993').waitFor()
    await editor.getByRole('button', { name: 'Form' }).click()
    await editor.getByText('A form would round a number of this.').waitFor()
    await editor.getByLabel('Cron expression 1').fill('0 3 1 1 *')
    await editor.getByRole('button', { name: 'Save' }).click()
    await panel.getByText('0 3 1 1 *').waitFor()
    await panel.getByRole('button', { name: 'Start one now' }).click()
    await panel.getByRole('table', { name: 'Recent executions' }).getByRole('link').click()
    await page.waitForURL(/\/executions\/exactly/)
    await shown.getByText('9007199254740993').waitFor()

    // It is sent as it was written when it is changed, too.
    await studio.goto('/schedules?schedule=exactly')
    await panel.getByRole('link', { name: 'Change' }).click()
    await json.click()
    await page.keyboard.press('Control+A')
    await page.keyboard.insertText('{"name": "Ada", "order": 9007199254740995}')
    await editor.getByRole('button', { name: 'Save' }).click()
    await shown.getByText('9007199254740995').waitFor()
    await studio.close()
  })

  it('are not there yet', async () => {
    const key = await scenario.server.makeKey('admin', 'empty')
    const studio = await Studio.open(scenario.server, { key })
    await studio.goto('/schedules')
    await studio.page.getByText('Nothing is started by a schedule yet.').waitFor()
    await studio.checkAccessibility()
    await studio.close()
  })

  it('begin from the page of a workflow, and are told when there is none', async () => {
    const studio = await Studio.open(scenario.server)
    const { page } = studio
    await studio.goto('/workflows/order')
    await page.getByRole('link', { name: 'Schedule', exact: true }).click()
    await page.waitForURL(/\/schedules\?new=order/)
    await page.getByRole('dialog').getByRole('combobox', { name: 'Workflow' }).getByText('order').waitFor()
    await studio.goto('/schedules?schedule=nobody-made-it')
    await page
      .getByRole('dialog')
      .getByText(/WF_1201/)
      .waitFor()
    await studio.close()
  })
})

describe('schedules without an engine', needsChromium, () => {
  it('say what the server says, and are there when the engine is', async () => {
    const server = await startTestServer()
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/schedules')
    await page.getByText('It is tried again by itself.').waitFor()
    await page.getByText('The workflow engine is switched off').first().waitFor()
    await studio.checkAccessibility()
    // The engine comes: the browser is told so.
    await page.route('**/v1/workflows/schedules?*', (route) =>
      route.fulfill({ json: { schedules: [], next_page_token: null } }),
    )
    await page.route('**/v1/workflows/workers/engine', (route) =>
      route.fulfill({ json: { is_available: true, reason: null } }),
    )
    await page.getByText('Nothing is started by a schedule yet.').waitFor()
    await page.getByText('The workflow engine is switched off').waitFor({ state: 'detached' })
    await studio.close()
    await server.close()
  })
})
