import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { needsChromium, Studio } from './harness/studio.ts'

describe('the settings', needsChromium, () => {
  let provider: ScriptedProvider
  let server: TestServer
  before(async () => {
    provider = await startScriptedProvider()
    server = await startTestServer({ providerUrl: provider.url, providerApiKey: 'sk-a-secret' })
  })
  after(async () => {
    await server.close()
    await provider.close()
  })

  it('make a key, show it once, and revoke it after a question', async () => {
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/settings')
    await page.getByRole('button', { name: 'Make a key' }).click()
    await page.getByLabel('Name', { exact: true }).fill('the web shop')
    await page.getByLabel('Role', { exact: true }).selectOption('read')
    await page.getByText('May: looks at everything and changes nothing.').waitFor()
    await studio.checkAccessibility()
    await page.getByRole('button', { name: 'Make the key' }).click()
    const key = (await page.getByRole('group', { name: 'the key' }).textContent())!
    assert.match(key, /^tmt_/)
    await studio.checkAccessibility()
    await page.getByRole('button', { name: 'I have copied it' }).click()
    assert.equal((await server.call('GET', '/v1/overview', { key })).status, 200)
    await page.getByRole('row', { name: /the web shop read/ }).waitFor()
    assert.ok(!(await page.content()).includes(key), 'the key is shown once')

    await page.getByRole('button', { name: 'Revoke the web shop' }).click()
    await page.getByRole('alertdialog', { name: 'Revoke the key “the web shop”?' }).waitFor()
    await studio.checkAccessibility()
    await page.getByRole('button', { name: 'Go back' }).click()
    assert.equal((await server.call('GET', '/v1/overview', { key })).status, 200)
    await page.getByRole('button', { name: 'Revoke the web shop' }).click()
    await page.getByRole('button', { name: 'Revoke', exact: true }).last().click()
    await page.getByText('The key “the web shop” is revoked.', { exact: true }).waitFor()
    assert.equal((await server.call('GET', '/v1/overview', { key })).status, 401)
    await page.getByRole('button', { name: '1 revoked key' }).click()
    await page.getByRole('row', { name: /the web shop .* revoked/ }).waitFor()
    await studio.checkAccessibility()
    await studio.close()
  })

  it('make workspaces and the first key of one', async () => {
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/settings?tab=workspaces')
    await page.getByRole('button', { name: 'Make a workspace' }).click()
    await page.getByLabel('Name', { exact: true }).fill('default')
    await page.getByRole('button', { name: 'Make the workspace' }).click()
    await page
      .getByRole('dialog')
      .getByText(/has this name|already/)
      .waitFor()
    await page.getByLabel('Name', { exact: true }).fill('team blue')
    await page.getByRole('button', { name: 'Make the workspace' }).click()
    await page.getByRole('button', { name: 'Make a key for team blue' }).click()
    await page.getByLabel('Name', { exact: true }).fill('their admin')
    await page.getByRole('button', { name: 'Make the key' }).click()
    const key = (await page.getByRole('group', { name: 'the key' }).textContent())!
    const { body } = await server.call('GET', '/v1/session', { key })
    assert.equal(body.workspace.name, 'team blue')
    assert.equal(body.role, 'admin')
    await page.getByRole('button', { name: 'I have copied it' }).click()
    await studio.checkAccessibility()
    await studio.close()
  })

  it('test a provider on the spot', async () => {
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/settings?tab=providers')
    await page.getByRole('button', { name: 'Test default' }).click()
    await page.getByText('default answers and accepts the key.').waitFor()
    await page.getByText(/ · status 200 · \d+ models?$/).waitFor()
    assert.ok(!(await page.content()).includes('sk-a-secret'))
    await studio.checkAccessibility()
    await studio.close()
  })

  it('tell what the server was started with, and what the doctor finds', async () => {
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/settings?tab=server')
    await page.getByRole('row', { name: /TRAMONTANE_RETENTION_DAYS kept for ever/ }).waitFor()
    await studio.checkAccessibility()
    await page.getByRole('tab', { name: 'Doctor' }).click()
    await page.getByRole('row', { name: /database PostgreSQL .* answers/ }).waitFor()
    await page.getByText('Why a server does not start').waitFor()
    assert.match(page.url(), /tab=doctor/)
    await studio.checkAccessibility()
    await page.goBack()
    await page.getByRole('row', { name: /TRAMONTANE_RETENTION_DAYS/ }).waitFor()
    await studio.close()
  })

  it('make a link for another browser', async () => {
    const studio = await Studio.open(server, { key: await server.makeKey('member') })
    const { page } = studio
    await studio.goto('/settings?tab=browser')
    await page.getByRole('button', { name: 'Make a link' }).click()
    const url = (await page.getByRole('group', { name: 'the login link' }).textContent())!
    await studio.checkAccessibility()
    const other = await Studio.open(server, { key: null })
    await other.page.goto(url)
    await other.page.getByText('member · a member key').waitFor()
    await other.close()
    await studio.close()
  })

  it('offer nothing that the role may not do', async () => {
    const studio = await Studio.open(server, { key: await server.makeKey('member') })
    const { page } = studio
    await studio.goto('/settings')
    await page.getByText('What the roles may do').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Make a key' }).count(), 0)
    await page.getByRole('tab', { name: 'Doctor' }).click()
    await page.getByText('Only an admin of the default workspace sees this').waitFor()
    await studio.checkAccessibility()
    await studio.close()
  })
})
