import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { registerWorkflows, workflowSpec } from '@tramontane/testkit/registered-workflows'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { startWorkerScenario, type WorkerScenario } from '@tramontane/testkit/worker-scenario'
import { needsChromium, Studio } from './harness/studio.ts'

/** A schema with everything that a form has to show. */
const ORDER = {
  type: 'object',
  title: 'Order',
  $defs: {
    Item: {
      type: 'object',
      properties: { name: { type: 'string', minLength: 2 }, count: { type: 'integer', minimum: 1 } },
      required: ['name', 'count'],
    },
  },
  properties: {
    customer: { type: 'string', description: 'Who has ordered, <b>by name</b>.' },
    express: { type: 'boolean', default: false },
    payment: { enum: ['card', 'transfer'] },
    note: { anyOf: [{ type: 'string' }, { type: 'null' }], default: null },
    items: { type: 'array', items: { $ref: '#/$defs/Item' } },
    address: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    extra: {},
  },
  required: ['customer', 'items'],
}

describe('the workflows of a workspace', needsChromium, () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
    await register()
  })
  after(() => server.close())

  /** As their workers do again and again; 30 seconds later they count as gone. */
  const register = async () => {
    await registerWorkflows(
      server,
      [
        workflowSpec('order', {
          display_name: 'Orders <script>',
          description: 'Takes an order.',
          input_schema: ORDER,
          signals: [
            {
              name: 'pay',
              description: 'A payment came in.',
              input_schema: { type: 'object', properties: { amount: { type: 'number' } } },
            },
          ],
          queries: [{ name: 'status', input_schema: { type: 'object' }, output_schema: { type: 'string' } }],
        }),
        workflowSpec('mail'),
      ],
      { deployment: 'shop', worker: 'worker-1', location: { location_type: 'k8s', k8s_cluster: 'blue' } },
    )
    await registerWorkflows(server, [workflowSpec('mail', { input_schema: { type: 'object' } })], {
      deployment: 'post',
      worker: 'worker-2',
    })
  }

  it('are not there yet: the page shows what a first worker needs, and the workflow when it comes', async () => {
    const key = await server.makeKey('admin', 'empty')
    const studio = await Studio.open(server, { key })
    const { page } = studio
    await studio.goto('/workflows')
    await page.getByText('No worker has registered a workflow yet.').waitFor()
    await page.getByText('The workflow engine is switched off').waitFor()
    const code = await page.getByRole('group', { name: 'the worker’s environment' }).textContent()
    assert.ok(code?.includes(`SERVER_URL=${server.url}`), code ?? '')
    await studio.checkAccessibility()
    await registerWorkflows(server, [workflowSpec('first')], { key })
    await page.getByRole('link', { name: 'first' }).waitFor()
    await studio.close()
  })

  it('are listed, searched and archived', async () => {
    const studio = await Studio.open(server)
    const { page } = studio
    await register()
    await studio.goto('/workflows')
    const list = page.getByRole('table', { name: 'Workflows' })
    await list.getByRole('link', { name: 'Orders <script>' }).waitFor()
    await list.getByText('active').first().waitFor()
    await studio.checkAccessibility()
    await page.getByLabel('Search workflows').fill('takes')
    await page.waitForURL(/q=takes/)
    await list.getByRole('link', { name: 'mail' }).waitFor({ state: 'detached' })
    await page.getByLabel('Search workflows').fill('nothing like it')
    await page.getByText('No workflow is like this.').waitFor()
    await page.getByRole('button', { name: 'Show all workflows' }).click()
    await page.getByLabel('Choose mail').check()
    await page.getByRole('button', { name: 'Archive 1 workflow' }).click()
    await page.getByText('1 workflow archived.').first().waitFor()
    await list.getByRole('link', { name: 'mail' }).waitFor({ state: 'detached' })
    await page.getByLabel('Archived').check()
    await page.getByLabel('Choose mail').check()
    await page.getByRole('button', { name: 'Bring back 1 workflow' }).click()
    await page.getByText('1 workflow brought back.').first().waitFor()
    await studio.close()
  })

  it('come in pages, the last of which takes no focus away', async () => {
    const key = await server.makeKey('admin', 'many')
    const many = Array.from({ length: 120 }, (_, index) => workflowSpec(`workflow-${index}`))
    await registerWorkflows(server, many, { key })
    const studio = await Studio.open(server, { key })
    const { page } = studio
    await studio.goto('/workflows')
    const rows = page.getByRole('table', { name: 'Workflows' }).locator('tbody tr')
    await page.getByRole('button', { name: 'Load more' }).focus()
    assert.equal(await rows.count(), 100)
    await page.keyboard.press('Enter')
    const end = page.getByRole('button', { name: 'That is all' })
    await end.and(page.locator(':focus')).waitFor()
    assert.equal(await rows.count(), 120)
    await page.keyboard.press('Shift+Tab')
    await end.waitFor({ state: 'detached' })
    await studio.close()
  })

  it('are moved through by keyboard', async () => {
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/workflows')
    await page.getByRole('link', { name: 'mail', exact: true }).focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Orders <script>' }).waitFor()
    await page.goBack()
    await page.getByRole('table', { name: 'Workflows' }).waitFor()
    await studio.close()
  })

  it('tell what they declare, and who runs them', async () => {
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/workflows/order?tab=definition')
    const input = page.getByRole('table', { name: 'Input' })
    await input.getByText('list of object').waitFor()
    await input.getByText('Who has ordered, <b>by name</b>.').waitFor()
    await page.getByText('A payment came in.').waitFor()
    await studio.checkAccessibility()
    await page.getByRole('button', { name: 'As JSON' }).first().click()
    await page.getByRole('group', { name: 'Input' }).getByText('"$defs"').waitFor()
    await page.getByRole('tab', { name: 'Registrations' }).click()
    await page.getByRole('table', { name: 'Registrations' }).getByText('pay, status').waitFor()
    await studio.checkAccessibility()
    await page.getByRole('tab', { name: 'Deployments' }).click()
    await page.getByRole('link', { name: 'shop' }).click()
    await page.getByRole('heading', { name: 'shop' }).waitFor()
    await page.getByRole('table', { name: 'Workers' }).getByText('worker-1').waitFor()
    await page.getByText('Kubernetes / blue').first().waitFor()
    await studio.close()
  })

  it('are renamed', async () => {
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/workflows/mail')
    await page.getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('menuitem', { name: /Change name/ }).click()
    await studio.checkAccessibility()
    await page.getByLabel('Name').fill('The post')
    await page.getByLabel('Tags').fill('a, b')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { name: 'The post' }).waitFor()
    await page.getByText('b', { exact: true }).waitFor()
    await studio.close()
  })

  it('offer nothing to change to who may only read', async () => {
    const studio = await Studio.open(server, { key: await server.makeKey('read') })
    const { page } = studio
    await studio.goto('/workflows/order')
    await page.getByText('It was not run yet.').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Start' }).count(), 0)
    assert.equal(await page.getByRole('button', { name: 'More actions' }).count(), 0)
    await studio.goto('/workflows')
    await page.getByRole('table', { name: 'Workflows' }).waitFor()
    assert.equal(await page.getByRole('checkbox', { name: /Choose/ }).count(), 0)
    await studio.close()
  })

  it('say when there is none of a name', async () => {
    const studio = await Studio.open(server)
    await studio.goto('/workflows/nobody-has-it')
    await studio.page.getByText(/WORKFLOW_NOT_FOUND/).waitFor()
    await studio.close()
  })

  it('say what is wrong with an input before it is sent, and what the engine says after', async () => {
    const studio = await Studio.open(server)
    const { page } = studio
    await page.clock.install()
    await studio.goto('/workflows/order?start=true')
    const panel = page.getByRole('dialog')
    await panel.getByLabel('customer').waitFor()
    await panel.getByRole('button', { name: 'Start' }).click()
    await panel.getByText('is required').first().waitFor()
    await panel.getByRole('button', { name: 'Add to items' }).click()
    await panel.getByLabel('name').fill('x')
    await panel.getByLabel('count').fill('0')
    await panel.getByLabel('customer').fill('Ada')
    // What a worker registers meanwhile takes nothing of it away.
    await registerWorkflows(server, [workflowSpec('order', { input_schema: { type: 'object' } })], {
      deployment: 'shop',
      worker: 'worker-1',
    })
    const heard = page.waitForResponse(/registrations\?.*active_only/)
    await page.clock.fastForward(10_000)
    await heard
    await panel.getByLabel('extra').fill('{"a": ')
    await panel.getByRole('button', { name: 'Start' }).click()
    await panel.getByText('This is not JSON').waitFor()
    await panel.getByLabel('extra').fill('{"a": 9007199254740993}')
    await panel.getByText('A form would round a number of this').waitFor()
    await panel.getByRole('button', { name: 'Start' }).click()
    assert.equal(await panel.getByLabel('extra').inputValue(), '{"a": 9007199254740993}')
    await panel.getByLabel('extra').fill('{"a": 1}')
    await panel.getByRole('button', { name: 'Start' }).click()
    await panel.getByText('must have at least 2 characters').waitFor()
    await panel.getByText('must be at least 1').waitFor()
    await studio.checkAccessibility()
    await panel.getByLabel('name').fill('chair')
    await panel.getByLabel('count').fill('2')
    await panel.getByRole('button', { name: 'JSON' }).click()
    const editor = panel.getByRole('textbox', { name: 'Input as JSON' })
    assert.deepEqual(JSON.parse((await editor.innerText()).replaceAll('\u00a0', ' ')), {
      customer: 'Ada',
      items: [{ name: 'chair', count: 2 }],
      extra: { a: 1 },
      express: false,
    })
    await studio.checkAccessibility()
    await panel.getByRole('button', { name: 'Start' }).click()
    await panel.getByText('The workflow engine is switched off').waitFor()
    await studio.close()
  })
})

