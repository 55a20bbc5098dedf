import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import {
  startWorkflowScenario,
  testDeployment,
  type WorkflowScenario,
} from '@tramontane/testkit/workflow-scenario'
import pg from 'pg'
import { needsChromium, Studio } from './harness/studio.ts'

/** Runs as they lie in the database; listing them needs no engine. */
async function loadRuns(server: TestServer, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: server.databaseUrl })
  await client.connect()
  await client.query(
    `insert into workflow_runs (workspace_id, run_id, execution_id, workflow_name, deployment_name, root_execution_id,
       status, start_time, end_time)
     select (select workspace_id from keys order by created_at limit 1), gen_random_uuid(), 'bill-' || i,
       case when i % 3 = 0 then 'invoice' else 'mail' end, 'shop', 'bill-' || i, status, started,
       case when status = 'RUNNING' then 'infinity' else started + interval '90 seconds' end
     from (
       select i, (array['COMPLETED','COMPLETED','FAILED','RUNNING'])[1 + i % 4] as status,
         date_trunc('milliseconds', now()) - make_interval(mins => i) as started
       from generate_series(1, $1::int) i
     ) made`,
    [count],
  )
  await client.end()
}

describe('the executions of a workspace', needsChromium, () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
    await loadRuns(server, 240)
  })
  after(() => server.close())

  it('are listed with counts, filtered, sorted and paged; the address has it all', async () => {
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/executions')
    const list = page.getByRole('table', { name: 'Executions' })
    await list.getByRole('link', { name: 'bill-1', exact: true }).waitFor()
    const statuses = page.getByRole('group', { name: 'Status' })
    await statuses.getByRole('button', { name: 'Completed 120' }).waitFor()
    await statuses.getByRole('button', { name: 'Running 60' }).waitFor()
    await studio.checkAccessibility()

    await statuses.getByRole('button', { name: /^Failed/ }).click()
    await list.getByRole('link', { name: 'bill-1', exact: true }).waitFor({ state: 'detached' })
    assert.equal(await list.getByText('Completed').count(), 0)
    await page.getByLabel('Started', { exact: true }).selectOption('Last hour')
    await statuses.getByRole('button', { name: 'Failed 15' }).waitFor()
    await page.waitForURL(/range=1h/)
    await page.getByLabel('Started', { exact: true }).selectOption('Started any time')
    await page.getByLabel('Search executions').fill('bill-2')
    await eventually(async () => (await list.getByRole('row').count()) < 40)
    await list.getByRole('link', { name: 'bill-2', exact: true }).waitFor()
    await page.goBack()
    await list.getByRole('link', { name: 'bill-6', exact: true }).waitFor()

    await studio.goto('/executions?workflow=invoice&order=asc')
    await list.getByRole('link', { name: 'bill-240' }).waitFor()
    await page.getByRole('combobox', { name: 'Workflow' }).getByText('invoice').waitFor()
    await page.getByRole('button', { name: 'Next page' }).click()
    await list.getByRole('link', { name: 'bill-3', exact: true }).waitFor()
    assert.ok(await page.getByRole('button', { name: 'Next page' }).isDisabled())
    await page.getByRole('button', { name: 'Page before' }).click()
    await list.getByRole('link', { name: 'bill-240' }).waitFor()
    await list.getByRole('button', { name: 'Ended' }).click()
    await page.waitForURL(/sort=end_time/)
    await studio.close()
  })

  it('are filtered by everything that the API takes', async () => {
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/executions')
    await page.getByRole('button', { name: 'More filters' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Search keys').fill('nonsense')
    await dialog.getByRole('button', { name: 'Filter', exact: true }).click()
    await dialog.getByText('Each is key:value.').waitFor()
    await studio.checkAccessibility()
    await dialog.getByLabel('Search keys').fill('order.id:7')
    await dialog.getByLabel('Root execution').fill('bill-7')
    await dialog.getByRole('button', { name: 'Filter', exact: true }).click()
    await page.getByText('No execution is like this.').waitFor()
    await page.getByRole('button', { name: 'Remove the filter: order.id contains 7' }).click()
    await page.getByRole('link', { name: 'bill-7' }).waitFor()
    await page.getByRole('button', { name: 'Remove the filter: in the tree of bill-7' }).click()
    await page.getByRole('link', { name: 'bill-1', exact: true }).waitFor()
    await studio.close()
  })

  it('are looked at in views that the workspace shares', async () => {
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/executions?workflow=invoice')
    const views = page.getByRole('button', { name: /^Views/ })
    await views.click()
    await page.getByText('No view was saved yet.').waitFor()
    await page.getByRole('menuitem', { name: 'Save as a new view…' }).click()
    await page.getByLabel('Name').fill('Invoices')
    await studio.checkAccessibility()
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.waitForURL(/view=/)
    await page
      .getByRole('group', { name: 'Status' })
      .getByRole('button', { name: /^Failed/ })
      .click()
    await page.getByRole('button', { name: 'Invoices (changed)' }).click()
    await page.getByRole('menuitem', { name: 'Save changes to “Invoices”' }).click()
    await page.getByRole('button', { name: 'Invoices', exact: true }).waitFor()
    // A name that is taken.
    await page.getByRole('button', { name: 'Invoices', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Save as a new view…' }).click()
    await page.getByLabel('Name').fill('Invoices')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByLabel('Name').and(page.locator('[aria-invalid=true]')).waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })

    const other = await Studio.open(server, { key: await server.makeKey('read') })
    await other.goto('/executions')
    await other.page.getByRole('button', { name: /^Views/ }).click()
    assert.equal(await other.page.getByRole('menuitem', { name: /Save/ }).count(), 0)
    await other.page.getByRole('menuitem', { name: 'Invoices' }).click()
    await other.page.waitForURL(/workflow=invoice.*FAILED/)
    await other.page.getByRole('link', { name: 'bill-6', exact: true }).waitFor()
    await other.close()

    await page.getByRole('button', { name: 'Invoices', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Delete “Invoices”…' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
    await views.waitFor()
    await studio.close()
  })

  it('appear by themselves', async () => {
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/executions')
    await page.getByRole('link', { name: 'bill-1', exact: true }).waitFor()
    // Time goes on for what runs, though nothing is new.
    const took = page.getByRole('row', { name: /bill-3 / }).getByRole('cell', { name: /^\d+ min/ })
    const before = await took.innerText()
    await eventually(async () => (await took.innerText()) !== before)
    await page.getByLabel('Choose all on this page').check()
    await page.getByRole('button', { name: /^Choose all that match/ }).click()
    await page.getByText(/^All that match/).waitFor()
    await server.call('POST', '/v1/workflows/executions/register', {
      body: {
        temporal_workflow_id: 'new-one',
        temporal_run_id: crypto.randomUUID(),
        workflow_name: 'mail',
        task_queue: 'shop',
      },
    })
    await page.getByRole('link', { name: 'new-one' }).waitFor()
    // All are meant until others are chosen, and then not all again by itself.
    await page.getByText(/^All that match/).waitFor()
    const row = page.getByLabel('Choose execution new-one')
    await row.check()
    await page.getByText(/^51 runs chosen/).waitFor()
    await row.uncheck()
    await page.getByText(/^50 runs chosen/).waitFor()
    await studio.close()
  })

  it('cannot be ended by who may only read', async () => {
    const studio = await Studio.open(server, { key: await server.makeKey('read') })
    const { page } = studio
    await studio.goto('/executions')
    await page.getByRole('link', { name: 'bill-1', exact: true }).waitFor()
    assert.equal(await page.getByRole('checkbox').count(), 0)
    await studio.close()
  })

  it('are ended by nobody while the engine is away, and the page says so', async () => {
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/executions?status=%5B%22RUNNING%22%5D')
    await page.getByText('The workflow engine is switched off').first().waitFor()
    await page.getByLabel('Choose execution bill-3', { exact: true }).check()
    await page.getByRole('button', { name: 'Cancel…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('It was interrupted.').waitFor()
    await dialog.getByText('The workflow engine is switched off').waitFor()
    await studio.checkAccessibility()
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await studio.close()
  })

  it('are not there yet', async () => {
    const studio = await Studio.open(server, { key: await server.makeKey('admin', 'empty') })
    const { page } = studio
    await studio.goto('/executions')
    await page.getByText('Nothing was run yet, and no worker has registered a workflow.').waitFor()
    await studio.checkAccessibility()
    await studio.close()
  })
})

describe('ending many executions', needsChromium, () => {
  let scenario: WorkflowScenario
  before(async () => {
    scenario = await startWorkflowScenario()
    await scenario.startWorker()
  })
  after(() => scenario.close())

  // For a deployment without a worker: they are only to be ended, and to begin them would take most of the time.
  const startMany = async (prefix: string, count: number, deployment_name = 'unmanned') => {
    await scenario.register(deployment_name)
    const ids = Array.from({ length: count }, (_, i) => `${prefix}-${i}`)
    for (let at = 0; at < count; at += 20)
      await Promise.all(
        ids.slice(at, at + 20).map(async (id) => {
          const { status } = await scenario.execute('collect', {
            execution_id: id,
            deployment_name,
          })
          assert.equal(status, 200)
        }),
      )
    return ids
  }

  it('cancels those that were chosen, and tells of each that failed', async () => {
    await startMany('chosen', 3, testDeployment)
    const studio = await Studio.open(scenario.server)
    const { page } = studio
    await studio.goto('/executions?q=chosen')
    await page.getByLabel('Choose execution chosen-0').check()
    await page.getByLabel('Choose execution chosen-1').check()
    await page.getByText('2 runs chosen').waitFor()
    await page.getByRole('button', { name: 'Cancel…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Cancel 2 chosen executions?').waitFor()
    // One ends before it is asked to.
    await scenario.call('POST', '/v1/workflows/executions/chosen-1/terminate')
    await dialog.getByRole('button', { name: 'Cancel', exact: true }).click()
    await dialog.getByText('1 execution asked to end, 1 failed.').waitFor()
    await dialog.getByRole('link', { name: 'chosen-1' }).waitFor()
    await studio.checkAccessibility()
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await page.getByRole('table', { name: 'Executions' }).getByText('Canceled').waitFor()
    assert.equal((await scenario.until('chosen-2', 'RUNNING')).status, 'RUNNING')
    await scenario.call('POST', '/v1/workflows/executions/chosen-2/terminate')
    await studio.close()
  })

  it('terminates all that match, in batches, and can be stopped on the way', async () => {
    const ids = await startMany('many', 250)
    await startMany('other', 1)
    const studio = await Studio.open(scenario.server)
    const { page } = studio
    // Each batch is held up until the test lets it through.
    const held: (() => void)[] = []
    let isHolding = true
    await page.route('**/v1/workflows/executions/terminate', async (route) => {
      if (isHolding) await new Promise<void>((resolve) => held.push(resolve))
      await route.continue()
    })
    await studio.goto('/executions?q=many&status=%5B%22RUNNING%22%5D')
    await page.getByRole('button', { name: 'Running 250' }).waitFor()
    await page.getByLabel('Choose all on this page').check()
    await page.getByRole('button', { name: 'Choose all that match: 250 executions running' }).click()
    await page.getByRole('button', { name: 'Terminate…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Terminate', exact: true }).click()
    await eventually(() => held.length === 1)
    held[0]!()
    await dialog.getByText('100 executions terminated, 150 left…').waitFor()
    await dialog.getByText(/It runs in this browser/).waitFor()
    assert.equal(await dialog.getByRole('progressbar').getAttribute('aria-valuenow'), '40')
    // The batch that is under way when it is stopped is gone through.
    await eventually(() => held.length === 2)
    await dialog.getByRole('button', { name: 'Stop' }).click()
    held[1]!()
    await dialog.getByText('200 executions terminated, 50 left. It was stopped.').waitFor()
    isHolding = false
    await dialog.getByRole('button', { name: 'Go on' }).click()
    await dialog.getByText('250 executions terminated.').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await page.getByText('No execution is like this.').waitFor()
    for (const id of [ids[0]!, ids[249]!]) await scenario.until(id, 'TERMINATED')
    await scenario.until('other-0', 'RUNNING')
    await scenario.call('POST', '/v1/workflows/executions/other-0/terminate')
    await studio.close()
  })

  it('goes on with its dialog put away, on other pages, and asks before the studio is left', async () => {
    await startMany('away', 250)
    const studio = await Studio.open(scenario.server)
    const { page } = studio
    const held: (() => void)[] = []
    await page.route('**/v1/workflows/executions/terminate', async (route) => {
      await new Promise<void>((resolve) => held.push(resolve))
      await route.continue()
    })
    await studio.goto('/executions?q=away&status=%5B%22RUNNING%22%5D')
    await page.getByRole('button', { name: 'Running 250' }).waitFor()
    await page.getByLabel('Choose all on this page').check()
    await page.getByRole('button', { name: 'Choose all that match: 250 executions running' }).click()
    await page.getByRole('button', { name: 'Terminate…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Terminate', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Put away' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'Judges' }).click()
    await page.getByRole('heading', { name: 'Judges' }).waitFor()
    const line = page.getByRole('region', { name: 'Work in this browser' })
    await line.getByText('0 of 250').waitFor()
    await studio.checkAccessibility()
    await eventually(() => held.length === 1)
    held[0]!()
    await line.getByText('100 of 250').waitFor()
    const asked = page.waitForEvent('dialog')
    const leaving = page.evaluate(() => location.assign('/'))
    const question = await asked
    assert.equal(question.type(), 'beforeunload')
    await question.dismiss()
    await leaving
    await eventually(() => held.length === 2)
    await line.getByRole('button', { name: /^Stop: Terminate all/ }).click()
    held[1]!()
    await line.getByText('stopped, 200 of 250').waitFor()
    await line.getByRole('button', { name: /^Show: / }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Go on' }).click()
    await page.keyboard.press('Escape')
    await eventually(() => held.length === 3)
    held[2]!()
    await line.getByText('done, 250 of 250').waitFor()
    await line.getByRole('button', { name: /^Dismiss: / }).click()
    await line.waitFor({ state: 'detached' })
    await studio.goto('/executions?q=away&status=%5B%22RUNNING%22%5D')
    await page.getByText('No execution is like this.').waitFor()
    await studio.close()
  })
})
