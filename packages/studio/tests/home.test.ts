import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { workflowSpec } from '@tramontane/testkit/registered-workflows'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { needsChromium, Studio } from './harness/studio.ts'

describe('the home page', needsChromium, () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer({ retentionDays: '90' })
  })
  after(() => server.close())

  const call = {
    model_name: 'a-model',
    request_messages: [{ role: 'user', content: 'hello' }],
    response_messages: [{ role: 'assistant', content: 'hi' }],
    input_tokens: 1_200,
    output_tokens: 34,
  }

  it('leads a new workspace through its first steps, and notices each by itself', async () => {
    const key = await server.makeKey('admin', 'a new team')
    const studio = await Studio.open(server, { key })
    const { page } = studio
    await page.getByText('Nothing has come through yet.').waitFor()
    await page.getByText('There is none: calls through the gateway').waitFor()
    await page.getByText('Events are kept for 90 days').waitFor()
    await page.getByText('The workflow engine is switched off').first().waitFor()
    assert.ok((await page.getByRole('group', { name: 'first-call.ts' }).textContent())!.includes(server.url))
    await page.getByRole('tab', { name: 'OpenAI, Python' }).click()
    const code = await page.getByRole('group', { name: 'first_call.py' }).textContent()
    assert.ok(code!.includes(`base_url="${server.url}/v1"`))
    await studio.checkAccessibility()

    // The key is made on the spot, and is in the snippet afterwards.
    await page.getByRole('button', { name: 'Make a key for it' }).first().click()
    await studio.checkAccessibility()
    await page.getByRole('button', { name: 'Make the key' }).click()
    const made = await page.getByRole('group', { name: 'the key' }).textContent()
    await page.getByRole('button', { name: 'I have copied it' }).click()
    const environment = page.getByRole('group', { name: 'the application’s environment' })
    assert.equal(await environment.textContent(), `export TRAMONTANE_API_KEY=${made}`)
    await page.getByRole('button', { name: 'Copy the application’s environment' }).click()
    assert.equal(
      await page.evaluate(() => navigator.clipboard.readText()),
      `export TRAMONTANE_API_KEY=${made}`,
    )

    await server.call('POST', '/v1/observability/chat-completion-events', {
      key,
      body: { events: [call, { ...call, status: 'error', error: 'broken' }] },
    })
    await page.getByText('It works: the newest call was').waitFor()
    await page.getByRole('group', { name: 'first-call.ts' }).waitFor({ state: 'detached' })
    await page.getByText('2.4K in, 68 out').waitFor()
    await page.getByText('50% of all calls').waitFor()
    await page.getByRole('img', { name: 'Calls per hour, at most 2' }).waitFor()

    await server.call('POST', '/v1/workflows/register', {
      key,
      body: {
        definitions: [workflowSpec('a-workflow')],
        deployment_name: 'a-deployment',
        worker_name: 'a-worker',
      },
    })
    await page.getByText('It works: a worker was last heard of').waitFor()
    await page.getByText('1 worker at work').waitFor()
    await page.getByRole('button', { name: 'Show how' }).last().click()
    await page.getByRole('tab', { name: 'Python' }).click()
    await page.getByText('welcome-from-python').waitFor()
    await studio.checkAccessibility()
    await studio.close()
  })

  it('offers whoever may not make keys no key', async () => {
    const studio = await Studio.open(server, { key: await server.makeKey('read') })
    await studio.page.getByText('An admin of this workspace makes a key of the role ingest.').waitFor()
    assert.equal(await studio.page.getByRole('button', { name: 'Make a key for it' }).count(), 0)
    await studio.close()
  })

  it('says why it has nothing to show, and shows it when that has passed', async () => {
    const studio = await Studio.open(server)
    await studio.page.route('**/v1/overview', (route) =>
      route.fulfill({
        status: 408,
        contentType: 'application/json',
        body: JSON.stringify({ detail: { message: 'It took too long.', error_code: 'DATABASE_TIMEOUT' } }),
      }),
    )
    await studio.goto('/')
    await studio.page.getByText('It took too long.').waitFor()
    await studio.page.unroute('**/v1/overview')
    await studio.page.getByRole('button', { name: 'Try again' }).click()
    await studio.page.getByRole('heading', { name: 'Configured' }).waitFor()
    await studio.close()
  })
})
