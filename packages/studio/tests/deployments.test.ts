import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { logExport, workerAttributes } from '@tramontane/testkit/log-export'
import { registerWorkflows, workflowSpec } from '@tramontane/testkit/registered-workflows'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { needsChromium, Studio } from './harness/studio.ts'

describe('deployments', needsChromium, () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
    await register()
  })
  after(() => server.close())

  /** As a worker does again and again; 30 seconds later it counts as gone. */
  const register = () =>
    registerWorkflows(server, [workflowSpec('order'), workflowSpec('mail')], {
      deployment: 'shop',
      worker: 'worker-1',
    })

  const log = async (lines: readonly string[], worker = 'worker-1', severity = 'INFO') => {
    const attributes = workerAttributes({ deployment: 'shop', worker, workflow: 'order' })
    const body = logExport(lines.map((line) => ({ body: line, severity, attributes })))
    const { status } = await server.call('POST', '/telemetry/v1/logs', { body })
    assert.equal(status, 200)
  }

  it('are listed with their workers, and lead to what they run', async () => {
    const studio = await Studio.open(server)
    const { page } = studio
    await register()
    await studio.goto('/deployments')
    const list = page.getByRole('table', { name: 'Deployments' })
    await list.getByText('1 / 1').waitFor()
    await studio.checkAccessibility()
    await page.getByLabel('Search deployments').fill('nothing like it')
    await page.getByText('No deployment is called so.').waitFor()
    await page.getByRole('button', { name: 'Show all deployments' }).click()
    await list.getByRole('link', { name: 'shop' }).click()
    await page
      .getByRole('table', { name: 'Workers' })
      .getByText(/just now|ago$/)
      .first()
      .waitFor()
    await studio.checkAccessibility()
    await page.getByRole('tab', { name: 'What they run' }).click()
    await page.getByRole('table', { name: 'What they run' }).getByRole('link', { name: 'mail' }).click()
    await page.getByRole('heading', { name: 'mail' }).waitFor()
    await studio.close()
  })

  it('have a log that is live, goes back, and tells the workers apart', async () => {
    await log(Array.from({ length: 150 }, (_, i) => `line ${i}`))
    await log(['<img src=x onerror=alert(1)>'], 'worker-2', 'ERROR')
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/deployments/shop?tab=logs')
    const lines = page.getByRole('listbox', { name: 'Log' })
    await lines.getByText('<img src=x onerror=alert(1)>').waitFor()
    await page.getByText('Live', { exact: true }).waitFor()
    await page.getByText('100 lines').waitFor()
    await studio.checkAccessibility()
    await log(['it comes'])
    await lines.getByText('it comes').waitFor()
    await lines.getByText('it comes').click()
    await page.getByRole('complementary', { name: 'What is selected' }).getByText('worker-1').waitFor()
    await page.getByRole('button', { name: 'Load older lines' }).click()
    await page.getByText('152 lines').waitFor()
    await lines.press('Home')
    await page.getByRole('complementary', { name: 'What is selected' }).getByText('"line 0"').waitFor()
    await lines.press('Escape')
    await page.getByLabel('Worker', { exact: true }).selectOption('worker-1')
    await page.waitForURL(/worker=worker-1/)
    await lines.getByText('it comes').waitFor()
    assert.equal(await lines.getByText('<img').count(), 0)

    // The server goes away and comes back.
    await page.context().setOffline(true)
    await page.getByText('The server does not answer.').waitFor()
    await page.context().setOffline(false)
    await log(['after it came back'])
    await lines.getByText('after it came back').waitFor()
    await studio.close()
  })

  it('are not there yet', async () => {
    const studio = await Studio.open(server, { key: await server.makeKey('admin', 'empty') })
    const { page } = studio
    await studio.goto('/deployments?all=true')
    await page.getByText('No worker has ever come here.').waitFor()
    await studio.checkAccessibility()
    await studio.goto('/deployments/nobody')
    await page.getByText(/DEPLOYMENT_NOT_FOUND/).waitFor()
    await studio.close()
  })
})