describe('starting a workflow', needsChromium, () => {
  let scenario: WorkerScenario
  before(async () => {
    scenario = await startWorkerScenario()
    await scenario.startWorker()
  })
  after(() => scenario.close())

  it('takes an input from a form, leads to the execution, and shows how it did', async () => {
    const studio = await Studio.open(scenario.server)
    const { page } = studio
    await studio.goto('/workflows/hello')
    await page.getByText('It was not run yet.').waitFor()
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    const panel = page.getByRole('dialog')
    assert.equal(await panel.getByLabel('language').inputValue(), 'French')
    await panel.getByLabel('name').fill('Ada')
    await panel.getByLabel('Execution id').fill('from-the-studio')
    await panel.getByLabel('name').press('Control+Enter')
    await page.waitForURL(/\/executions\/from-the-studio/)
    const { result } = await scenario.until('from-the-studio', 'COMPLETED')
    assert.deepEqual(result, { result: 'Bonjour, Ada!' })

    await studio.goto('/workflows/hello')
    await page.getByRole('link', { name: 'from-the-studio' }).waitFor()
    await page.getByRole('table', { name: 'Latest executions' }).getByText('Completed').waitFor()
    // The figures are asked for every half minute only.
    await page.reload()
    await page.getByText('100%').waitFor()
    await studio.checkAccessibility()

    // What a form would round is sent as it was written.
    await studio.goto('/workflows/hello?start=true')
    await panel.getByRole('button', { name: 'JSON' }).click()
    await panel.getByRole('textbox', { name: 'Input as JSON' }).click()
    await page.keyboard.press('Control+A')
    await page.keyboard.insertText('{"name": "Ada", "order": 9007199254740993}')
    await panel.getByRole('button', { name: 'Form' }).click()
    await panel.getByText('A form would round a number of this.').waitFor()
    await panel.getByLabel('Execution id').fill('exactly')
    await panel.getByRole('button', { name: 'Start' }).click()
    await page.waitForURL(/\/executions\/exactly/)
    await page.getByRole('tree', { name: 'Input' }).getByText('9007199254740993').waitFor()
    await scenario.until('exactly', 'COMPLETED')

    // An id that is taken by one that runs, and what only the server's schema says.
    await scenario.execute('order', { id: '1' }, { execution_id: 'taken' })
    await studio.goto('/workflows/order?start=true')
    await panel.getByLabel('id', { exact: true }).fill('2')
    await panel.getByLabel('Execution id').fill('taken')
    await panel.getByRole('button', { name: 'Start' }).click()
    await panel.getByRole('alert').filter({ hasText: 'taken' }).waitFor()
    await eventually(async () => (await page.getByRole('alert').count()) === 1)
    await studio.close()
  })
})
